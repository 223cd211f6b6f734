import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { squareRootDown, squareRootUp } from '../../src/math/square-root'

describe('integer square roots', () => {
  it('of small numbers and perfect squares', () => {
    expect([0n, 1n, 2n, 3n, 4n, 8n, 9n].map(squareRootDown)).toEqual([0n, 1n, 1n, 1n, 2n, 2n, 3n])
    expect([0n, 1n, 2n, 3n, 4n, 5n].map(squareRootUp)).toEqual([0n, 1n, 2n, 2n, 2n, 3n])
    expect(() => squareRootDown(-1n)).toThrow(RangeError)
  })

  it('enclose every number', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 512n }), (value) => {
        const [down, up] = [squareRootDown(value), squareRootUp(value)]
        expect(down * down <= value && value < (down + 1n) ** 2n).toBe(true)
        expect(up - down).toBe(down * down === value ? 0n : 1n)
      }),
    )
  })
})
