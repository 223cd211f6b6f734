import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { assembled } from '../../../scripts/assemble'
import {
  type Amounts,
  SOME_BELOW,
  SOME_NEAR,
  scalesFor,
  TILE_SCENARIOS,
} from '../../../src/systemic/kernels/weigh'
import { WEIGH_WASM } from '../../../src/systemic/kernels/weigh-wasm'

const ASSETS = 3

const anyAmounts = fc
  .array(
    fc.record({
      asset: fc.nat(ASSETS - 1),
      limit: fc.double({ min: -100, max: 100, noNaN: true }),
      seizable: fc.integer({ min: -5, max: 5 }),
    }),
    { minLength: 1, maxLength: 9 },
  )
  .map(
    (amounts): Amounts => ({
      asset: Int32Array.from(amounts, ({ asset }) => asset),
      limit: Float64Array.from(amounts, ({ limit }) => limit),
      seizable: Float64Array.from(amounts, ({ seizable }) => seizable),
    }),
  )

/** The sum that a loop makes, in the amounts' order. */
function sumAt(amounts: Amounts, weights: Float64Array, prices: Float64Array, t: number): number {
  let sum = 0
  amounts.asset.forEach((asset, r) => {
    sum += weights[r]! * prices[asset * TILE_SCENARIOS + t]!
  })
  return sum
}

describe('weighing along rows', () => {
  it('is what weigh.wat says', async () => {
    expect(await assembled(), 'run npx tsx scripts/assemble.ts').toBe(WEIGH_WASM)
  })

  it('sums to the bit as a loop does, counts what is below 0, and says what it found', () => {
    const anyPrices = fc.array(fc.integer({ min: 0, max: 9 }), {
      minLength: ASSETS * TILE_SCENARIOS,
      maxLength: ASSETS * TILE_SCENARIOS,
    })
    fc.assert(
      fc.property(anyAmounts, anyPrices, fc.constantFrom(0, 1e-9, 3), (amounts, prices, near) => {
        const scales = scalesFor(amounts, ASSETS)
        scales.prices.set(prices)
        scales.below.fill(2)
        const found = scales.weighLimit(0, amounts.asset.length, near)
        const seizable = scales.weighSeizable(0, amounts.asset.length)
        const nets = Array.from({ length: TILE_SCENARIOS }, (_, t) =>
          sumAt(amounts, amounts.limit, scales.prices, t),
        )
        const fetched = nets.map((_, t) => sumAt(amounts, amounts.seizable, scales.prices, t))
        const below = (sums: number[]) => (sums.some((sum) => sum < 0) ? SOME_BELOW : 0)
        expect(Array.from(scales.net)).toEqual(nets)
        expect(Array.from(scales.fetched)).toEqual(fetched)
        expect(Array.from(scales.below)).toEqual(nets.map((net) => 2 + Number(net < 0)))
        expect(found).toBe(below(nets) + (nets.some((net) => Math.abs(net) <= near) ? SOME_NEAR : 0))
        expect(seizable & SOME_BELOW).toBe(below(fetched))
      }),
      { numRuns: 100 },
    )
  })

  it('takes some of the amounts', () => {
    const amounts = {
      asset: Int32Array.of(0, 1, 2),
      limit: Float64Array.of(1, 2, -4),
      seizable: new Float64Array(3),
    }
    const scales = scalesFor(amounts, ASSETS)
    scales.prices.fill(1)
    expect(scales.weighLimit(1, 3, 0)).toBe(SOME_BELOW)
    expect(scales.net[127]).toBe(-2)
  })
})
