import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CRASH_EVERY_TURNS, crashDepth, FIRST_CRASH_TURN, marketPriceE8 } from '../../demo/prices'
import { randomFor } from '../../demo/random'
import { assetSpec } from '../../demo/tokens'

describe('the price path', () => {
  it('is calm before the first crash, falls in it, and has recovered before the next', () => {
    expect(crashDepth(0)).toBe(0)
    expect(crashDepth(FIRST_CRASH_TURN - 1)).toBe(0)
    expect(crashDepth(FIRST_CRASH_TURN + 4)).toBeGreaterThan(0.4)
    for (let crash = 1; crash < 7; crash++) {
      expect(crashDepth(FIRST_CRASH_TURN + crash * CRASH_EVERY_TURNS - 1)).toBe(0)
      expect(crashDepth(FIRST_CRASH_TURN + crash * CRASH_EVERY_TURNS + 5)).toBeGreaterThan(0.2)
    }
  })

  it('is the same for the same seed and stays positive and bounded', () => {
    fc.assert(
      fc.property(
        fc.integer(),
        fc.nat(100_000),
        fc.constantFrom('WETH', 'WBTC', 'USDC', 'DAI'),
        (seed, turn, symbol) => {
          const spec = assetSpec(symbol)
          const price = marketPriceE8(seed, spec, turn)
          expect(marketPriceE8(seed, spec, turn)).toBe(price)
          expect(price).toBeGreaterThan(spec.basePriceE8 / 3n)
          expect(price).toBeLessThan((spec.basePriceE8 * 11n) / 10n)
        },
      ),
    )
  })

  it('applies a shock from its turn on, to one asset or by beta', () => {
    const [weth, usdc] = [assetSpec('WETH'), assetSpec('USDC')]
    const shock = { turn: 5, depth: 0.5 }
    expect(marketPriceE8(1, weth, 4, [shock])).toBe(marketPriceE8(1, weth, 4))
    expect(Number(marketPriceE8(1, weth, 5, [shock]))).toBeCloseTo(Number(marketPriceE8(1, weth, 5)) / 2, -1)
    expect(marketPriceE8(1, usdc, 5, [shock])).toBe(marketPriceE8(1, usdc, 5))
    const depeg = { turn: 0, depth: 0.2, symbol: 'USDC' }
    expect(Number(marketPriceE8(1, usdc, 5, [depeg]))).toBeCloseTo(
      Number(marketPriceE8(1, usdc, 5)) * 0.8,
      -1,
    )
    expect(marketPriceE8(1, weth, 5, [depeg])).toBe(marketPriceE8(1, weth, 5))
  })
})

describe('the random source', () => {
  it('repeats for a key, differs between keys and is roughly uniform', () => {
    const draw = (key: string) => Array.from({ length: 2_000 }, randomFor(key).float)
    expect(draw('a')).toEqual(draw('a'))
    expect(draw('a')).not.toEqual(draw('b'))
    const mean = draw('a').reduce((sum, value) => sum + value, 0) / 2_000
    expect(Math.abs(mean - 0.5)).toBeLessThan(0.03)
    expect(() => randomFor('a').pick([])).toThrow('empty')
  })
})
