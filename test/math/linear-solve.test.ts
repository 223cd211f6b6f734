import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { choleskyLower, solveLinear } from '../../src/math/linear-solve'

describe('solveLinear', () => {
  it('answers nothing for a singular system, and refuses sizes that do not fit', () => {
    expect(solveLinear(Float64Array.of(1, 2, 2, 4), Float64Array.of(1, 1))).toBeUndefined()
    expect(solveLinear(new Float64Array(0), new Float64Array(0))).toEqual(new Float64Array(0))
    expect(() => solveLinear(new Float64Array(3), new Float64Array(2))).toThrow(RangeError)
  })

  it('solves what needs a change of rows, and leaves its arguments alone', () => {
    const matrix = Float64Array.of(0, 2, 3, 1)
    const right = Float64Array.of(4, 5)
    expect(Array.from(solveLinear(matrix, right)!)).toEqual([1, 2])
    expect(Array.from(matrix)).toEqual([0, 2, 3, 1])
  })
})

describe('choleskyLower', () => {
  it('refuses what has a negative direction', () => {
    expect(choleskyLower(Float64Array.of(1, 2, 2, 1), 2)).toBeUndefined()
    expect(choleskyLower(Float64Array.of(-1), 1)).toBeUndefined()
  })

  it('takes a direction without variance', () => {
    expect(Array.from(choleskyLower(Float64Array.of(1, 1, 1, 1), 2)!)).toEqual([1, 0, 1, 0])
  })

  it('gives a triangle whose square is the matrix', () => {
    const entries = fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { minLength: 9, maxLength: 9 })
    fc.assert(
      fc.property(entries, (b) => {
        const square = (m: ArrayLike<number>) =>
          Float64Array.from({ length: 9 }, (_, at) => {
            const [i, j] = [Math.floor(at / 3), at % 3]
            return [0, 1, 2].reduce((sum, k) => sum + m[i * 3 + k]! * m[j * 3 + k]!, 0)
          })
        const matrix = square(b).map((value, at) => value + (at % 4 === 0 ? 0.1 : 0))
        const again = square(choleskyLower(matrix, 3)!)
        again.forEach((value, at) => {
          expect(Math.abs(value - matrix[at]!)).toBeLessThan(1e-9)
        })
      }),
    )
  })
})
