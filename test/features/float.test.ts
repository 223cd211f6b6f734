import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { round32, toFloat } from '../../src/features/float'

describe('toFloat', () => {
  it('answers for zero, signs, and the largest words', () => {
    expect(toFloat(0n, 18)).toBe(0)
    expect(toFloat(-1500000000000000000n, 18)).toBe(-1.5)
    expect(toFloat(2n ** 256n - 1n, 0)).toBe(2 ** 256)
    expect(toFloat(1n, 77)).toBeCloseTo(1e-77, 90)
    expect(toFloat(10n ** 400n, 0)).toBe(Number.POSITIVE_INFINITY)
  })

  it('refuses decimals that no token has', () => {
    expect(() => toFloat(1n, -1)).toThrow(RangeError)
    expect(() => toFloat(1n, 401)).toThrow(RangeError)
    expect(() => toFloat(1n, Number.NaN)).toThrow(RangeError)
  })

  it('is within four units in the last place of the decimal that the integer spells', () => {
    fc.assert(
      fc.property(fc.bigInt(1n, 2n ** 256n), fc.integer({ min: 0, max: 60 }), (value, decimals) => {
        const exact = Number(`${value}e-${decimals}`)
        expect(Math.abs(toFloat(value, decimals) / exact - 1)).toBeLessThanOrEqual(4 * Number.EPSILON)
      }),
    )
  })
})

describe('round32', () => {
  it('rounds to nearest and keeps NaN and infinities', () => {
    expect([...round32([0.1, Number.NaN, Number.NEGATIVE_INFINITY, 1e39])]).toEqual([
      Math.fround(0.1),
      Number.NaN,
      Number.NEGATIVE_INFINITY,
      Number.POSITIVE_INFINITY,
    ])
  })
})
