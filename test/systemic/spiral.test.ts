import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../src/math/statistics'
import { constantProductDepth, type PriceDepth } from '../../src/systemic/depth'
import { aaveTerms, morphoTerms } from '../../src/systemic/rules/terms'
import { badDebtUsd, runSpiral } from '../../src/systemic/spiral'
import { planSpiral, type SpiralInput } from '../../src/systemic/spiral-pairs'
import { spiralRound } from '../../src/systemic/spiral-round'
import { runScenarios } from '../../src/systemic/spiral-scenarios'
import { startSpiral } from '../../src/systemic/spiral-state'
import { describeWithData } from '../support/data'
import { largestDifference, REFERENCE_FILE, referenceCase } from './reference-cases'

const AAVE = aaveTerms('v3.0', { thresholdBps: 8000n, bonusBps: 10_500n })
const MORPHO = morphoTerms(860_000_000_000_000_000n)
const USD = { name: 'usd', depth: { kind: 'unmoved' } as PriceDepth }

function inputOf(
  rows: readonly [market: number, collateral: number, debt: number][],
  depth: PriceDepth,
): SpiralInput {
  return {
    assets: [{ name: 'eth', depth }, USD],
    markets: [
      { name: 'aave', collateralAsset: 0, debtAsset: 1, terms: AAVE },
      { name: 'morpho', collateralAsset: 0, debtAsset: 1, terms: MORPHO },
    ],
    positions: {
      market: Int32Array.from(rows, (row) => row[0]),
      collateral: Float64Array.from(rows, (row) => row[1]),
      debt: Float64Array.from(rows, (row) => row[2]),
    },
    gasUsd: 0,
    exit: 'oracle',
  }
}

const at = (ethUsd: number) => Float64Array.of(ethUsd, 1)
const total = (values: Float64Array) => values.reduce((a, b) => a + b, 0)

/** Positions that are sound at a price of 100. */
const book = fc.array(
  fc
    .record({
      market: fc.nat(1),
      collateral: fc.integer({ min: 0, max: 500 }),
      used: fc.integer({ min: 0, max: 99 }),
    })
    .map(({ market, collateral, used }): [number, number, number] => {
      const threshold = market === 0 ? 0.8 : 0.86
      return [market, collateral, (collateral * 100 * threshold * used) / 100]
    }),
  { minLength: 1, maxLength: 30 },
)
const depths = fc.constantFrom<PriceDepth>(
  { kind: 'unmoved' },
  { kind: 'linear', units: 3_000 },
  constantProductDepth({ reserve: 2_000, price: 100, fee: 0.003 }),
)
const shocks = fc.integer({ min: 0, max: 100 }).map((percent) => percent / 100)
const exits = fc.constantFrom('oracle' as const, 'pool' as const)

describe('a spiral', () => {
  const good = inputOf([[0, 100, 7_000]], { kind: 'linear', units: 1_000 })

  it.each([
    [{ ...good, assets: [] }, 'there are no assets'],
    [{ ...good, markets: [] }, 'there are no markets'],
    [inputOf([], USD.depth), 'the markets are empty'],
    [inputOf([[0, -1, 2]], USD.depth), 'collateral of position 0 is negative: -1'],
    [inputOf([[0, 1, Number.NaN]], USD.depth), 'debt of position 0 is NaN'],
    [inputOf([[2, 1, 1]], USD.depth), 'position 0 is in market 2, which is not given'],
    [inputOf([[0, 1, 1]], { kind: 'linear', units: 0 }), 'depth of eth is 0'],
    [inputOf([[0, 1, 1]], { kind: 'linear', units: -4 }), 'depth of eth is negative'],
    [
      inputOf([[0, 1, 1]], {
        kind: 'ranges',
        sqrtLow: new Float64Array(0),
        sqrtHigh: new Float64Array(0),
        liquidity: new Float64Array(0),
        fee: 0,
      }),
      'the pool of eth has no liquidity',
    ],
    [{ ...good, gasUsd: -1 }, 'gasUsd is negative'],
    [{ ...good, maxRounds: 0 }, 'maxRounds is 0'],
    [
      { ...good, markets: [{ ...good.markets[0]!, debtAsset: 7 }, good.markets[1]!] },
      'the debt of market aave is asset 7',
    ],
  ])('over what cannot be is refused: %#', (input, message) => {
    expect(() => planSpiral(input as SpiralInput)).toThrow(message)
  })

  it.each([
    [at(Number.NaN), 'price of eth is NaN'],
    [at(-1), 'price of eth is negative'],
    [Float64Array.of(1), '1 prices for 2 assets'],
  ])('at prices that cannot be is refused: %#', (prices, message) => {
    expect(() => runSpiral(planSpiral(good), prices)).toThrow(message)
  })

  it('refuses scenarios without rows, or cut off', () => {
    expect(() => runScenarios(planSpiral(good), new Float64Array(0))).toThrow('no whole number of scenarios')
    expect(() => runScenarios(planSpiral(good), new Float64Array(3))).toThrow('no whole number of scenarios')
    expect(() => runScenarios(planSpiral(good), new Float64Array(2_000_002))).toThrow('too many')
  })

  it('over sound positions ends at once', () => {
    const outcome = runSpiral(planSpiral(good), at(100))
    expect([outcome.rounds, outcome.liquidations, total(outcome.badDebtUsd)]).toEqual([0, 0, 0])
  })

  it('at a price of nothing has no liquidator: all debt is bad', () => {
    const outcome = runSpiral(planSpiral(good), at(0))
    expect([outcome.liquidations, total(outcome.badDebtUsd)]).toEqual([0, 7_000])
  })

  it('reaches a market whose own positions the shock left sound, through its collateral', () => {
    const rows: [number, number, number][] = [
      [0, 100, 7_900],
      [1, 100, 7_500],
    ]
    const shallow = runSpiral(planSpiral(inputOf(rows, { kind: 'linear', units: 400 })), at(95))
    const deep = runSpiral(planSpiral(inputOf(rows, { kind: 'unmoved' })), at(95))
    expect(deep.liquidatedUsd[1]).toBe(0)
    expect(shallow.liquidatedUsd[1]).toBeGreaterThan(0)
  })

  it('leaves alone what does not pay for gas, and counts what it lacks', () => {
    const rows: [number, number, number][] = [
      [0, 1, 79],
      [0, 1_000, 79_000],
    ]
    const outcome = runSpiral(planSpiral({ ...inputOf(rows, USD.depth), gasUsd: 10 }), at(70))
    expect(outcome.debt[0]).toBe(79)
    expect(outcome.debt[1]).toBe(0)
    expect(total(outcome.badDebtUsd)).toBeCloseTo(1_001 * (79 - 70 / 1.05), 6)
  })

  it('into a shallow pool goes by steps that pay, and leaves what the pool cannot take', () => {
    const rows: [number, number, number][] = [[0, 1_000, 79_000]]
    const pool = constantProductDepth({ reserve: 5_000, price: 100, fee: 0.003 })
    const plan = planSpiral({ ...inputOf(rows, pool), exit: 'pool', gasUsd: 50 })
    const state = startSpiral(plan, at(95))
    expect(spiralRound(plan, state)).toBe(1)
    // The first liquidator stops where the price has given up the bonus.
    expect(state.prices[0]! / 95).toBeCloseTo(1 / 1.05, 6)
    const outcome = runSpiral(plan, at(95))
    expect(outcome.settled).toBe(true)
    expect(total(outcome.proceedsUsd)).toBeGreaterThan(
      total(outcome.liquidatedUsd) + 50 * outcome.liquidations,
    )
    expect(total(outcome.badDebtUsd)).toBeGreaterThan(0)
  })

  it('makes no room in the pool for offers that cannot pay the gas', () => {
    const large: [number, number, number] = [0, 1_000, 77_500]
    // Of health 0.97 half may be repaid, for a bonus of 6.2; all of it, below 0.95, for 12.4.
    const small = Array.from({ length: 500 }, (): [number, number, number] => [0, 3.23, 250])
    const pool = constantProductDepth({ reserve: 5_000, price: 100, fee: 0.003 })
    const terms = { exit: 'pool', gasUsd: 10 } as const
    const [alone, among] = [[large], [large, ...small]].map((rows) => {
      const plan = planSpiral({ ...inputOf(rows, pool), ...terms })
      const state = startSpiral(plan, at(94))
      expect(spiralRound(plan, state)).toBe(1)
      return state
    })
    expect(among!.prices[0]).toBe(alone!.prices[0])
    expect(among!.liquidatedUsd).toEqual(alone!.liquidatedUsd)
  })

  it('liquidates whole, once its health allows that, what a part would not pay the gas for', () => {
    const plan = planSpiral({ ...inputOf([[0, 3.23, 250]], USD.depth), gasUsd: 10 })
    expect(runSpiral(plan, at(94)).liquidations).toBe(0)
    expect(runSpiral(plan, at(90)).liquidations).toBe(1)
  })

  it('wakes such a one when a fall takes it there', () => {
    // The large one's sale takes the price from 94 to below 91, where the small one's health is below 0.95.
    const plan = planSpiral({
      ...inputOf(
        [
          [0, 3.23, 250],
          [0, 1_000, 77_500],
        ],
        { kind: 'linear', units: 12_000 },
      ),
      gasUsd: 10,
    })
    const outcome = runSpiral(plan, at(94))
    expect(outcome.debt[0]).toBe(0)
    expect(outcome.rounds).toBeGreaterThan(1)
  })

  it('can end better after a deeper shock: the unsound go before the fall', () => {
    const rows: [number, number, number][] = [
      [0, 100, 7_800],
      [0, 1_000, 79_900],
    ]
    const plan = planSpiral(inputOf(rows, { kind: 'linear', units: 1_000 }))
    const [slight, deep] = [runSpiral(plan, at(98)), runSpiral(plan, at(90))]
    expect(total(slight.badDebtUsd)).toBeGreaterThan(total(deep.badDebtUsd))
  })
})

describe('a spiral, whatever the book', () => {
  it('conserves collateral and debt in every step, and never leaves the protocol worse at the prices of the step', () => {
    fc.assert(
      fc.property(book, depths, shocks, exits, (rows, depth, shock, exit) => {
        const plan = planSpiral({ ...inputOf(rows, depth), exit, gasUsd: 1 })
        const state = startSpiral(plan, at(100 * (1 - shock)))
        const held = total(state.collateral)
        const owed = total(state.debt)
        for (let round = 0; round < 500; round++) {
          const prices = Float64Array.from(state.prices)
          const before = total(badDebtUsd(plan, state))
          if (spiralRound(plan, state) === 0) break
          const after = total(badDebtUsd(plan, { ...state, prices }))
          expect(after).toBeLessThanOrEqual(before + 1e-9 * owed)
          expect(Math.abs(held - total(state.collateral) - state.soldUnits[0]!)).toBeLessThanOrEqual(
            1e-9 * held,
          )
          const gone = total(state.repaidUnits) + total(state.writtenOffUnits)
          expect(Math.abs(owed - total(state.debt) - gone)).toBeLessThanOrEqual(1e-9 * owed)
          expect(total(state.proceedsUsd)).toBeLessThanOrEqual(
            100 * (1 - shock) * state.soldUnits[0]! * (1 + 1e-9),
          )
          expect(state.prices[0]).toBeLessThanOrEqual(prices[0]!)
        }
      }),
      { numRuns: 200 },
    )
  })

  it('comes to rest, where one more round does nothing', () => {
    fc.assert(
      fc.property(book, depths, shocks, exits, (rows, depth, shock, exit) => {
        const plan = planSpiral({ ...inputOf(rows, depth), exit, gasUsd: 1 })
        const outcome = runSpiral(plan, at(100 * (1 - shock)))
        expect(outcome.settled).toBe(true)
        expect(spiralRound(plan, { ...outcome })).toBe(0)
      }),
      { numRuns: 100 },
    )
  })

  it('loses no less after a deeper shock, where sales do not move prices', () => {
    fc.assert(
      fc.property(book, shocks, shocks, fc.constantFrom(0, 5), (rows, one, other, gasUsd) => {
        const plan = planSpiral({ ...inputOf(rows, USD.depth), gasUsd })
        const loss = (shock: number) => total(runSpiral(plan, at(100 * (1 - shock))).badDebtUsd)
        const [less, more] = [loss(Math.min(one, other)), loss(Math.max(one, other))]
        expect(more).toBeGreaterThanOrEqual(less - 1e-9 * Math.max(1, less))
      }),
      { numRuns: 300 },
    )
  })

  it('does not depend on the order of positions', () => {
    fc.assert(
      fc.property(book, depths, shocks, exits, (rows, depth, shock, exit) => {
        const run = (list: [number, number, number][]) =>
          runSpiral(planSpiral({ ...inputOf(list, depth), exit, gasUsd: 1 }), at(100 * (1 - shock)))
        const [one, other] = [run(rows), run([...rows].reverse())]
        expect(other.liquidations).toBe(one.liquidations)
        expect(largestDifference(other.badDebtUsd, one.badDebtUsd)).toBeLessThan(1e-6)
        expect(largestDifference(other.prices, one.prices)).toBeLessThan(1e-9)
      }),
      { numRuns: 100 },
    )
  })

  it('gives each scenario what it gives it alone', () => {
    fc.assert(
      fc.property(book, depths, fc.array(shocks, { minLength: 1, maxLength: 5 }), (rows, depth, list) => {
        const plan = planSpiral(inputOf(rows, depth))
        const all = runScenarios(plan, Float64Array.from(list.flatMap((shock) => [100 * (1 - shock), 1])))
        list.forEach((shock, s) => {
          const alone = runSpiral(plan, at(100 * (1 - shock)))
          expect(Array.from(all.badDebtUsd.subarray(2 * s, 2 * s + 2))).toEqual(Array.from(alone.badDebtUsd))
          expect(all.liquidations[s]).toBe(alone.liquidations)
        })
      }),
    )
  })
})

describe('size', () => {
  it('10,000 positions in 200 scenarios take well under their fifth of ten seconds', () => {
    const random = seededRandom(5)
    const rows = Array.from({ length: 10_000 }, (): [number, number, number] => {
      const collateral = 1 + 50 * random()
      return [random() < 0.5 ? 0 : 1, collateral, collateral * 100 * 0.8 * (0.4 + 0.59 * random())]
    })
    const plan = planSpiral(inputOf(rows, constantProductDepth({ reserve: 100_000, price: 100 })))
    const prices = Float64Array.from({ length: 400 }, (_, k) =>
      k % 2 === 0 ? 100 * (1 - 0.5 * random()) : 1,
    )
    const before = process.cpuUsage()
    const { rounds, unsettled } = runScenarios(plan, prices)
    const { user, system } = process.cpuUsage(before)
    console.log(
      `10,000 × 200: ${((user + system) / 1e6).toFixed(2)} s of processor, rounds up to ${Math.max(...rounds)}`,
    )
    expect(unsettled).toBe(0)
    expect((user + system) / 1e6).toBeLessThan(2)
  })
})

describeWithData('the worked spiral', [REFERENCE_FILE], () => {
  it.each(['depth=1000', 'depth=300'])('SPIRAL, %s', (name) => {
    const one = referenceCase('SPIRAL')
    const rows = Object.values(one.pos as Record<string, [number, number]>).map(
      ([collateral, debt]): [number, number, number] => [0, collateral, debt],
    )
    const plan = planSpiral(inputOf(rows, { kind: 'linear', units: Number(name.split('=')[1]) }))
    const outcome = runSpiral(plan, at(one.p0 * (1 - one.shock)))
    const expected = one[name]
    expect(Math.abs(outcome.prices[0]! - expected.p)).toBeLessThan(1e-10)
    expect(outcome.liquidations).toBe(expected.liquidations)
    expect(total(outcome.badDebtUsd)).toBeCloseTo(expected.badDebt, 10)
    if (expected.A === undefined) return
    for (const [i, [collateral, debt]] of [expected.A, expected.B].entries()) {
      expect(Math.abs(outcome.collateral[i]! - collateral)).toBeLessThan(1e-10)
      expect(Math.abs(outcome.debt[i]! - debt)).toBeLessThan(1e-10)
    }
  })
})
