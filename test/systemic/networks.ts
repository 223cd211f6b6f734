/** Drawn networks for tests of the batch forms. */
import fc from 'fast-check'
import { matrixAt, type SparseMatrix } from '../../src/systemic/network'

/** Square, nothing on the diagonal, half of it empty, elements up to `most` in hundredths. */
export function sparseNetwork({ nodes, most }: { nodes: number; most: number }): fc.Arbitrary<SparseMatrix> {
  const element = fc.oneof(
    fc.constant(0),
    fc.integer({ min: 0, max: 100 }).map((percent) => (percent / 100) * most),
  )
  return fc
    .integer({ min: 1, max: nodes })
    .chain((n) => fc.array(fc.array(element, { minLength: n, maxLength: n }), { minLength: n, maxLength: n }))
    .map((rows) =>
      matrixAt(
        rows.map((row, i) => row.map((w, j) => (i === j ? 0 : w))),
        'W',
      ),
    )
}

/** Rows × nodes of numbers 0 … most. */
export function rowsFor(
  nodes: number,
  { rows, most }: { rows: number; most: number },
): fc.Arbitrary<Float64Array> {
  const one = fc.integer({ min: 0, max: 100 }).map((percent) => (percent / 100) * most)
  return fc
    .integer({ min: 1, max: rows })
    .chain((count) => fc.array(one, { minLength: count * nodes, maxLength: count * nodes }))
    .map((list) => Float64Array.from(list))
}
