import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Book } from '../../../src/systemic/book'
import { parseBook } from '../../../src/systemic/book-json'
import { STRESS_DEFAULTS } from '../../../src/systemic/stress/request'
import { runStress } from '../../../src/systemic/stress/run'
import type { StressRequest } from '../../../src/systemic/stress/types'
import { withoutPosition, withTighterThreshold } from '../../../src/systemic/stress/variants'

interface Account {
  /** Units of ether and of bitcoin as collateral, and dollars owed of two kinds. */
  eth: number
  btc: number
  usdc: number
  dai: number
}

function bookOf(accounts: readonly Account[], depth: object | null = { reserve: 400, fee: 0.003 }): Book {
  const holding = (market: string, units: number) => (units > 0 ? [{ market, units }] : [])
  return parseBook(
    JSON.stringify({
      assets: [
        { id: '1:eth', symbol: 'WETH', priceUsd: 2_000, ...(depth && { depth }) },
        { id: '1:btc', symbol: 'WBTC', priceUsd: 40_000 },
        { id: '1:usdc', symbol: 'USDC', priceUsd: 1 },
        { id: '1:dai', symbol: 'DAI', priceUsd: 1 },
      ],
      pools: [
        { id: '1:a', protocol: 'aave-v3', close: { closeShare: 0.5, closeHealth: 0.95 } },
        { id: '1:b', protocol: 'morpho-blue' },
      ],
      markets: ['a', 'b'].flatMap((pool) => [
        { id: `1:${pool}:eth`, pool: `1:${pool}`, asset: '1:eth', threshold: 0.83, bonus: 1.05 },
        { id: `1:${pool}:btc`, pool: `1:${pool}`, asset: '1:btc', threshold: 0.75, bonus: 1.1 },
        { id: `1:${pool}:usdc`, pool: `1:${pool}`, asset: '1:usdc' },
        { id: `1:${pool}:dai`, pool: `1:${pool}`, asset: '1:dai' },
      ]),
      positions: accounts.map(({ eth, btc, usdc, dai }, i) => {
        const pool = i % 2 === 0 ? '1:a' : '1:b'
        return {
          account: `1:account-${String(i).padStart(2, '0')}`,
          pool,
          collateral: [...holding(`${pool}:eth`, eth), ...holding(`${pool}:btc`, btc)],
          debt: [...holding(`${pool}:usdc`, usdc), ...holding(`${pool}:dai`, dai)],
        }
      }),
    }),
  )
}

const accounts: Account[] = [
  { eth: 10, btc: 0, usdc: 15_500, dai: 0 },
  { eth: 40, btc: 0, usdc: 40_000, dai: 20_000 },
  { eth: 0, btc: 1, usdc: 0, dai: 29_000 },
  { eth: 5, btc: 0.2, usdc: 13_000, dai: 0 },
  { eth: 100, btc: 0, usdc: 30_000, dai: 0 },
]
const book = bookOf(accounts)
const request = (over: Partial<StressRequest> = {}): StressRequest => ({
  ...STRESS_DEFAULTS,
  ...{ scenario: 'eth-30', scenarios: 300, gasUsd: 0 },
  ...over,
})
const { elapsedMs: _, ...result } = runStress(book, request())

/** Positions in another order. */
function reversed(list: readonly Account[]): Book {
  const whole = JSON.parse(JSON.stringify(list)) as Account[]
  const forward = bookOf(whole)
  const count = list.length
  const order = Array.from({ length: count }, (_, i) => count - 1 - i)
  const { positions } = forward
  const rows = (start: Int32Array) => order.flatMap((i) => range(start[i]!, start[i + 1]!))
  const starts = (start: Int32Array) => {
    const next = new Int32Array(count + 1)
    order.forEach((i, at) => {
      next[at + 1] = next[at]! + start[i + 1]! - start[i]!
    })
    return next
  }
  const [c, d] = [rows(positions.collateralStart), rows(positions.debtStart)]
  return {
    ...forward,
    positions: {
      accountIds: order.map((i) => positions.accountIds[i]!),
      pool: Int32Array.from(order, (i) => positions.pool[i]!),
      collateralStart: starts(positions.collateralStart),
      collateralMarket: Int32Array.from(c, (k) => positions.collateralMarket[k]!),
      collateralUnits: Float64Array.from(c, (k) => positions.collateralUnits[k]!),
      collateralThreshold: Float64Array.from(c, (k) => positions.collateralThreshold[k]!),
      collateralBonus: Float64Array.from(c, (k) => positions.collateralBonus[k]!),
      debtStart: starts(positions.debtStart),
      debtMarket: Int32Array.from(d, (k) => positions.debtMarket[k]!),
      debtUnits: Float64Array.from(d, (k) => positions.debtUnits[k]!),
    },
  }
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, k) => from + k)
}

describe('a stress test', () => {
  it.each([
    [{ scenarios: 0 }, '0 scenarios: give a whole number'],
    [{ scenarios: 2.5 }, '2.5 scenarios'],
    [{ scenarios: 1e9 }, 'give a whole number from 1 to 1000000'],
    [{ levels: [] }, '0 levels'],
    [{ levels: [1] }, 'level is 1'],
    [{ levels: [Number.NaN] }, 'level is NaN'],
    [{ gasUsd: -1 }, 'gasUsd is negative'],
    [{ seed: Number.NaN }, 'seed is NaN'],
    [{ markets: ['1:c'] }, '1:c is neither a market nor a pool'],
    [{ markets: [] }, 'no market is asked for'],
    [{ scenario: 'nothing' }, 'no scenario is called nothing'],
  ])('over %j is refused', (over, message) => {
    expect(() => runStress(book, request(over))).toThrow(message)
  })

  it('over a book in which nobody owes anything is refused, and says who was left out', () => {
    const empty = { ...bookOf([]), withheld: [{ reason: 'unknown', positions: 3 }] }
    expect(() => runStress(empty, request())).toThrow('nobody in it owes anything')
  })

  it('is the same for the same seed, and another for another', () => {
    const { elapsedMs, ...again } = runStress(book, request())
    expect(again).toEqual(result)
    expect(elapsedMs).toBe(0)
    const other = runStress(book, request({ seed: 2 }))
    expect(other.total).not.toEqual(result.total)
    expect(other.modelSha256).not.toBe(result.modelSha256)
  })

  it('adds up: expectations of markets, assets and protocols are those of the whole', () => {
    for (const parts of [result.byMarket, result.byAsset, result.byProtocol])
      for (const figure of ['expectedBadDebtUsd', 'expectedFirstRoundUsd', 'expectedLiquidatedUsd'] as const)
        expect(parts.reduce((sum, part) => sum + part[figure], 0)).toBeCloseTo(result.total[figure], 6)
    expect(result.total.expectedBadDebtUsd).toBeGreaterThan(0)
    expect(result.total.expectedBadDebtUsd).toBeLessThan(result.debtUsd)
  })

  it('has figures in their order: mean, value at risk, shortfall, worst', () => {
    const [lower, upper] = result.total.risk
    expect(lower!.badDebtVarUsd).toBeLessThanOrEqual(upper!.badDebtVarUsd)
    expect(upper!.badDebtVarUsd).toBeLessThanOrEqual(upper!.badDebtEsUsd)
    expect(upper!.badDebtEsUsd).toBeLessThanOrEqual(result.total.worstBadDebtUsd)
    expect(upper!.liquidationsAtRiskUsd).toBeGreaterThanOrEqual(lower!.liquidationsAtRiskUsd)
  })

  it('of some markets has their figures, as they are within the whole', () => {
    const part = runStress(book, request({ markets: ['1:b'] }))
    const whole = result.byMarket.filter(({ id }) => id.startsWith('1:b:'))
    expect(part.byMarket).toEqual(whole)
    expect(part.total.expectedBadDebtUsd).toBeCloseTo(
      whole.reduce((sum, one) => sum + one.expectedBadDebtUsd, 0),
      6,
    )
  })

  it('says of a position what the book without it would have lost less', () => {
    expect(result.contributionScenarios).toBe(300)
    expect(result.topPositions.length).toBeGreaterThan(0)
    for (const { id, marginalBadDebtUsd } of result.topPositions) {
      const i = book.positions.accountIds.findIndex((account) => id.startsWith(`${account}:`))
      const without = runStress(withoutPosition(book, i), request())
      expect(marginalBadDebtUsd).toBeCloseTo(
        result.total.expectedBadDebtUsd - without.total.expectedBadDebtUsd,
        6,
      )
    }
  })

  it('says of a threshold what a point tighter would have lost less', () => {
    expect(result.topParameters.length).toBeGreaterThan(0)
    for (const { id, marginalBadDebtUsd } of result.topParameters) {
      const m = book.markets.findIndex((market) => id === `${market.id}.threshold`)
      const tighter = runStress(withTighterThreshold(book, m), request())
      expect(marginalBadDebtUsd).toBeCloseTo(
        result.total.expectedBadDebtUsd - tighter.total.expectedBadDebtUsd,
        6,
      )
    }
  })

  it('tells the middle of the draws round by round, with all that it liquidates and loses', () => {
    const alone = runStress(book, request({ scenarios: 1 }))
    const sum = (of: 'liquidatedUsd' | 'badDebtUsd') =>
      result.contagion.flatMap(({ markets }) => markets).reduce((all, market) => all + market[of], 0)
    expect(sum('liquidatedUsd')).toBeCloseTo(alone.total.expectedLiquidatedUsd, 6)
    expect(sum('badDebtUsd')).toBeCloseTo(alone.total.expectedBadDebtUsd, 2)
    expect(result.contagion.map(({ round }) => round)).toEqual(result.contagion.map((_, at) => at + 1))
    expect(result.contagion[0]!.prices[0]).toMatchObject({ symbol: 'WETH' })
    expect(result.contagion[0]!.prices[0]!.multiplier).toBeLessThan(0.7)
  })

  it('names assets whose prices nothing moves, and carries on what the book left out', () => {
    expect(result.withoutDepth).toEqual(['1:btc', '1:usdc', '1:dai'])
    const withheld = [{ reason: 'unknown', positions: 3 }]
    const unpriced = [
      { assetId: '1:x', symbol: 'X', suppliedUnits: 4, borrowedUnits: 0, positions: 1, reason: 'no price' },
    ]
    expect(runStress({ ...book, withheld, unpriced }, request())).toMatchObject({ withheld, unpriced })
  })

  it('tells bad debt that is there already from what the scenario brings about', () => {
    const lost = bookOf([...accounts, { eth: 0, btc: 0, usdc: 700, dai: 0 }])
    expect(result.presentBadDebtUsd).toBe(0)
    expect(runStress(lost, request()).presentBadDebtUsd).toBeCloseTo(700, 9)
  })

  it('says who is liquidatable at the drawn prices, and what would be lost if all were sold at them', () => {
    const alone = runStress(book, request({ scenarios: 1 }))
    const [ether, bitcoin] = [
      1_400,
      40_000 * alone.scenario.central.find(({ symbol }) => symbol === 'WBTC')!.multiplier,
    ]
    const expected = accounts.map(({ eth, btc, usdc, dai }) => {
      const owed = usdc + dai
      const isUnhealthy = eth * ether * 0.83 + btc * bitcoin * 0.75 < owed
      return {
        isUnhealthy,
        lost: isUnhealthy ? Math.max(0, owed - (eth * ether) / 1.05 - (btc * bitcoin) / 1.1) : 0,
      }
    })
    const unhealthy = expected.filter(({ isUnhealthy }) => isUnhealthy).length
    expect(unhealthy).toBeGreaterThan(1)
    expect(alone).toMatchObject({ expectedUnhealthy: unhealthy, mostUnhealthy: unhealthy })
    const lost = expected.reduce((sum, one) => sum + one.lost, 0)
    expect(lost).toBeGreaterThan(2_000)
    expect(alone.total.expectedFirstRoundUsd).toBeCloseTo(lost, 6)
    expect(result.mostUnhealthy).toBeGreaterThanOrEqual(result.expectedUnhealthy)
  })

  it('says how far it is, and ends when its caller throws', () => {
    const seen: [number, number][] = []
    runStress(book, request({ scenarios: 5_000 }), { onProgress: (done, of) => seen.push([done, of]) })
    expect(seen.length).toBeGreaterThan(2)
    const [done, of] = seen.at(-1)!
    expect(done).toBe(of)
    const stop = () => {
      throw new Error('enough')
    }
    expect(() => runStress(book, request(), { onProgress: stop })).toThrow('enough')
  })
})

const anyAccount = fc.record({
  eth: fc.integer({ min: 0, max: 60 }),
  btc: fc.integer({ min: 0, max: 3 }),
  usdc: fc.integer({ min: 1, max: 90_000 }),
  dai: fc.integer({ min: 0, max: 40_000 }),
})
const anyBook = fc.array(anyAccount, { minLength: 1, maxLength: 12 })

describe('a stress test, whatever the book', () => {
  it('does not depend on the order of positions', () => {
    fc.assert(
      fc.property(anyBook, (list) => {
        const [one, other] = [
          runStress(bookOf(list), request({ scenarios: 20 })),
          runStress(reversed(list), request({ scenarios: 20 })),
        ]
        const figures = [
          'expectedBadDebtUsd',
          'expectedFirstRoundUsd',
          'expectedLiquidatedUsd',
          'worstBadDebtUsd',
        ] as const
        for (const figure of figures) expect(other.total[figure]).toBeCloseTo(one.total[figure], 4)
        expect(other.expectedUnhealthy).toBe(one.expectedUnhealthy)
      }),
      { numRuns: 60 },
    )
  })

  it('loses no less after a deeper shock, where sales do not move prices', () => {
    fc.assert(
      fc.property(anyBook, fc.integer({ min: 1, max: 99 }), (list, percent) => {
        const still = bookOf(list, null)
        const lost = (fall: number) =>
          runStress(still, request({ scenario: `all-${fall}`, scenarios: 1, exit: 'oracle' })).total
            .expectedBadDebtUsd
        expect(lost(percent + 1)).toBeGreaterThanOrEqual(lost(percent) - 1e-6)
      }),
      { numRuns: 60 },
    )
  })

  it('never loses more than is owed', () => {
    fc.assert(
      fc.property(anyBook, fc.constantFrom('eth-90', 'student-t', 'replay-2020-03'), (list, scenario) => {
        const { total, debtUsd } = runStress(bookOf(list), request({ scenarios: 20, scenario }))
        // Stablecoins that are owed may cost a little more in a draw.
        expect(total.worstBadDebtUsd).toBeLessThanOrEqual(debtUsd * 1.02)
      }),
      { numRuns: 40 },
    )
  })
})
