/**
 * DebtRank: how much value a network loses beyond a first shock, by distress h in 0 … 1 passed from node to node.
 *
 *   2012  h_j ← min(1, h_j + Σᵢ Wᵢⱼ·hᵢ) over nodes i that became distressed in the step before; each passes its distress
 *         on once. Battiston et al., DebtRank: Too Central to Fail?, Scientific Reports 2, 541.
 *   2015  h_j ← min(1, h_j + Σᵢ Wᵢⱼ·Δhᵢ): every increment is passed on, up to the least h = min(1, h⁰ + Wᵀh). Bardoscia
 *         et al., DebtRank: A Microscopic Foundation for Shock Propagation, PLoS ONE 10(6).
 *   R     Σ hⱼ·vⱼ − Σ h⁰ⱼ·vⱼ with v the nodes' shares of economic value.
 *
 * The 2012 form is monotone in h⁰ only while the same nodes start distressed: a node with a small first shock has
 * spoken when a greater one reaches it. The 2015 form is monotone throughout.
 */
import { solveLinear } from '../math/linear-solve'
import { badInput, deliver, type SparseMatrix } from './network'

export type DebtRankVariant = 2012 | 2015

export interface DebtRankInput {
  /** W[i][j]: distress that the whole loss of i brings to j. In the 2012 form at most 1. */
  impact: SparseMatrix
  /** v: shares of economic value, Σ ≤ 1. */
  value: Float64Array
  /** h⁰ in 0 … 1. */
  initial: Float64Array
  variant: DebtRankVariant
}

export interface DebtRank {
  /** R: share of value lost beyond the first shock, 0 … 1. */
  lost: number
  distress: Float64Array
}

/** Runs either form. Throws PlimsollError where values sum to more than 1 or a 2012 impact exceeds 1. */
export function debtRank(input: DebtRankInput): DebtRank {
  const { impact, value, initial, variant } = input
  const total = value.reduce((sum, part) => sum + part, 0)
  if (total > 1 + 1e-9)
    throw badInput(`v sums to ${total}`, 'v holds shares of economic value: divide by their sum')
  const distress = variant === 2012 ? spreadOnce(impact, initial) : spreadIncrements(impact, initial)
  let lost = 0
  for (let i = 0; i < impact.size; i++) lost += (distress[i]! - initial[i]!) * value[i]!
  return { lost: Math.min(1, Math.max(0, lost)), distress }
}

function spreadOnce(impact: SparseMatrix, initial: Float64Array): Float64Array {
  const over = impact.value.findIndex((w) => w > 1)
  if (over >= 0)
    throw badInput(
      `an impact in W is ${impact.value[over]}, above 1`,
      'in the 2012 form an impact is min(1, exposure / equity); variant 2015 takes greater ones',
    )
  const { size } = impact
  const distress = Float64Array.from(initial)
  const hasSpoken = new Uint8Array(size)
  let speaking = distress.map((h) => (h > 0 ? h : 0))
  const change = new Float64Array(size)
  // Each node speaks at most once, so no more steps than nodes.
  for (let step = 0; step <= size && speaking.some((h) => h > 0); step++) {
    deliver(impact, speaking, change)
    for (let i = 0; i < size; i++) {
      if (speaking[i]! > 0) hasSpoken[i] = 1
      distress[i] = Math.min(1, distress[i]! + change[i]!)
    }
    speaking = distress.map((h, i) => (hasSpoken[i] === 0 ? h : 0))
  }
  return distress
}

/** After this many steps the rest is solved at once rather than awaited. */
const PATIENCE_STEPS = 256
const MAX_STEPS = 100_000

function spreadIncrements(impact: SparseMatrix, initial: Float64Array): Float64Array {
  const distress = Float64Array.from(initial)
  let fresh = Float64Array.from(initial)
  const change = new Float64Array(impact.size)
  for (let step = 1; step <= MAX_STEPS; step++) {
    deliver(impact, fresh, change)
    const before = Float64Array.from(distress)
    for (let i = 0; i < distress.length; i++) distress[i] = Math.min(1, distress[i]! + change[i]!)
    fresh = distress.map((h, i) => h - before[i]!)
    if (!fresh.some((increment) => increment > 1e-17)) return distress
    if (step !== PATIENCE_STEPS) continue
    const solved = solveFromAbove(impact, initial)
    if (solved !== undefined) return solved
  }
  throw badInput(`distress did not settle within ${MAX_STEPS} steps`)
}

/**
 * The fixed point of h = min(1, h⁰ + Wᵀh) over the nodes that the shock reaches, where it is unique (the map is concave
 * and lifts each of them above 0). From all at 1 downwards: nodes whose sum falls short of 1 follow it, and they are
 * solved exactly, until no more do. Undefined where a system is singular.
 */
function solveFromAbove(impact: SparseMatrix, initial: Float64Array): Float64Array | undefined {
  const isReached = reachedFrom(impact, initial)
  const distress = initial.map((_, i) => (isReached[i] === 1 ? 1 : 0))
  const isOpen = new Uint8Array(impact.size)
  const sums = new Float64Array(impact.size)
  for (let round = 0; round <= impact.size; round++) {
    deliver(impact, distress, sums)
    let found = false
    for (let i = 0; i < impact.size; i++) {
      if (isReached[i] === 0 || isOpen[i] === 1 || initial[i]! + sums[i]! >= 1) continue
      isOpen[i] = 1
      found = true
    }
    if (!found) return distress.map((h, i) => Math.min(1, Math.max(initial[i]!, h)))
    if (!solveOpen(impact, initial, { distress, isOpen })) return undefined
  }
  return undefined
}

function reachedFrom({ size, rowStart, column }: SparseMatrix, initial: Float64Array): Uint8Array {
  const isReached = new Uint8Array(size)
  const queue = Array.from(initial.keys()).filter((i) => initial[i]! > 0)
  for (const node of queue) isReached[node] = 1
  for (let head = 0; head < queue.length; head++) {
    for (let at = rowStart[queue[head]!]!; at < rowStart[queue[head]! + 1]!; at++) {
      if (isReached[column[at]!] === 1) continue
      isReached[column[at]!] = 1
      queue.push(column[at]!)
    }
  }
  return isReached
}

/** Solves h = h⁰ + Wᵀh for the open nodes, all others held, into `distress`. False where it cannot be. */
function solveOpen(
  { size, rowStart, column, value }: SparseMatrix,
  initial: Float64Array,
  { distress, isOpen }: { distress: Float64Array; isOpen: Uint8Array },
): boolean {
  const open = Array.from(isOpen.keys()).filter((i) => isOpen[i] === 1)
  const place = new Int32Array(size).fill(-1)
  open.forEach((node, k) => {
    place[node] = k
  })
  const count = open.length
  const matrix = new Float64Array(count * count)
  const right = Float64Array.from(open, (node) => initial[node]!)
  for (let k = 0; k < count; k++) matrix[k * count + k] = 1
  for (let i = 0; i < size; i++) {
    for (let at = rowStart[i]!; at < rowStart[i + 1]!; at++) {
      const row = place[column[at]!]!
      if (row < 0) continue
      if (place[i]! < 0) right[row]! += value[at]! * distress[i]!
      else matrix[row * count + place[i]!]! -= value[at]!
    }
  }
  const solved = solveLinear(matrix, right)
  if (solved === undefined) return false
  open.forEach((node, k) => {
    distress[node] = solved[k]!
  })
  return true
}
