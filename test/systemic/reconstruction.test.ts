import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { parse } from 'csv-parse/sync'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../src/math/statistics'
import { type Margins, maximumEntropy, minimumDensity } from '../../src/systemic/reconstruction'
import { dataPath, describeWithData } from '../support/data'
import { largestDifference, REFERENCE_FILE, referenceCase } from './reference-cases'

const of = (assets: number[], liabilities: number[]): Margins => ({
  assets: Float64Array.from(assets),
  liabilities: Float64Array.from(liabilities),
})

/** Margins of a random network, so that one exists. */
const margins = fc
  .integer({ min: 2, max: 9 })
  .chain((n) =>
    fc.array(fc.array(fc.integer({ min: 1, max: 50 }), { minLength: n, maxLength: n }), {
      minLength: n,
      maxLength: n,
    }),
  )
  .map((rows) => {
    const X = rows.map((row, i) => row.map((x, j) => (i === j ? 0 : x)))
    const columns = X.map((_, j) => X.reduce((sum, row) => sum + row[j]!, 0))
    return of(
      X.map((row) => row.reduce((a, b) => a + b, 0)),
      columns,
    )
  })

function expectMargins(matrix: Float64Array, { assets, liabilities }: Margins, precision: number): void {
  const n = assets.length
  const at = (i: number, j: number) => matrix[i * n + j]!
  const all = Array.from({ length: n }, (_, i) => i)
  expect(
    largestDifference(
      all.map((i) => all.reduce((sum, j) => sum + at(i, j), 0)),
      assets,
    ),
  ).toBeLessThan(precision)
  expect(
    largestDifference(
      all.map((j) => all.reduce((sum, i) => sum + at(i, j), 0)),
      liabilities,
    ),
  ).toBeLessThan(precision)
  expect(all.every((i) => at(i, i) === 0)).toBe(true)
  expect(matrix.every((x) => x >= 0)).toBe(true)
}

const links = (matrix: Float64Array) => matrix.filter((x) => x > 0).length

describe('reconstructed exposures', () => {
  it('of nodes without any are none', () => {
    expect(Array.from(maximumEntropy(of([0, 0], [0, 0])))).toEqual([0, 0, 0, 0])
    expect(links(minimumDensity(of([0, 0], [0, 0]), { random: seededRandom(1) }))).toBe(0)
  })

  it('of two nodes are the only ones possible', () => {
    expect(largestDifference(maximumEntropy(of([3, 5], [5, 3])), [0, 3, 5, 0])).toBeLessThan(1e-12)
  })

  it.each([
    [of([], []), 'assets are empty'],
    [of([1, 2], [3]), 'liabilities have 1 elements'],
    [of([1, -2], [1, -2]), 'assets[1] is negative'],
    [of([1, Number.NaN], [1, 1]), 'assets[1] is NaN'],
    [of([1, 2], [1, 1]), 'assets sum to 3, liabilities to 2'],
    [of([9, 1, 0], [8, 1, 1]), 'node 0 holds 9 and owes 8'],
  ])('that cannot be are refused: %#', (made, message) => {
    expect(() => maximumEntropy(made)).toThrow(message)
    expect(() => minimumDensity(made, { random: seededRandom(1) })).toThrow(message)
  })

  it('match both margins, without claims on oneself; the sparse one has fewer links', () => {
    fc.assert(
      fc.property(margins, fc.integer(), (made, seed) => {
        const even = maximumEntropy(made, { tolerance: 1e-11 })
        const sparse = minimumDensity(made, { random: seededRandom(seed), drawings: 5 })
        expectMargins(even, made, 1e-9)
        expectMargins(sparse, made, 1e-9)
        expect(links(sparse)).toBeLessThanOrEqual(links(even))
      }),
    )
  })

  it('of maximum entropy are a product of a row and a column factor: odds ratios are one', () => {
    const made = of([7, 5, 3, 6], [4, 6, 5, 6])
    const m = maximumEntropy(made)
    const at = (i: number, j: number) => m[i * 4 + j]!
    expect((at(0, 2) * at(1, 3)) / (at(0, 3) * at(1, 2))).toBeCloseTo(1, 10)
    expect((at(2, 0) * at(3, 1)) / (at(2, 1) * at(3, 0))).toBeCloseTo(1, 10)
  })

  it('are the same for the same seed', () => {
    const made = of([7, 5, 3, 6], [4, 6, 5, 6])
    const draw = (seed: number) => Array.from(minimumDensity(made, { random: seededRandom(seed) }))
    expect(draw(3)).toEqual(draw(3))
  })
})

describeWithData('the worked reconstruction', [REFERENCE_FILE], () => {
  it('ME-1, to the two decimals it is given in', () => {
    const { A, L, M } = referenceCase('ME-1')
    const matrix = maximumEntropy(of(A, L))
    expectMargins(matrix, of(A, L), 1e-9)
    // The case keeps two decimals, cut or rounded.
    M.flat().forEach((expected: number, at: number) => {
      expect(Math.abs(matrix[at]! - expected)).toBeLessThan(0.0051)
    })
  })
})

const SIMULATED = 'systemic/networkriskmeasures-sim.csv.gz'

describeWithData('125 simulated banks', [SIMULATED], () => {
  it('are reconstructed from their margins, densely and sparsely', () => {
    const text = gunzipSync(readFileSync(dataPath(SIMULATED)!))
    const records = parse(text, { columns: true }) as Record<string, string>[]
    const rows = records.map((one) => ({ assets: Number(one.assets), liabilities: Number(one.liabilities) }))
    const assets = rows.map((row) => row.assets)
    const owed = rows.reduce((sum, row) => sum + row.liabilities, 0)
    const held = assets.reduce((a, b) => a + b, 0)
    // Sums agree only to the digits of the file.
    const made = of(
      assets,
      rows.map((row) => (row.liabilities * held) / owed),
    )
    const even = maximumEntropy(made, { tolerance: 1e-10 })
    const sparse = minimumDensity(made, { random: seededRandom(7), drawings: 3 })
    expectMargins(even, made, 1e-8)
    expectMargins(sparse, made, 1e-8)
    expect(rows.length).toBe(125)
    expect(links(even)).toBe(125 * 124)
    expect(links(sparse)).toBeLessThan(2 * 125)
    expect(Math.abs(held - owed) / held).toBeLessThan(1e-6)
  })
})
