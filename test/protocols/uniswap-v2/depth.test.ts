/** Arithmetic of a constant-product pair: edges, and what holds for any trade. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { priceOfWholeDown } from '../../../src/protocols/amm'
import { amountInUp, amountOutDown, uniswapV2Amm } from '../../../src/protocols/uniswap-v2/depth'

const reserve = fc.bigInt({ min: 1n, max: 2n ** 112n - 1n })
const amount = fc.bigInt({ min: 1n, max: 2n ** 112n })
const stateOf = (reserve0: bigint, reserve1: bigint) => ({
  reserve0: reserve0.toString(),
  reserve1: reserve1.toString(),
})

describe('a pair', () => {
  it('has no price and no depth while a side is empty, and refuses to quote', () => {
    expect(uniswapV2Amm.spotPrice(stateOf(0n, 5n))).toBeUndefined()
    expect(uniswapV2Amm.spotPrice({})).toBeUndefined()
    expect(uniswapV2Amm.depth(stateOf(5n, 0n), 100n)).toBeUndefined()
    expect(() => amountOutDown(1n, { reserveIn: 0n, reserveOut: 1n })).toThrow(RangeError)
    expect(() => amountOutDown(-1n, { reserveIn: 1n, reserveOut: 1n })).toThrow(RangeError)
    expect(amountInUp(5n, { reserveIn: 5n, reserveOut: 5n })).toBeUndefined()
    expect(amountInUp(0n, { reserveIn: 5n, reserveOut: 5n })).toBeUndefined()
  })

  it('worked: 1 WETH into 1,000 WETH and 3,000,000 USDC pays 2988.020943…', () => {
    const reserves = { reserveIn: 10n ** 21n, reserveOut: 3n * 10n ** 12n }
    expect(amountOutDown(10n ** 18n, reserves)).toBe(2_988_020_943n)
    const price = uniswapV2Amm.spotPrice(stateOf(10n ** 21n, 3n * 10n ** 12n))!
    expect(priceOfWholeDown(price, { decimals0: 18, decimals1: 6, scale: 10n ** 8n })).toBe(
      3_000n * 10n ** 8n,
    )
  })

  it('never pays so much that the product falls, with the fee left out of account too', () => {
    fc.assert(
      fc.property(reserve, reserve, amount, (reserveIn, reserveOut, amountIn) => {
        const out = amountOutDown(amountIn, { reserveIn, reserveOut })
        expect(out).toBeLessThan(reserveOut)
        const kept = (reserveIn * 1000n + amountIn * 997n) * (reserveOut - out)
        expect(kept).toBeGreaterThanOrEqual(reserveIn * reserveOut * 1000n)
      }),
    )
  })

  it('gives no profit to whoever sells and buys back', () => {
    fc.assert(
      fc.property(reserve, reserve, amount, (reserveIn, reserveOut, amountIn) => {
        const out = amountOutDown(amountIn, { reserveIn, reserveOut })
        const after = { reserveIn: reserveOut - out, reserveOut: reserveIn + amountIn }
        expect(amountOutDown(out, after)).toBeLessThanOrEqual(amountIn)
      }),
    )
  })

  it('is paid enough for an exact output', () => {
    fc.assert(
      fc.property(
        reserve,
        reserve,
        fc.bigInt({ min: 1n, max: 2n ** 111n }),
        (reserveIn, reserveOut, wanted) => {
          const asked = amountInUp(wanted, { reserveIn, reserveOut })
          expect(asked === undefined).toBe(wanted >= reserveOut)
          if (asked === undefined) return
          expect(amountOutDown(asked, { reserveIn, reserveOut })).toBeGreaterThanOrEqual(wanted)
        },
      ),
    )
  })

  it('has the smallest depth that moves the price, at any size of the reserves', () => {
    const bps = fc.bigInt({ min: 1n, max: 9_999n })
    fc.assert(
      fc.property(reserve, reserve, bps, (reserve0, reserve1, by) => {
        const { down, up } = uniswapV2Amm.depth(stateOf(reserve0, reserve1), by)!
        const fallen = (sold: bigint) => {
          const left = reserve1 - amountOutDown(sold, { reserveIn: reserve0, reserveOut: reserve1 })
          return left * reserve0 * 10_000n <= reserve1 * (reserve0 + sold) * (10_000n - by)
        }
        const risen = (sold: bigint) => {
          const left = reserve0 - amountOutDown(sold, { reserveIn: reserve1, reserveOut: reserve0 })
          return (reserve1 + sold) * reserve0 * 10_000n >= reserve1 * left * (10_000n + by)
        }
        expect([fallen(down.token0In), fallen(down.token0In - 1n)]).toEqual([true, false])
        expect([risen(up.token1In), risen(up.token1In - 1n)]).toEqual([true, false])
      }),
    )
  })
})
