import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { above, laddersOf } from '../../../src/systemic/kernels/ladders'

const rung = fc.oneof(
  fc.double({ min: 1e-300, max: 1e300, noNaN: true }),
  fc.integer({ min: 1, max: 20 }),
  fc.constant(Number.POSITIVE_INFINITY),
)

describe('ladders', () => {
  it('say how many numbers of a list are above any number', () => {
    const lists = fc.array(fc.array(rung, { minLength: 1, maxLength: 200 }), { minLength: 1, maxLength: 4 })
    fc.assert(
      fc.property(lists, fc.array(fc.oneof(rung, fc.constant(0))), (given, asked) => {
        const sorted = given.map((list) => Float64Array.from(list).sort().reverse())
        const ladders = laddersOf(sorted.map((list) => Array.from(list)))
        sorted.forEach((list, i) => {
          for (const x of [...asked, ...list])
            expect(above(ladders, i, x)).toBe(list.filter((value) => value > x).length)
        })
      }),
      { numRuns: 200 },
    )
  })

  it('may be none', () => {
    expect(laddersOf([]).value).toHaveLength(0)
  })
})
