/** A market's life through the processor's store, which is closed and opened again midway: rows equal the model's numbers. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { ChainSpec, Hex } from '../../../src/chains/types'
import type { SourceBlock } from '../../../src/processor/block'
import { blockOf, MADE_CHAIN, TOKEN } from '../../support/chain-maker'
import { type TestDatabase, testDatabase } from '../../support/database'
import { ALICE, BOB, CAROL } from '../../support/event-logs'
import { block, log } from '../../support/logs'
import { type Act, liveThrough } from '../../support/morpho-model'
import { commitFinal, openTestStore } from '../../support/store-driver'

const [morpho, oracle, fees, weth]: Hex[] = ['b0', 'c0', 'fe', 'ee'].map(
  (byte): Hex => `0x${byte.repeat(20)}`,
)
const ID: Hex = `0x${'1d'.repeat(32)}`
const USERS = [ALICE, BOB, CAROL]
const chain: ChainSpec = {
  ...MADE_CHAIN,
  tokens: [...MADE_CHAIN.tokens, { address: weth!, symbol: 'WETH', name: 'Wrapped Ether', decimals: 18 }],
  contracts: [
    { address: morpho!, protocol: 'morpho-blue', role: 'morpho', label: 'Morpho', deployedAtBlock: 0 },
  ],
}
/** Lends, borrows, accrues, pays back, is liquidated with bad debt: every kind of act, over and over. */
const LIFE: Act[] = Array.from({ length: 80 }, (_, n): Act => [(n * 7) % 10, (n * 5) % 3, (n * 331) % 1_001])
const model = liveThrough(LIFE, { morpho: morpho!, market: ID, users: USERS, fees: fees! })

function blocks(): SourceBlock[] {
  const params = [TOKEN, weth!, oracle!, `0x${'0'.repeat(40)}` as Hex, 860_000_000_000_000_000n]
  const opening = [
    log(morpho!, 'SetFeeRecipient(address)', [fees!], []),
    log(morpho!, 'CreateMarket(bytes32,(address,address,address,address,uint256))', [ID], params),
  ]
  return [[], opening, ...model.logs.map((each) => [each])].map((logs, height) =>
    blockOf(
      block(chain.id, height, 1_700_000_000 + height),
      logs.map(({ address, topics, data }) => ({ address, topics: [...topics], data })),
    ),
  )
}

let db: TestDatabase
beforeAll(async () => {
  db = await testDatabase({ chainIds: [chain.id] })
})
afterAll(() => db.drop())

it('is kept exactly, over a restart, as rows, versions, exposures and facts', async () => {
  const made = blocks()
  const middle = Math.floor(made.length / 2)
  for (const range of [
    { after: -1, to: middle },
    { after: middle, to: made.length - 1 },
  ]) {
    const store = openTestStore(db, { chain })
    await store.connect()
    await commitFinal(store, made, range)
    await store.close()
  }
  const loan = `${chain.id}:${ID}:${TOKEN}`
  const [market] = (await db.pool.query('SELECT pool, state, complete FROM market WHERE id = $1', [loan]))
    .rows
  expect(market).toMatchObject({ pool: ID, complete: true })
  expect(market.state).toMatchObject({
    totalSupplyAssets: String(model.totals.supplyAssets),
    totalSupplyShares: String(model.totals.supplyShares),
    totalBorrowAssets: String(model.totals.borrowAssets),
    totalBorrowShares: String(model.totals.borrowShares),
  })
  const { rows } = await db.pool.query('SELECT * FROM position ORDER BY account_id, market_id')
  for (const user of [...USERS, fees!]) {
    const of = (marketId: string) =>
      rows.find((row) => row.account_id === `${chain.id}:${user}` && row.market_id === marketId)
    const kept = [
      of(loan)?.scaled_supply,
      of(loan)?.scaled_debt,
      of(`${chain.id}:${ID}:${weth}`)?.scaled_supply,
    ]
    expect(kept.map((value) => BigInt(value ?? 0))).toEqual(model.held(user))
  }
  const { rows: exposures } = await db.pool.query(
    'SELECT supplied_amount FROM exposure WHERE market_id = $1',
    [loan],
  )
  const lent = exposures.reduce((sum, row) => sum + BigInt(row.supplied_amount), 0n)
  expect(lent).toBeLessThanOrEqual(model.totals.supplyAssets)
  expect(lent).toBeGreaterThan((model.totals.supplyAssets * 99n) / 100n)
  const count = async (table: string) =>
    Number((await db.pool.query(`SELECT count(*) AS n FROM ${table}`)).rows[0].n)
  const accruals = LIFE.filter(([kind]) => kind === 8).length
  expect(await count('lending_event')).toBe(model.logs.length - accruals)
  expect(await count('quarantine')).toBe(0)
  expect(await count('market_version')).toBeGreaterThan(model.logs.length / 2)
}, 60_000)
