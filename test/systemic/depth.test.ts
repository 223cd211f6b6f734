import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { amountOutDown } from '../../src/protocols/uniswap-v2/depth'
import {
  concentratedDepth,
  constantProductDepth,
  type PriceDepth,
  saleTo,
  sell,
} from '../../src/systemic/depth'

const ticks = [
  { tick: -200, liquidityNet: 1e18 },
  { tick: 0, liquidityNet: 5e18 },
  { tick: 200, liquidityNet: -5e18 },
  { tick: 400, liquidityNet: -1e18 },
]
const ranged = (sells: 0 | 1): PriceDepth =>
  concentratedDepth({ ticks, decimals0: 18, decimals1: 18, sells, fee: 0.003 })

describe('depth', () => {
  it.each([
    [() => constantProductDepth({ reserve: 0, price: 1 }), 'reserve is 0'],
    [() => constantProductDepth({ reserve: -1, price: 1 }), 'reserve is negative'],
    [() => constantProductDepth({ reserve: 1, price: Number.NaN }), 'price is NaN'],
    [
      () => concentratedDepth({ ticks: [], decimals0: 18, decimals1: 6, sells: 0, fee: 0 }),
      'hold no liquidity',
    ],
    [
      () =>
        concentratedDepth({
          ticks: [
            { tick: 0, liquidityNet: -1 },
            { tick: 9, liquidityNet: 1 },
          ],
          decimals0: 0,
          decimals1: 0,
          sells: 0,
          fee: 0,
        }),
      'below zero',
    ],
  ])('of an empty or impossible pool is refused: %#', (run, message) => {
    expect(run).toThrow(message)
  })

  it('of a pair is the contract’s, to its rounding', () => {
    const [x, y, sold] = [5_000, 10_000_000, 137]
    const { proceeds } = sell(constantProductDepth({ reserve: x, price: y / x, fee: 0.003 }), y / x, sold)
    const unit = 10n ** 18n
    const exact = amountOutDown(BigInt(sold) * unit, {
      reserveIn: BigInt(x) * unit,
      reserveOut: BigInt(y) * unit,
    })
    expect(proceeds / (Number(exact) / 1e18)).toBeCloseTo(1, 12)
  })

  it('of ranges ends where they end: below them nobody buys', () => {
    const depth = ranged(0)
    const all = saleTo(depth, 1, 1.0001 ** -200)
    expect(sell(depth, 1, all * 0.999).price).toBeGreaterThan(1.0001 ** -200)
    expect(sell(depth, 1, all * 1.01).price).toBe(0)
    expect(sell(depth, 1, all * 1.01).proceeds).toBeCloseTo(sell(depth, 1, all * 5).proceeds, 9)
  })

  it('of token 1 mirrors that of token 0', () => {
    const mirrored = concentratedDepth({
      ticks: ticks.map(({ tick, liquidityNet }) => ({ tick: -tick, liquidityNet: -liquidityNet })),
      ...{ decimals0: 18, decimals1: 18, sells: 0, fee: 0.003 },
    })
    const [one, other] = [sell(ranged(1), 1, 0.01), sell(mirrored, 1, 0.01)]
    expect(one.price).toBeCloseTo(other.price, 12)
    expect(one.proceeds).toBeCloseTo(other.proceeds, 12)
  })

  it('whatever it is: more sold brings more, at a lower price, and parts bring what the whole does', () => {
    const depths = fc.constantFrom<PriceDepth>(
      { kind: 'unmoved' },
      constantProductDepth({ reserve: 10, price: 1, fee: 0.003 }),
      ranged(0),
      ranged(1),
    )
    const units = fc.double({ min: 0, max: 20, noNaN: true })
    fc.assert(
      fc.property(depths, units, units, (depth, first, second) => {
        const one = sell(depth, 1, first)
        const then = sell(depth, one.price, second)
        const both = sell(depth, 1, first + second)
        expect(one.price).toBeLessThanOrEqual(1)
        expect(both.price).toBeLessThanOrEqual(one.price + 1e-12)
        expect(both.proceeds).toBeGreaterThanOrEqual(one.proceeds - 1e-12)
        expect(both.proceeds).toBeLessThanOrEqual(first + second + 1e-12)
        if (one.price > 0) expect(one.proceeds + then.proceeds).toBeCloseTo(both.proceeds, 9)
      }),
    )
  })

  it('saleTo is what moves the price there', () => {
    const depths = [
      { kind: 'linear', units: 7 } as const,
      constantProductDepth({ reserve: 10, price: 1, fee: 0.003 }),
      ranged(0),
    ]
    for (const depth of depths)
      for (const part of [0.99, 0.985])
        expect(sell(depth, 1, saleTo(depth, 1, part)).price).toBeCloseTo(part, 12)
  })
})
