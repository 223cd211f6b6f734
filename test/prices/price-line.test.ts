import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { moneyOf, type PricePoint, priceLine } from '../../src/prices/price-line'

const point = (validFromBlock: number, answer: number, source = 'feed-a'): PricePoint => ({
  assetId: 'x',
  source,
  validFromBlock,
  timestampSec: validFromBlock,
  answer: BigInt(answer),
  decimals: 8,
})

describe('priceLine', () => {
  it('knows nothing of unknown assets and of the time before the first price', () => {
    const line = priceLine([point(10, 1)])
    expect(line.at('y', 10)).toBeUndefined()
    expect(line.at('x', 9)).toBeUndefined()
    expect(line.history('y')).toEqual([])
  })

  it('finds the newest version at or below a height, in any order of rows', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.integer({ min: 0, max: 50 }), { maxLength: 12 }),
        fc.integer({ min: 0, max: 50 }),
        (heights, height) => {
          const expected = Math.max(-1, ...heights.filter((one) => one <= height))
          const found = priceLine(heights.map((one) => point(one, one + 1))).at('x', height)
          expect(found?.validFromBlock ?? -1).toBe(expected)
        },
      ),
    )
  })

  it('can be asked for the prices of one feed only', () => {
    const line = priceLine([point(1, 5, 'chainlink:0xa'), point(2, 7, 'chainlink:0xb')])
    expect(line.at('x', 9)?.answer).toBe(7n)
    expect(line.at('x', 9, '0xa')?.answer).toBe(5n)
    expect(line.at('x', 9, '0xc')).toBeUndefined()
  })
})

describe('moneyOf', () => {
  it('is unknown without price or decimals, and for answers that are not positive', () => {
    expect(moneyOf(1n, 18, undefined)).toBeNull()
    expect(moneyOf(1n, null, point(1, 5))).toBeNull()
    expect(moneyOf(1n, 18, point(1, 0))).toBeNull()
    expect(moneyOf(1n, 18, point(1, -5))).toBeNull()
  })

  it('multiplies before it divides', () => {
    expect(moneyOf(2_500_000_000_000_000_000n, 18, point(1, 150_000_000_000))).toBe(3_750)
  })
})
