/**
 * Products of one sparse matrix with many columns at once. Columns stand side by side, a row of them for each node, so a
 * matrix element is read once for all and nothing is gathered; weigh.wat adds the rows up.
 */
import type { SparseMatrix } from '../network'
import { weigher } from './weigh'

/** Columns that are carried together: a row of them is 512 bytes. */
export const WIDTH = 64

export interface Delivery {
  /** Nodes × WIDTH: what each node has to give. */
  shares: Float64Array
  /** What one node receives from all: deliver(j) fills it with Σᵢ M[i][j] · shares[i]. */
  received: Float64Array
  deliver(node: number): void
}

/** Deliveries along a matrix whose row i says what node i gives to others. */
export function deliveryOf(matrix: SparseMatrix): Delivery {
  const { size, rowStart, column, value } = transposed(matrix)
  const { rows, sums, weigh } = weigher({ rows: size, width: WIDTH, row: column, columns: [value] })
  const received = sums[0]!
  return {
    ...{ shares: rows, received },
    deliver(node) {
      const [from, to] = [rowStart[node]!, rowStart[node + 1]!]
      if (from === to) received.fill(0)
      else weigh(0, from, to, 0)
    },
  }
}

/** Rows become columns. */
function transposed({ size, rowStart, column, value }: SparseMatrix): SparseMatrix {
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
