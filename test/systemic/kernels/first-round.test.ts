import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { madeBook, madePrices } from '../../../bench/stress/book'
import { plainLoop } from '../../../bench/stress/plain-loop'
import { type FirstRound, firstRound } from '../../../src/systemic/kernels/first-round'
import { firstRoundPlan } from '../../../src/systemic/kernels/first-round-layout'
import { runSpiral } from '../../../src/systemic/spiral'
import type { SpiralPlan } from '../../../src/systemic/spiral-plan'
import { anyAccounts, anyPrices, planOfAccounts } from '../accounts'
import { largestDifference } from '../reference-cases'

function run(plan: SpiralPlan, rows: readonly Float64Array[], all = false): FirstRound {
  const out = {
    lossUsd: new Float64Array(rows.length * 3).fill(7),
    unhealthy: new Int32Array(rows.length).fill(7),
  }
  const prices = Float64Array.from(rows.flatMap((row) => Array.from(row)))
  firstRound(firstRoundPlan(plan, { all }), { prices, from: 0, to: rows.length, out })
  return out
}

const pair = [{ collaterals: [{ asset: 0, units: 10 }], debts: [{ asset: 2, units: 800 }] }]

describe('the first round', () => {
  it.each([
    [Float64Array.of(Number.NaN, 1, 1), 'price of eth in scenario 0 is NaN'],
    [Float64Array.of(1, -2, 1), 'price of btc in scenario 0 is negative'],
    [Float64Array.of(1, 1, Number.POSITIVE_INFINITY), 'price of usd in scenario 0 is Infinity'],
    [Float64Array.of(1, 1), 'are too few for 1 scenarios'],
  ])('at prices that cannot be is refused: %#', (prices, message) => {
    expect(() => run(planOfAccounts(pair), [prices])).toThrow(message)
  })

  it('over no scenario does nothing', () => {
    expect(run(planOfAccounts(pair), []).unhealthy).toHaveLength(0)
  })

  it('finds a health of exactly 1 sound, and one just below it not', () => {
    const rows = [Float64Array.of(100, 1, 1), Float64Array.of(99.999999, 1, 1)]
    expect(Array.from(run(planOfAccounts(pair), rows).unhealthy)).toEqual([0, 1])
  })

  it('counts as lost what the seized collateral does not repay', () => {
    const { lossUsd } = run(planOfAccounts(pair), [Float64Array.of(50, 1, 1)])
    expect(lossUsd[2]).toBeCloseTo(800 - 500 / 1.05, 9)
  })

  it('is what a spiral without liquidators ends with, whoever is looked at', () => {
    const rows = fc.array(anyPrices, { minLength: 1, maxLength: 6 })
    fc.assert(
      fc.property(anyAccounts, rows, anyPrices, (accounts, list, nearPrices) => {
        const plan = planOfAccounts(accounts, { gasUsd: 1e12, nearPrices })
        const [pruned, all] = [run(plan, list), run(plan, list, true)]
        expect(pruned.unhealthy).toEqual(all.unhealthy)
        list.forEach((prices, s) => {
          const expected = runSpiral(plan, prices).badDebtUsd
          for (const { lossUsd } of [pruned, all])
            expect(largestDifference(lossUsd.subarray(3 * s, 3 * s + 3), expected)).toBeLessThan(1e-9)
        })
      }),
      { numRuns: 300 },
    )
  })

  it('counts losses only of the unhealthy, also where what is seized repays less than what may be owed', () => {
    const generous = { asset: 0, units: 10, threshold: 0.9, bonus: 1.25 }
    const plan = planOfAccounts([{ collaterals: [generous], debts: [{ asset: 2, units: 850 }] }])
    const { lossUsd, unhealthy } = run(plan, [Float64Array.of(100, 1, 1), Float64Array.of(94, 1, 1)])
    expect(Array.from(unhealthy)).toEqual([0, 1])
    expect(lossUsd[2]).toBe(0)
    expect(lossUsd[5]).toBeCloseTo(850 - 940 / 1.25, 9)
  })

  it('is that of the plain loop for a drawn book, at prices that put many exactly at their thresholds', () => {
    const plan = madeBook({ positions: 3_000, seed: 5 })
    const prices = madePrices(plan, { scenarios: 150, seed: 5, sigma: 0.3 })
    const { positions } = plan
    // Scenario s has the price at which position s, where it has one collateral and one debt, has a health of 1.
    for (let s = 0; s < 30; s++) {
      const [c, d] = [positions.collateralStart[s]!, positions.debtStart[s]!]
      prices[s * plan.assets.length + positions.collateralAsset[c]!] =
        (positions.debtUnits[d]! * prices[s * plan.assets.length + positions.debtAsset[d]!]!) /
        (positions.collateralUnits[c]! * positions.collateralThreshold[c]!)
    }
    const results = () => ({
      lossUsd: new Float64Array(150 * plan.markets.length),
      unhealthy: new Int32Array(150),
    })
    const expected = results()
    plainLoop(plan, prices, 150, expected)
    for (const all of [false, true]) {
      const out = results()
      firstRound(firstRoundPlan(plan, { all }), { prices, from: 0, to: 150, out })
      expect(out.unhealthy).toEqual(expected.unhealthy)
      const apart = out.lossUsd.map((usd, k) => Math.abs(usd - expected.lossUsd[k]!) / Math.max(1, usd))
      expect(Math.max(...apart)).toBeLessThan(1e-9)
    }
  })

  it('gives the same in parts and over more scenarios than a tile holds', () => {
    const rows = Array.from({ length: 300 }, (_, s) => Float64Array.of((37 * s) % 150, 50, 1))
    const plan = planOfAccounts(pair)
    const whole = run(plan, rows)
    const out = { lossUsd: new Float64Array(900), unhealthy: new Int32Array(300) }
    const prices = Float64Array.from(rows.flatMap((row) => Array.from(row)))
    for (const [from, to] of [[0, 131] as const, [131, 300] as const])
      firstRound(firstRoundPlan(plan), { prices, from, to, out })
    expect(out).toEqual(whole)
  })
})
