import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ABOVE_ALL, createRanks } from '../../../src/models/compiled/ranks'

function codesOf(cuts: number[][], rows: Float32Array): number[] {
  const rowCount = rows.length / cuts.length
  const codes = new Int32Array(rows.length * 2)
  createRanks(cuts).encode(rows, { firstRow: 0, rowCount, codes })
  return [...codes]
}

const LARGEST = 2 ** 128 - 2 ** 104
const SMALLEST = 2 ** -149

describe('ranks', () => {
  it('of a column without cuts are 0, of no rows nothing', () => {
    expect(codesOf([[]], Float32Array.of(-7, 0, 7))).toEqual([0, 0, 0, 0, 0, 0])
    expect(codesOf([[1]], new Float32Array(0))).toEqual([])
  })

  it('put what is missing below all cuts in the first code and above all in the second', () => {
    expect(codesOf([[1], [2]], Float32Array.of(Number.NaN, 3))).toEqual([-1, ABOVE_ALL, 1, 1])
  })

  it('take both zeros for one, as cut and as value', () => {
    expect(codesOf([[0]], Float32Array.of(-0, 0))).toEqual([0, 0, 0, 0])
    expect(codesOf([[-0]], Float32Array.of(-0, 0))).toEqual([0, 0, 0, 0])
    expect(createRanks([[-0, 0, 1]]).rankOfCut(0, 1)).toBe(1)
  })

  it('tell the smallest numbers and the largest apart', () => {
    const cuts = [-LARGEST, -SMALLEST, SMALLEST, 1, LARGEST]
    const rows = Float32Array.of(-LARGEST, -1, -SMALLEST, 0, SMALLEST, 2 * SMALLEST, 1, 1 + 2 ** -23, LARGEST)
    expect(codesOf([cuts], rows).filter((_, i) => i % 2 === 0)).toEqual([0, 1, 1, 2, 2, 3, 3, 4, 4])
  })

  it('say of any number and cut what a comparison says', () => {
    const float = fc.float({ noDefaultInfinity: true, noNaN: true })
    fc.assert(
      fc.property(fc.array(float, { maxLength: 40 }), fc.array(float, { maxLength: 20 }), (cuts, further) => {
        const rows = Float32Array.from([...further, ...cuts])
        const codes = codesOf([cuts], rows)
        const ranks = createRanks([cuts])
        rows.forEach((x, i) => {
          for (const cut of cuts) {
            const rank = ranks.rankOfCut(0, cut)
            expect(codes[2 * i]! <= rank).toBe(x <= cut)
            expect(codes[2 * i + 1]! <= rank).toBe(x <= cut)
          }
        })
      }),
    )
  })
})
