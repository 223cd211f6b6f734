import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { inTransaction } from '../../src/db/pool'
import { readHabits } from '../../src/features/position-habits'
import { insert } from '../api/seed'
import { address, blockRef, CHAIN_ID, chain, createLedger, POOL, USDC, WETH } from '../scorer/ledger'
import { type TestDatabase, testDatabase } from '../support/database'

const [ALICE, BOB, LIQUIDATOR] = [address(1), address(2), address(3)]
const id = (account: string) => `${CHAIN_ID}:${account}`

describe('readHabits', () => {
  let db: TestDatabase
  beforeAll(async () => {
    db = await testDatabase({ chainIds: [chain.id] })
    const ledger = await createLedger(db.pool)
    const held = { account: ALICE, asset: WETH, supply: 1 }
    await ledger.write({ from: 0, blocks: [{}, { positions: [held, { ...held, asset: USDC }] }] })
  })
  afterAll(() => db.drop())
  beforeEach(async () => {
    await db.pool.query('DELETE FROM lending_event')
  })

  async function event(height: number, kind: string, over: Record<string, unknown> = {}): Promise<void> {
    await insert(db.pool, 'lending_event', {
      ...{
        id: `${height}:${kind}:${JSON.stringify(over).length}`,
        chain_id: CHAIN_ID,
        height,
        log_index: 0,
        sub_index: 0,
      },
      ...{
        block_hash: blockRef(height, 0).hash,
        timestamp: new Date(height * 1000),
        tx_hash: '0x',
        verified: true,
      },
      ...{ protocol: 'aave-v3', kind, account_id: id(ALICE), initiator_id: id(ALICE), amount: 1 },
      ...{ market_id: `${CHAIN_ID}:${POOL}:${WETH}`, asset_id: id(WETH) },
      ...over,
    })
  }
  const read = (height: number, accountIds?: string[]) =>
    inTransaction(db.pool, (tx) =>
      readHabits(tx, {
        at: { chainId: CHAIN_ID, height, hash: '0x', timestampSec: height * 1000 },
        accountIds,
      }),
    )
  const subject = `${CHAIN_ID}:${ALICE}:${POOL}`

  it('spans the markets of a pool, and knows nothing without actions', async () => {
    expect(await read(100)).toEqual(new Map())
    await event(10, 'supply')
    await event(20, 'borrow', { market_id: `${CHAIN_ID}:${POOL}:${USDC}`, asset_id: id(USDC) })
    expect(await read(100)).toEqual(new Map([[subject, { firstSec: 10, lastSec: 20 }]]))
    expect(await read(100, [id(BOB)])).toEqual(new Map())
    expect((await read(100, [id(ALICE)])).size).toBe(1)
  })

  it('does not see later blocks, what others did to him, nor what nobody vouches for', async () => {
    await event(10, 'supply')
    await event(30, 'liquidation', { initiator_id: id(LIQUIDATOR) })
    await event(31, 'collateralOn')
    await event(32, 'repay', { verified: false })
    await event(41, 'repay')
    expect((await read(40)).get(subject)).toEqual({ firstSec: 10, lastSec: 10 })
    expect((await read(41)).get(subject)).toEqual({ firstSec: 10, lastSec: 41 })
  })
})
