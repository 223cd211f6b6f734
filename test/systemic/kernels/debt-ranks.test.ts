import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { debtRank } from '../../../src/systemic/debt-rank'
import { debtRanks } from '../../../src/systemic/kernels/debt-ranks'
import { matrixAt, type SparseMatrix } from '../../../src/systemic/network'
import { rowsFor, sparseNetwork } from '../networks'
import { largestDifference } from '../reference-cases'

const equalValue = ({ size }: SparseMatrix) => new Float64Array(size).fill(1 / size)

describe('DebtRank of many shocks', () => {
  const ring = matrixAt(
    [
      [0, 0.5],
      [1, 0],
    ],
    'W',
  )

  it.each([
    [{ initials: Float64Array.of(0, 1.5) }, 'the shock 0 of node 1 is 1.5'],
    [{ initials: Float64Array.of(0, Number.NaN) }, 'the shock 0 of node 1 is NaN'],
    [{ initials: Float64Array.of(0, 0, 1) }, 'no whole number of 2 nodes'],
    [{ value: Float64Array.of(2, 1) }, 'v sums to 3'],
  ])('is refused over what cannot be: %#', (wrong, message) => {
    const input = { impact: ring, value: equalValue(ring), variant: 2015 as const, ...wrong }
    expect(() => debtRanks(input)).toThrow(message)
  })

  it('of no shock is nothing', () => {
    const input = { impact: ring, value: equalValue(ring), variant: 2012 as const }
    expect(debtRanks({ ...input, initials: new Float64Array(0) })).toHaveLength(0)
  })

  it.each([2012, 2015] as const)('is the DebtRank of each alone, form %i', (variant) => {
    const drawn = sparseNetwork({ nodes: 9, most: variant === 2012 ? 1 : 1.5 }).chain((impact) =>
      fc.tuple(fc.constant(impact), rowsFor(impact.size, { rows: 70, most: 1 })),
    )
    fc.assert(
      fc.property(drawn, ([impact, initials]) => {
        const input = { impact, value: equalValue(impact), variant }
        const { size } = impact
        const alone = Float64Array.from({ length: initials.length / size }, (_, k) => {
          const initial = initials.slice(k * size, (k + 1) * size)
          return debtRank({ ...input, initial }).lost
        })
        expect(largestDifference(debtRanks({ ...input, initials }), alone)).toBeLessThan(1e-9)
      }),
      { numRuns: 60 },
    )
  })

  it('without shocks given fails each node alone', () => {
    expect(Array.from(debtRanks({ impact: ring, value: equalValue(ring), variant: 2015 }))).toEqual([
      0.25, 0.5,
    ])
  })

  it('solves what hardly settles exactly', () => {
    const loop = matrixAt(
      [
        [0, 0.9999],
        [0.9999, 0],
      ],
      'W',
    )
    const input = { impact: loop, value: equalValue(loop), variant: 2015 as const }
    const initials = Float64Array.of(1e-5, 0)
    const { lost } = debtRank({ ...input, initial: initials })
    expect(debtRanks({ ...input, initials })[0]).toBeCloseTo(lost, 12)
  })
})
