/** Prices at ticks: published ends of the range, and the inverse. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  MAX_SQRT_PRICE,
  MAX_TICK,
  MIN_SQRT_PRICE,
  MIN_TICK,
  sqrtPriceAtTick,
  tickAtSqrtPriceDown,
} from '../../../src/protocols/uniswap-v3/tick-price'

describe('the price at a tick', () => {
  it('is one at zero and ends where the published contract says', () => {
    expect(sqrtPriceAtTick(0)).toBe(2n ** 96n)
    // MIN_SQRT_RATIO and MAX_SQRT_RATIO of TickMath.
    expect(MIN_SQRT_PRICE).toBe(4_295_128_739n)
    expect(MAX_SQRT_PRICE).toBe(1_461_446_703_485_210_103_287_273_052_203_988_822_378_723_970_342n)
  })

  it.each([MIN_TICK - 1, MAX_TICK + 1, 0.5, Number.NaN])('is refused at %d', (tick) => {
    expect(() => sqrtPriceAtTick(tick)).toThrow(RangeError)
  })

  it('is refused to have a tick outside the range', () => {
    expect(() => tickAtSqrtPriceDown(MIN_SQRT_PRICE - 1n)).toThrow(RangeError)
    expect(() => tickAtSqrtPriceDown(MAX_SQRT_PRICE)).toThrow(RangeError)
    expect(tickAtSqrtPriceDown(MIN_SQRT_PRICE)).toBe(MIN_TICK)
    expect(tickAtSqrtPriceDown(MAX_SQRT_PRICE - 1n)).toBe(MAX_TICK - 1)
  })

  it('is 1.0001 to the power of the tick', () => {
    fc.assert(
      fc.property(fc.integer({ min: MIN_TICK, max: MAX_TICK }), (tick) => {
        const price = (Number(sqrtPriceAtTick(tick)) / 2 ** 96) ** 2
        expect(Math.abs(price / 1.0001 ** tick - 1)).toBeLessThan(1e-8)
      }),
    )
  })

  it('is found again by its tick, as is every price up to the next', () => {
    fc.assert(
      fc.property(fc.integer({ min: MIN_TICK, max: MAX_TICK - 1 }), (tick) => {
        const [here, next] = [sqrtPriceAtTick(tick), sqrtPriceAtTick(tick + 1)]
        expect(here).toBeLessThan(next)
        expect(
          [here, (here + next) / 2n, next - 1n, next].map(
            (price) => price < MAX_SQRT_PRICE && tickAtSqrtPriceDown(price),
          ),
        ).toEqual([tick, tick, tick, next < MAX_SQRT_PRICE && tick + 1])
      }),
      { numRuns: 200 },
    )
  })
})
