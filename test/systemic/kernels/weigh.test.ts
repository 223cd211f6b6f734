import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { assembled } from '../../../scripts/assemble'
import { SOME_BELOW, SOME_NEAR, type Weights, weigher } from '../../../src/systemic/kernels/weigh'
import { WEIGH_WASM } from '../../../src/systemic/kernels/weigh-wasm'

const ROWS = 3

const anyWeights = fc
  .tuple(
    fc.array(
      fc.tuple(
        fc.nat(ROWS - 1),
        fc.double({ min: -100, max: 100, noNaN: true }),
        fc.integer({ min: -5, max: 5 }),
      ),
      { minLength: 1, maxLength: 9 },
    ),
    fc.constantFrom(8, 64, 128),
  )
  .map(
    ([weights, width]): Weights => ({
      ...{ rows: ROWS, width, row: Int32Array.from(weights, ([row]) => row) },
      columns: [
        Float64Array.from(weights, ([, one]) => one),
        Float64Array.from(weights, ([, , other]) => other),
      ],
    }),
  )

/** The sum that a loop makes, in the weights' order. */
function sumAt({ row, width }: Weights, weights: Float64Array, rows: Float64Array, t: number): number {
  let sum = 0
  row.forEach((one, k) => {
    sum += weights[k]! * rows[one * width + t]!
  })
  return sum
}

describe('weighing along rows', () => {
  it('is what weigh.wat says', async () => {
    expect(await assembled(), 'run npx tsx scripts/assemble.ts').toBe(WEIGH_WASM)
  })

  it('sums to the bit as a loop does, counts what is below 0, and says what it found', () => {
    const anyRows = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: ROWS * 128, maxLength: ROWS * 128 })
    fc.assert(
      fc.property(anyWeights, anyRows, fc.constantFrom(-1, 0, 1e-9, 3), (weights, rows, near) => {
        const of = weigher(weights)
        of.rows.set(rows.slice(0, of.rows.length))
        weights.columns.forEach((column, c) => {
          of.below[c]!.fill(2)
          const found = of.weigh(c, 0, column.length, near)
          const sums = Array.from(of.sums[c]!, (_, t) => sumAt(weights, column, of.rows, t))
          expect(Array.from(of.sums[c]!)).toEqual(sums)
          expect(Array.from(of.below[c]!)).toEqual(sums.map((sum) => 2 + Number(sum < 0)))
          const [isBelow, isNear] = [sums.some((sum) => sum < 0), sums.some((sum) => Math.abs(sum) <= near)]
          expect(found).toBe((isBelow ? SOME_BELOW : 0) + (isNear ? SOME_NEAR : 0))
        })
        expect(Array.from(of.sums[0]!)).toEqual(
          Array.from(of.sums[0]!, (_, t) => sumAt(weights, weights.columns[0]!, of.rows, t)),
        )
      }),
      { numRuns: 100 },
    )
  })

  it('takes some of the weights', () => {
    const columns = [Float64Array.of(1, 2, -4)]
    const of = weigher({ rows: ROWS, width: 8, row: Int32Array.of(0, 1, 2), columns })
    of.rows.fill(1)
    expect(of.weigh(0, 1, 3, 0)).toBe(SOME_BELOW)
    expect(of.sums[0]![7]).toBe(-2)
  })
})
