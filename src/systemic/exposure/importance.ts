/**
 * Which nodes the others depend on.
 *
 *   centrality   PageRank (Brin and Page 1998) over edges that lead from who depends to what it depends on, by dollars
 *   debtRank     R of the linear DebtRank (Bardoscia et al. 2015) after a node's whole loss. W[i][j] is j's exposure to i over
 *                what j has to lose: an account's deposits less its debts, all that a venue or a token owes its holders. Only
 *                accounts and exchange pools, whose owners are not known, bear a loss in the end: v counts them alone, so
 *                that no dollar is lost twice.
 */
import { debtRanks } from '../kernels/debt-ranks'
import type { SparseMatrix } from '../network'

export interface Dependence {
  /** Places of nodes: `from` loses when `to` fails. */
  from: number
  to: number
  usd: number
}

const DAMPING = 0.85
const TOLERANCE = 1e-12
const MAX_STEPS = 500

/** Sums to 1; of no nodes an empty array. */
export function pageRank(size: number, edges: readonly Dependence[]): Float64Array {
  const out = new Float64Array(size)
  for (const { from, usd } of edges) out[from]! += usd
  let rank = new Float64Array(size).fill(1 / size)
  for (let step = 0; step < MAX_STEPS; step++) {
    let dangling = 0
    for (let i = 0; i < size; i++) if (!(out[i]! > 0)) dangling += rank[i]!
    const next = new Float64Array(size).fill((1 - DAMPING + DAMPING * dangling) / size)
    for (const { from, to, usd } of edges)
      if (usd > 0) next[to]! += (DAMPING * rank[from]! * usd) / out[from]!
    let moved = 0
    for (let i = 0; i < size; i++) moved += Math.abs(next[i]! - rank[i]!)
    rank = next
    if (moved < TOLERANCE) break
  }
  return rank
}

export interface Sheets {
  /** By node: what it has to lose. */
  worthUsd: Float64Array
  /** By node: what is lost for good where it loses all. */
  bornUsd: Float64Array
  /** Nodes that fail at once, a list a failure. */
  together: readonly (readonly number[])[]
}

/** R of every node's failure alone, then of each of `together`. */
export function importance(
  edges: readonly Dependence[],
  { worthUsd, bornUsd, together }: Sheets,
): Float64Array {
  const size = worthUsd.length
  const whole = bornUsd.reduce((sum, usd) => sum + usd, 0)
  if (size === 0 || !(whole > 0)) return new Float64Array(size + together.length)
  const value = bornUsd.map((usd) => usd / whole)
  const input = { impact: impactOf(edges, worthUsd), value, variant: 2015 as const }
  const initials = new Float64Array(together.length * size)
  together.forEach((nodes, row) => {
    for (const node of nodes) initials[row * size + node] = 1
  })
  const joint = together.length === 0 ? [] : debtRanks({ ...input, initials })
  return Float64Array.of(...debtRanks(input), ...joint)
}

/** Row i: what the loss of i brings to others. Whoever has nothing to lose loses all with any of it. */
function impactOf(edges: readonly Dependence[], worthUsd: Float64Array): SparseMatrix {
  const size = worthUsd.length
  const rows = Array.from({ length: size }, () => new Map<number, number>())
  for (const { from, to, usd } of edges)
    if (usd > 0 && from !== to) rows[to]!.set(from, (rows[to]!.get(from) ?? 0) + usd)
  const rowStart = new Int32Array(size + 1)
  const column: number[] = []
  const value: number[] = []
  rows.forEach((row, i) => {
    for (const [from, usd] of [...row].sort(([a], [b]) => a - b)) {
      column.push(from)
      value.push(worthUsd[from]! > 0 ? usd / worthUsd[from]! : 1)
    }
    rowStart[i + 1] = column.length
  })
  return { size, rowStart, column: Int32Array.from(column), value: Float64Array.from(value) }
}
