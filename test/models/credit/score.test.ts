import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { accountOdds, creditScore } from '../../../src/models/credit/score'

const probability = fc.double({ min: 0, max: 1, noNaN: true })

describe('creditScore', () => {
  it.each([
    [0, 850],
    [1, 300],
    [0.01, 600],
    [1 / 199, 640],
    [0.5, 335],
  ])('of %d is %d', (p, score) => {
    expect(creditScore(p)).toBe(score)
  })

  it.each([-0.1, 1.1, Number.NaN])('refuses %d', (p) => {
    expect(() => creditScore(p)).toThrow(RangeError)
  })

  it('is a whole number from 300 to 850 that never rises with the probability', () => {
    fc.assert(
      fc.property(probability, probability, (a, b) => {
        const [low, high] = [creditScore(Math.min(a, b)), creditScore(Math.max(a, b))]
        expect(high).toBeLessThanOrEqual(low)
        for (const score of [low, high]) {
          expect(Number.isInteger(score)).toBe(true)
          expect(score).toBeGreaterThanOrEqual(300)
          expect(score).toBeLessThanOrEqual(850)
        }
      }),
    )
  })
})

describe('accountOdds', () => {
  it('are those of the only position, and none without one', () => {
    expect(accountOdds([])).toBeUndefined()
    const odds = accountOdds([{ p1d: 0.1, p7d: 0.2, p30d: 0.3 }])!
    expect(odds.p30d).toBeCloseTo(0.3, 12)
  })

  it('lie between the worst position and the sum, and keep the order of horizons', () => {
    const one = fc.tuple(probability, probability, probability).map((list) => {
      const [p1d, p7d, p30d] = list.sort((a, b) => a - b) as [number, number, number]
      return { p1d, p7d, p30d }
    })
    fc.assert(
      fc.property(fc.array(one, { minLength: 1, maxLength: 8 }), (positions) => {
        const odds = accountOdds(positions)!
        expect(odds.p30d).toBeGreaterThanOrEqual(Math.max(...positions.map((p) => p.p30d)) - 1e-12)
        expect(odds.p30d).toBeLessThanOrEqual(positions.reduce((sum, p) => sum + p.p30d, 0) + 1e-12)
        expect(odds.p1d).toBeLessThanOrEqual(odds.p7d + 1e-12)
        expect(odds.p7d).toBeLessThanOrEqual(odds.p30d + 1e-12)
      }),
    )
  })
})
