import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fitIsotonic, isotonicPools } from '../../../src/models/learn/isotonic'
import { evaluateCurve } from '../../../src/models/onnx/curve'

describe('isotonic regression', () => {
  it('pools violators: the textbook case', () => {
    const pools = isotonicPools({ x: [1, 2, 3, 4, 5], y: [1, 3, 2, 4, 3.5] })
    expect(pools.map(({ from, to, mean }) => [from, to, mean])).toEqual([
      [1, 1, 1],
      [2, 3, 2.5],
      [4, 5, 3.75],
    ])
  })

  it('weighs rows, takes them in any order and pools equal x first', () => {
    expect(isotonicPools({ x: [2, 1], y: [0, 1], weights: [3, 1] })).toMatchObject([
      { mean: 0.25, weight: 4 },
    ])
    expect(isotonicPools({ x: [5, 5, 7], y: [0, 1, 0.9] }).map(({ mean }) => mean)).toEqual([0.5, 0.9])
  })

  it('refuses no rows, NaN, weights of zero and targets that are no probability', () => {
    expect(() => isotonicPools({ x: [], y: [] })).toThrow('one at least')
    expect(() => isotonicPools({ x: [1, Number.NaN], y: [0, 1] })).toThrow('row 1 has x NaN')
    expect(() => isotonicPools({ x: [1], y: [1], weights: [0] })).toThrow('weight 0')
    expect(() => fitIsotonic({ x: [1], y: [2] })).toThrow('mean of 2')
  })

  it('is the best non-descending fit: it satisfies the optimality conditions', () => {
    const row = fc.record({
      x: fc.integer({ min: 0, max: 30 }),
      y: fc.double({ min: 0, max: 1, noNaN: true }),
      w: fc.integer({ min: 1, max: 9 }),
    })
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 40 }), (rows) => {
        const input = { x: rows.map((r) => r.x), y: rows.map((r) => r.y), weights: rows.map((r) => r.w) }
        const pools = isotonicPools(input)
        pools.forEach((pool, i) => {
          if (i > 0) expect(pool.mean).toBeGreaterThan(pools[i - 1]!.mean)
          const inside = rows.filter((r) => r.x >= pool.from && r.x <= pool.to)
          // Every head of a pool has a mean no lower than the pool's: else splitting there would fit better.
          for (const cut of inside) {
            const head = inside.filter((r) => r.x <= cut.x)
            const mean = head.reduce((s, r) => s + r.w * r.y, 0) / head.reduce((s, r) => s + r.w, 0)
            expect(mean).toBeGreaterThan(pool.mean - 1e-9)
          }
        })
      }),
      { numRuns: 200 },
    )
  })

  it('gives a curve through the pools, flat outside, linear between', () => {
    const curve = fitIsotonic({ x: [1, 2, 3, 5], y: [0.2, 0.6, 0.4, 0.9] })
    expect([0, 1, 2, 3, 4, 5, 9].map((x) => Number(evaluateCurve(curve, x).toFixed(9)))).toEqual([
      0.2, 0.2, 0.5, 0.5, 0.7, 0.9, 0.9,
    ])
  })
})
