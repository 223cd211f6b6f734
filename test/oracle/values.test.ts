import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { debtWeightedRisk, ONE_E8 } from '../../src/oracle/values'

describe('debtWeightedRisk', () => {
  it('is 0 with full confidence when nobody owes anything', () => {
    expect(debtWeightedRisk([])).toEqual({ value: 0n, confidenceBps: 10_000 })
    expect(debtWeightedRisk([{ debt: 0n, score: 0.9 }])).toEqual({ value: 0n, confidenceBps: 10_000 })
  })

  it('is undefined when debt exists but no score does', () => {
    expect(debtWeightedRisk([{ debt: 5n, score: undefined }])).toBeUndefined()
  })

  it('weighs scores by debt, rounds down, and states the share of debt that is scored', () => {
    const debts = [
      { debt: 300n, score: 0.1 },
      { debt: 100n, score: 0.9 },
    ]
    // (300 × 0.1 + 100 × 0.9) / 400 = 0.3
    expect(debtWeightedRisk(debts)).toEqual({ value: 30_000_000n, confidenceBps: 10_000 })
    expect(debtWeightedRisk([...debts, { debt: 100n, score: undefined }])).toEqual({
      value: 30_000_000n,
      confidenceBps: 8_000,
    })
    expect(
      debtWeightedRisk([
        { debt: 2n, score: 0 },
        { debt: 1n, score: 1e-8 },
      ])?.value,
    ).toBe(0n)
  })

  it('is believed no more than the prices that the debts rest on, without another value', () => {
    const debts = [
      { debt: 300n, score: 0.1, priceConfidenceBps: 10_000 },
      { debt: 100n, score: 0.9, priceConfidenceBps: 2_000 },
    ]
    expect(debtWeightedRisk(debts)).toEqual({ value: 30_000_000n, confidenceBps: 8_000 })
    expect(debtWeightedRisk([...debts, { debt: 400n, score: undefined }])?.confidenceBps).toBe(4_000)
    expect(() => debtWeightedRisk([{ debt: 1n, score: 0.5, priceConfidenceBps: 10_001 }])).toThrow(RangeError)
  })

  it('refuses scores outside 0..1, NaN, and negative debt', () => {
    for (const score of [-0.1, 1.1, Number.NaN]) {
      expect(() => debtWeightedRisk([{ debt: 1n, score }])).toThrow(RangeError)
    }
    expect(() => debtWeightedRisk([{ debt: -1n, score: 0.5 }])).toThrow(RangeError)
  })

  it('lies between the least and the greatest score and does not depend on order', () => {
    const one = fc.record({
      debt: fc.bigInt({ min: 1n, max: 10n ** 30n }),
      score: fc.double({ min: 0, max: 1, noNaN: true }),
    })
    fc.assert(
      fc.property(fc.array(one, { minLength: 1, maxLength: 20 }), (debts) => {
        const { value } = debtWeightedRisk(debts)!
        const scores = debts.map(({ score }) => BigInt(Math.round(score * Number(ONE_E8))))
        const sorted = [...scores].sort((a, b) => (a < b ? -1 : 1))
        expect(value >= sorted[0]! && value <= sorted.at(-1)!).toBe(true)
        expect(debtWeightedRisk([...debts].reverse())!.value).toBe(value)
      }),
    )
  })
})
