import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Hex } from '../../src/chains/types'
import { inTransaction } from '../../src/db/pool'
import { blockAt } from '../../src/features/blocks'
import { healthPath } from '../../src/features/health-path'
import { lendingColumns } from '../../src/features/lending-schema'
import { priceValues } from '../../src/features/market'
import { marketColumns } from '../../src/features/market-schema'
import { computePositions, healthToFloat } from '../../src/features/position'
import { lending, market, position } from '../../src/features/registry'
import { matrixOf, subjectsOf } from '../../src/features/table'
import type { FeatureGroup, FeatureTable } from '../../src/features/types'
import { address, CHAIN_ID, chain, createLedger, POOL, type TestBlock, USDC, WETH } from '../scorer/ledger'
import { type TestDatabase, testDatabase } from '../support/database'

const [A, C, D, E] = [1, 2, 3, 4].map(address) as [Hex, Hex, Hex, Hex]
const price = (usd: number) => ({ prices: [{ asset: WETH, usd }] })

/** A defends a position in a fall, C is liquidated in it, D never owed, E paid everything back. */
const blocks: TestBlock[] = [
  {},
  {
    prices: [
      { asset: WETH, usd: 2_000 },
      { asset: USDC, usd: 1 },
    ],
    positions: [
      ...[A, C, D, E].map((account) => ({ account, asset: WETH, supply: 10 })),
      { account: A, asset: USDC, debt: 11_000 },
      { account: C, asset: USDC, debt: 11_000 },
      { account: E, asset: USDC, debt: 5_000 },
    ],
    lending: [A, C, E].map((account) => ({ account, kind: 'borrow' as const, asset: USDC, amount: 5_000 })),
  },
  // Health 1.5 → 1.2: under stress from here on.
  price(1_600),
  {
    lending: [{ account: A, kind: 'repay', asset: USDC, amount: 3_000 }],
    positions: [{ account: A, asset: USDC, debt: 8_000 }],
  },
  price(1_300),
  {
    liquidations: [{ account: C, collateral: 1 }],
    positions: [
      { account: C, asset: WETH, supply: 5 },
      { account: C, asset: USDC, debt: 4_000 },
    ],
  },
  {
    lending: [
      { account: E, kind: 'repay', asset: USDC, amount: 5_000 },
      { account: D, kind: 'supply', asset: WETH, amount: 1 },
    ],
    positions: [{ account: E, asset: USDC, debt: 0 }],
  },
  price(1_900),
]

describe('health path', () => {
  it('of nothing is missing; of one sample it is that sample', () => {
    expect(healthPath([], []).mean).toBeNaN()
    expect(healthPath([{ timeSec: 5, health: 1.05 }], [5])).toEqual({
      min: 1.05,
      mean: 1.05,
      below110Share: 1,
      below125Share: 1,
      below150Share: 1,
    })
  })

  it('weighs by time, and leaves out time without debt', () => {
    const points = [
      { timeSec: 0, health: 2 },
      { timeSec: 3_600, health: 1.2 },
    ]
    expect(healthPath(points, [0, 3_600, 14_400])).toMatchObject({ min: 1.2, mean: 1.4, below125Share: 0.75 })
    expect(healthPath(points.slice(0, 1), [0, 3_600, 14_400])).toMatchObject({ mean: 2, below150Share: 0 })
  })
})

describe('price values', () => {
  it('without a price are missing; with one there is no volatility', () => {
    expect(priceValues([], 100)).toEqual([Number.NaN, Number.NaN, Number.NaN, Number.NaN])
    expect(priceValues([{ timeSec: 0, value: 5 }], 100)).toEqual([Number.NaN, Number.NaN, 0, 0])
  })

  it('forget peaks older than the window, but not the price with which it began', () => {
    const day = 86_400
    const history = [100, 50, 40, 45].map((value, i) => ({ timeSec: [0, 1, 20, 39][i]! * day, value }))
    const [, change, below, deepest] = priceValues(history, 40 * day)
    expect(change).toBe(Math.log(45 / 45))
    expect(below).toBeCloseTo(0.1, 12)
    expect(deepest).toBeCloseTo(0.2, 12)
  })
})

describe('lending and market features', () => {
  let db: TestDatabase
  const head = blocks.length - 1

  beforeAll(async () => {
    db = await testDatabase({ chainIds: [chain.id] })
    await (await createLedger(db.pool)).write({ from: 0, blocks })
  })
  afterAll(() => db.drop())

  const featuresOf = (
    group: Pick<FeatureGroup<never>, 'read' | 'compute'>,
    height: number,
  ): Promise<FeatureTable> =>
    inTransaction(db.pool, async (tx) =>
      group.compute(await group.read(tx, { chain, at: (await blockAt(tx, CHAIN_ID, height))! })),
    )
  function rowOf(features: FeatureTable, columns: readonly string[], subject: string) {
    const row = subjectsOf(features).indexOf(subject)
    if (row < 0) return undefined
    const values = matrixOf(features, columns).slice(row * columns.length, (row + 1) * columns.length)
    return Object.fromEntries(columns.map((name, i) => [name, values[i]!]))
  }
  const lendingOf = async (account: Hex, height = head) =>
    rowOf(await featuresOf(lending as never, height), lendingColumns, `${CHAIN_ID}:${account}:${POOL}`)

  /** Health by the `position` group, at one block. */
  async function healthAt(account: Hex, height: number): Promise<number> {
    const { standings } = await inTransaction(db.pool, async (tx) =>
      computePositions(await position.read(tx, { chain, at: (await blockAt(tx, CHAIN_ID, height))! })),
    )
    return healthToFloat(
      standings.find((one) => one.accountId === `${CHAIN_ID}:${account}`)!.healthFactorWad!,
    )
  }

  it('of who never owed anything do not exist', async () => {
    expect(await lendingOf(D)).toBeUndefined()
    expect(await lendingOf(A, 0)).toBeUndefined()
  })

  it('tell who defended a position from who was liquidated', async () => {
    const defender = await lendingOf(A)
    expect(defender).toMatchObject({
      repayCount30d: 1,
      stressedRepayCount30d: 1,
      borrowCount30d: 1,
      liquidationCount: 0,
    })
    expect(defender?.sinceLiquidationDays).toBeNaN()
    const liquidated = await lendingOf(C)
    expect(liquidated).toMatchObject({ repayCount30d: 0, liquidationCount: 1, liquidationCount30d: 1 })
    expect(liquidated?.sinceLiquidationDays).toBe(Math.fround(2 / 86_400))
  })

  it('have the health of `position` at the block, and the least of the sampled blocks', async () => {
    const values = await lendingOf(A)
    expect(values?.healthFactor).toBe(Math.fround(await healthAt(A, head)))
    const samples = await Promise.all([1, 2, 4, head].map((height) => healthAt(A, height)))
    expect(values?.minHealthFactor30d).toBeCloseTo(Math.min(...samples), 6)
    // Blocks are a second apart: 1 to 2, 2 to 4 and 4 to 7.
    expect(values?.meanHealthFactor30d).toBeCloseTo((samples[0]! + 2 * samples[1]! + 3 * samples[2]!) / 6, 6)
    expect(values?.below125Share30d).toBeCloseTo(2 / 6, 6)
    expect(values?.borrowPowerUsedShare).toBeCloseTo(8_000 / (10 * 1_900 * 0.8), 4)
  })

  it('of who paid everything back say what was, and nothing of now', async () => {
    const values = await lendingOf(E)
    expect([values?.borrowPowerUsedShare, values?.healthFactor]).toEqual([Number.NaN, Number.NaN])
    expect(values?.minHealthFactor30d).toBeGreaterThan(1)
    expect(values?.repayCount30d).toBe(1)
  })

  it('of markets: falls, use and dollars as of the block', async () => {
    const weth = `${CHAIN_ID}:${POOL}:${WETH}`
    const usdc = `${CHAIN_ID}:${POOL}:${USDC}`
    const features = await featuresOf(market as never, head)
    const values = rowOf(features, marketColumns, weth)
    expect(values?.maxDrawdown30d).toBe(Math.fround(1 - 1_300 / 2_000))
    expect(values?.belowPeakShare30d).toBe(Math.fround(1 - 1_900 / 2_000))
    expect(values).toMatchObject({
      utilization: 0,
      suppliedUsd: 35 * 1_900,
      borrowedUsd: 0,
      depth2PctUsd: Number.NaN,
    })
    // Debt in USDC, and nobody supplies it: the use of nothing is not a number.
    const debt = rowOf(features, marketColumns, usdc)
    expect(debt?.borrowedUsd).toBeCloseTo(12_000, 0)
    expect(debt?.utilization).toBeNaN()
  })

  it('of markets miss dollars where decimals are unknown, rather than take them for zero', async () => {
    await db.pool.query('UPDATE asset SET decimals = NULL WHERE address = $1', [WETH])
    const values = rowOf(
      await featuresOf(market as never, head),
      marketColumns,
      `${CHAIN_ID}:${POOL}:${WETH}`,
    )
    expect([values?.suppliedUsd, values?.borrowedUsd, values?.utilization]).toEqual([
      Number.NaN,
      Number.NaN,
      0,
    ])
  })
})
