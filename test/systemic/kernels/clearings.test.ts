import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { clear } from '../../../src/systemic/clearing'
import { clearings } from '../../../src/systemic/kernels/clearings'
import { matrixAt } from '../../../src/systemic/network'
import { rowsFor, sparseNetwork } from '../networks'
import { largestDifference } from '../reference-cases'

const worked = matrixAt(
  [
    [0, 8, 2],
    [0, 0, 6],
    [3, 0, 0],
  ],
  'L',
)

describe('clearing in many scenarios', () => {
  it.each([
    [{ externalAssets: Float64Array.of(1, -1, 1) }, 'e of node 1 in scenario 0 is negative'],
    [{ externalAssets: Float64Array.of(1, 1, Number.NaN) }, 'e of node 2 in scenario 0 is NaN'],
    [{ externalAssets: Float64Array.of(1, 1) }, 'no whole number of 3 nodes'],
    [{ externalAssets: Float64Array.of(1, 1, 1), beta: 2 }, 'beta is 2'],
  ])('is refused over what cannot be: %#', (input, message) => {
    expect(() => clearings({ obligations: worked, ...input })).toThrow(message)
  })

  it('has the worked vector of clearing.ts', () => {
    const { paid, defaults, unpaid } = clearings({
      obligations: worked,
      externalAssets: Float64Array.of(1, 1, 1, 9, 9, 9),
    })
    expect(largestDifference(paid, [4, 4.2, 3, 10, 6, 3])).toBeLessThan(1e-12)
    expect([Array.from(defaults), unpaid[1]]).toEqual([[2, 0], 0])
    expect(unpaid[0]).toBeCloseTo(7.8, 12)
  })

  it('solves exactly where hardly any value leaves the network', () => {
    const closed = matrixAt(
      [
        [0, 100, 0],
        [99.9, 0, 0.1],
        [0, 0, 0],
      ],
      'L',
    )
    const externalAssets = Float64Array.of(0.01, 0.02, 0)
    const batch = clearings({ obligations: closed, externalAssets })
    expect(batch.solved).toBe(1)
    expect(Array.from(batch.paid)).toEqual(Array.from(clear({ obligations: closed, externalAssets }).paid))
  })

  it('is the clearing of each alone, with costs of default and seniors or without', () => {
    const drawn = sparseNetwork({ nodes: 8, most: 40 }).chain((obligations) =>
      fc.record({
        obligations: fc.constant(obligations),
        externalAssets: rowsFor(obligations.size, { rows: 70, most: 40 }),
        seniorClaims: fc.oneof(
          fc.constant(new Float64Array(obligations.size)),
          rowsFor(obligations.size, { rows: 1, most: 20 }),
        ),
        alpha: fc.constantFrom(1, 0.9, 0.5, 0),
        beta: fc.constantFrom(1, 0.9, 0.5, 0),
      }),
    )
    fc.assert(
      fc.property(drawn, (input) => {
        const { size } = input.obligations
        const batch = clearings(input)
        for (let s = 0; s < input.externalAssets.length / size; s++) {
          const externalAssets = input.externalAssets.slice(s * size, (s + 1) * size)
          const alone = clear({ ...input, externalAssets })
          expect(largestDifference(batch.paid.subarray(s * size, (s + 1) * size), alone.paid)).toBeLessThan(
            1e-9,
          )
          expect(batch.defaults[s]).toBe(alone.defaults.length)
        }
      }),
      { numRuns: 80 },
    )
  })
})
