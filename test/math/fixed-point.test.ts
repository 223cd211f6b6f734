import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  divRayHalfUp,
  divWadHalfUp,
  mulBpsHalfUp,
  mulDivDown,
  mulDivHalfUp,
  mulDivUp,
  mulRayHalfUp,
  RAY,
  UINT256_MAX,
  WAD,
} from '../../src/math/fixed-point'

const uint = fc.bigInt({ min: 0n, max: UINT256_MAX })
const positive = fc.bigInt({ min: 1n, max: UINT256_MAX })

describe('mulDiv', () => {
  it('refuses a zero denominator and negative operands', () => {
    for (const mulDiv of [mulDivDown, mulDivHalfUp, mulDivUp]) {
      expect(() => mulDiv(1n, 1n, 0n)).toThrow(RangeError)
      expect(() => mulDiv(-1n, 1n, 1n)).toThrow(RangeError)
      expect(() => mulDiv(1n, -1n, 1n)).toThrow(RangeError)
      expect(mulDiv(0n, UINT256_MAX, 7n)).toBe(0n)
    }
  })

  it('rounds the way its name says', () => {
    expect([mulDivDown(7n, 1n, 2n), mulDivHalfUp(7n, 1n, 2n), mulDivUp(7n, 1n, 2n)]).toEqual([3n, 4n, 4n])
    expect([mulDivDown(7n, 1n, 3n), mulDivHalfUp(7n, 1n, 3n), mulDivUp(7n, 1n, 3n)]).toEqual([2n, 2n, 3n])
  })

  it('brackets the exact quotient: down ≤ half up ≤ up ≤ down + 1', () => {
    fc.assert(
      fc.property(uint, uint, positive, (a, b, c) => {
        const [down, nearest, up] = [mulDivDown(a, b, c), mulDivHalfUp(a, b, c), mulDivUp(a, b, c)]
        expect(down <= nearest && nearest <= up && up <= down + 1n).toBe(true)
        expect(down * c <= a * b && a * b <= up * c).toBe(true)
        expect(2n * (nearest * c > a * b ? nearest * c - a * b : a * b - nearest * c) <= c).toBe(true)
      }),
    )
  })
})

describe('ray, wad and basis points', () => {
  it('gives back a scaled balance from its own value while the index is at least one ray', () => {
    fc.assert(
      fc.property(fc.bigInt(0n, 2n ** 120n), fc.bigInt(RAY, 100n * RAY), (scaled, indexRay) => {
        expect(divRayHalfUp(mulRayHalfUp(scaled, indexRay), indexRay)).toBe(scaled)
      }),
    )
  })

  it('agrees with values worked by hand', () => {
    expect(mulRayHalfUp(3n, RAY / 2n)).toBe(2n)
    expect(divWadHalfUp(1n, 3n)).toBe(333333333333333333n)
    expect(divWadHalfUp(2n * WAD, WAD)).toBe(2n * WAD)
    expect(mulBpsHalfUp(12_345n, 8_250n)).toBe(10_185n)
  })
})
