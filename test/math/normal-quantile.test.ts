import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { normalQuantile } from '../../src/math/normal-quantile'
import { normalCdf } from '../../src/math/statistics'

describe('normalQuantile', () => {
  it('has ends, and refuses what is no probability', () => {
    expect([normalQuantile(0), normalQuantile(0.5), normalQuantile(1)]).toEqual([-Infinity, 0, Infinity])
    for (const share of [-0.1, 1.1, Number.NaN]) expect(() => normalQuantile(share)).toThrow(RangeError)
  })

  it.each([
    [0.975, 1.959963984540054],
    [0.99, 2.3263478740408408],
    [0.01, -2.3263478740408408],
    [0.3, -0.5244005127080407],
  ])('of %d is %d', (share, z) => {
    expect(Math.abs(normalQuantile(share) - z)).toBeLessThan(2e-14 * Math.abs(z) + 1e-15)
  })

  it('undoes the distribution function and rises', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-12, max: 1 - 1e-12, noNaN: true }), (share) => {
        expect(Math.abs(normalCdf(normalQuantile(share)) - share)).toBeLessThan(1e-14)
      }),
    )
  })
})
