import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { atRisk, scenarioTotals } from '../../src/systemic/value-at-risk'

describe('at risk', () => {
  it.each([
    [() => atRisk(new Float64Array(0), 0.95), 'no scenarios'],
    [() => atRisk(Float64Array.of(1), 1), 'level is 1'],
    [() => atRisk(Float64Array.of(1), Number.NaN), 'level is NaN'],
    [() => atRisk(Float64Array.of(1, Number.NaN), 0.5), 'the loss of scenario 1 is NaN'],
    [() => scenarioTotals(new Float64Array(3), 2), 'no whole number'],
  ])('of nothing, or of nonsense, is refused: %#', (run, message) => {
    expect(run).toThrow(message)
  })

  it('of 1 … 100 at 95 % is 95, and the mean of 96 … 100 beyond', () => {
    const losses = Float64Array.from({ length: 100 }, (_, k) => 100 - k)
    expect(atRisk(losses, 0.95).valueAtRisk).toBe(95)
    expect(atRisk(losses, 0.95).expectedShortfall).toBeCloseTo(98, 10)
    expect(atRisk(losses, 0.99)).toMatchObject({ valueAtRisk: 99, worst: 100, mean: 50.5 })
  })

  it('of one scenario is that scenario', () => {
    expect(atRisk(Float64Array.of(7), 0.99)).toEqual({
      valueAtRisk: 7,
      expectedShortfall: 7,
      mean: 7,
      worst: 7,
    })
  })

  it('takes the border in part', () => {
    // The worst 30 % of four scenarios: all of the fourth and a fifth of the third.
    expect(atRisk(Float64Array.of(0, 0, 10, 20), 0.7).expectedShortfall).toBeCloseTo(
      (20 + 0.2 * 10) / 1.2,
      12,
    )
  })

  it('is ordered, and grows with its level', () => {
    const losses = fc.array(fc.double({ min: 0, max: 1e9, noNaN: true }), { minLength: 1, maxLength: 60 })
    fc.assert(
      fc.property(losses, (list) => {
        const [low, high] = [atRisk(Float64Array.from(list), 0.95), atRisk(Float64Array.from(list), 0.99)]
        for (const one of [low, high]) {
          expect(one.expectedShortfall).toBeGreaterThanOrEqual(one.valueAtRisk)
          expect(one.expectedShortfall).toBeLessThanOrEqual(one.worst * (1 + 1e-9))
        }
        expect(high.valueAtRisk).toBeGreaterThanOrEqual(low.valueAtRisk)
        expect(high.expectedShortfall).toBeGreaterThanOrEqual(low.expectedShortfall * (1 - 1e-9))
      }),
    )
  })

  it('sums markets by scenario', () => {
    expect(Array.from(scenarioTotals(Float64Array.of(1, 2, 3, 4), 2))).toEqual([3, 7])
  })
})
