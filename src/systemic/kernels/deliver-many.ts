/**
 * Products of one sparse matrix with many columns at once. Columns stand side by side, a row of them for each node, so a
 * matrix element is read once for all and nothing is gathered; four elements at a time, so a sum is stored once for four.
 */
import type { SparseMatrix } from '../network'

/** Columns that are carried together: a row of them is 512 bytes. */
export const WIDTH = 64

/** Rows become columns. */
export function transposed({ size, rowStart, column, value }: SparseMatrix): SparseMatrix {
  const start = new Int32Array(size + 1)
  for (const j of column) start[j + 1]!++
  for (let j = 0; j < size; j++) start[j + 1]! += start[j]!
  const next = start.slice()
  const [from, weight] = [new Int32Array(column.length), new Float64Array(column.length)]
  for (let i = 0; i < size; i++) {
    for (let k = rowStart[i]!; k < rowStart[i + 1]!; k++) {
      const at = next[column[k]!]!++
      from[at] = i
      weight[at] = value[k]!
    }
  }
  return { size, rowStart: start, column: from, value: weight }
}

/** out[b] = Σᵢ M[j][i] · shares[i][b] for one row j of a transposed matrix; `shares` is nodes × WIDTH. */
export function deliverRow(
  { rowStart, column, value }: SparseMatrix,
  j: number,
  { shares, out }: { shares: Float64Array; out: Float64Array },
): void {
  out.fill(0)
  let k = rowStart[j]!
  const end = rowStart[j + 1]!
  for (; k + 3 < end; k += 4) {
    const [w0, w1, w2, w3] = [value[k]!, value[k + 1]!, value[k + 2]!, value[k + 3]!]
    const [r0, r1] = [column[k]! * WIDTH, column[k + 1]! * WIDTH]
    const [r2, r3] = [column[k + 2]! * WIDTH, column[k + 3]! * WIDTH]
    for (let b = 0; b < WIDTH; b++)
      out[b]! += w0 * shares[r0 + b]! + w1 * shares[r1 + b]! + (w2 * shares[r2 + b]! + w3 * shares[r3 + b]!)
  }
  for (; k < end; k++) {
    const [w, row] = [value[k]!, column[k]! * WIDTH]
    for (let b = 0; b < WIDTH; b++) out[b]! += w * shares[row + b]!
  }
}
