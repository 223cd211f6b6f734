/** Notes of Maker's contracts in captured mainnet blocks, read a second time by viem as the calls they are. */
import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { createGunzip } from 'node:zlib'
import { decodeAbiParameters, decodeFunctionData } from 'viem'
import { expect, it } from 'vitest'
import type { Hex } from '../../../src/chains/types'
import { NOTE } from '../../../src/protocols/maker/note'
import { dataPath, describeWithData } from '../../support/data'
import { block } from '../../support/logs'
import { ABI, createFold, VAT } from './notes'

const PATHS = ['captures/ethereum-17686110.ndjson.gz', 'captures/ethereum-single-blocks.ndjson.gz']

interface CapturedLog {
  address: Hex
  topics: Hex[]
  data: Hex
  logIndex: Hex
  transactionHash: Hex
}

describeWithData('captured notes', PATHS, () => {
  it('of vaults become the facts that viem reads from their calldata', async () => {
    let [vaults, folds] = [0, 0]
    for (const path of PATHS) {
      const lines = createInterface({ input: createReadStream(dataPath(path)!).pipe(createGunzip()) })
      for await (const line of lines) {
        const { receipts } = JSON.parse(line) as { receipts: { logs: CapturedLog[] }[] }
        for (const log of receipts.flatMap((receipt) => receipt.logs)) {
          if (
            log.address.toLowerCase() !== VAT ||
            !Object.values(NOTE).some((topic) => topic === log.topics[0])
          )
            continue
          const at = {
            block: block(1),
            logIndex: Number(log.logIndex),
            txIndex: 0,
            txHash: log.transactionHash,
          }
          const { facts, undecodable } = createFold().fold({ ...log, ...at, address: VAT })
          expect(undecodable).toEqual([])
          const [calldata] = decodeAbiParameters([{ type: 'bytes' }], log.data)
          const call = decodeFunctionData({ abi: ABI, data: calldata })
          if (call.functionName === 'fold') folds++
          if (call.functionName !== 'frob') continue
          const [ilk, urn, , , dink, dart] = call.args
          vaults++
          expect(facts).toHaveLength(Number(dink !== 0n) + Number(dart !== 0n))
          for (const fact of facts)
            expect(fact).toMatchObject({ pool: ilk, account: urn.toLowerCase(), verified: true })
          const debt = facts.find(
            (fact) => fact.table === 'lending_event' && (fact.kind === 'borrow' || fact.kind === 'repay'),
          )
          if (dart !== 0n)
            expect(debt).toMatchObject({
              kind: dart > 0n ? 'borrow' : 'repay',
              amount: dart < 0n ? -dart : dart,
            })
        }
      }
    }
    console.info(`captured notes: ${vaults} of vaults, ${folds} of rates`)
    expect(vaults).toBeGreaterThan(0)
  })
})
