/** Real blocks of several chains, replayed from files through the real evm-processor into Postgres. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startGateway } from '../../src/source/gateway'
import { dataPath, describeWithData } from '../support/data'
import { testDatabase } from '../support/database'
import { spawnProcessor, testChain } from '../support/processor'

const ETHEREUM = 'captures/ethereum-17686110.ndjson.gz'

describeWithData('18 blocks of Ethereum', [ETHEREUM], () => {
  it('replays', async () => {
    const db = await testDatabase({ chainIds: [1] })
    const gateway = await startGateway(dataPath(ETHEREUM)!)
    const t = Date.now()
    const p = spawnProcessor({ chain: testChain({ id: 1, name: 'ethereum' }), databaseUrl: db.url, gatewayUrl: gateway.url, fromBlock: 17686110 })
    console.log(await p.exited, Date.now() - t)
    console.log(p.output())
    for (const t of ['block','transaction','token_transfer','token_approval','lending_event','swap','price_update','flash_loan','admin_action','account','asset','account_event','quarantine','market','batch','coverage'])
      console.log(t, (await db.pool.query(`select count(*) from "${t}"`)).rows[0].count)
    console.log((await db.pool.query('select * from batch')).rows, (await db.pool.query('select * from quarantine limit 5')).rows)
    await gateway.close()
    await db.drop()
  })
})
