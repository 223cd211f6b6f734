/**
 * DebtRank of many first shocks at once, such as the failure of each node alone; debt-rank.ts has the model and what one
 * shock does. Shocks are carried side by side, WIDTH at a time; those that have not settled after so many steps are left
 * to the exact solution of debt-rank.ts. Memory: four blocks of nodes × WIDTH, and the results.
 */
import { type DebtRankVariant, debtRank } from '../debt-rank'
import { badInput, numberAt, type SparseMatrix } from '../network'
import { deliverRow, transposed, WIDTH } from './deliver-many'

export interface DebtRanksInput {
  /** As of debtRank. */
  impact: SparseMatrix
  value: Float64Array
  variant: DebtRankVariant
  /** Shocks × nodes, 0 … 1; each node's whole loss alone where left out. */
  initials?: Float64Array
}

const PATIENCE_STEPS = 256

interface Block {
  distress: Float64Array
  speaking: Float64Array
  next: Float64Array
  hasSpoken: Float64Array
}

/** R of every shock, 0 … 1. Throws PlimsollError as debtRank does, and on a shock outside 0 … 1. */
export function debtRanks(input: DebtRanksInput): Float64Array {
  const { impact, value, variant, initials } = input
  const { size } = impact
  const count = initials === undefined ? size : initials.length / size
  if (!Number.isInteger(count))
    throw badInput(`${initials?.length} first shocks are no whole number of ${size} nodes`)
  initials?.forEach((h, k) => {
    numberAt(h, `the shock ${Math.floor(k / size)} of node ${k % size}`, { least: 0, most: 1 })
  })
  // The checks of the model are those of one shock of nothing.
  debtRank({ impact, value, variant, initial: new Float64Array(size) })
  const incoming = transposed(impact)
  const block = newBlock(size)
  const lost = new Float64Array(count)
  for (let from = 0; from < count; from += WIDTH) {
    const width = Math.min(WIDTH, count - from)
    const initial = (b: number, node: number) =>
      initials === undefined ? Number(from + b === node) : initials[(from + b) * size + node]!
    startBlock(block, { size, width, initial })
    const isSettled = spread(incoming, block, variant)
    for (let b = 0; b < width; b++) lost[from + b] = lossOf(input, block, { b, initial, isSettled })
  }
  return lost
}

function newBlock(size: number): Block {
  const one = () => new Float64Array(size * WIDTH)
  return { distress: one(), speaking: one(), next: one(), hasSpoken: one() }
}

type Initial = (b: number, node: number) => number

function startBlock(
  { distress, speaking, hasSpoken }: Block,
  { size, width, initial }: { size: number; width: number; initial: Initial },
): void {
  distress.fill(0)
  hasSpoken.fill(0)
  for (let node = 0; node < size; node++)
    for (let b = 0; b < width; b++) distress[node * WIDTH + b] = initial(b, node)
  speaking.set(distress)
}

/** Steps until nobody has anything to pass on; false where some still do when patience ends. */
function spread(incoming: SparseMatrix, block: Block, variant: DebtRankVariant): boolean {
  const change = new Float64Array(WIDTH)
  const most = variant === 2012 ? incoming.size + 1 : PATIENCE_STEPS
  const least = variant === 2012 ? 0 : 1e-17
  for (let step = 0; step < most; step++) {
    let loudest = 0
    for (let node = 0; node < incoming.size; node++) {
      deliverRow(incoming, node, { shares: block.speaking, out: change })
      const heard = variant === 2012 ? hearOnce(block, node, change) : hearIncrements(block, node, change)
      if (heard > loudest) loudest = heard
    }
    ;[block.speaking, block.next] = [block.next, block.speaking]
    if (loudest <= least) return true
  }
  return false
}

/** 2015: every increment is passed on. The greatest of the node's. */
function hearIncrements({ distress, next }: Block, node: number, change: Float64Array): number {
  let most = 0
  const row = node * WIDTH
  for (let b = 0; b < WIDTH; b++) {
    const before = distress[row + b]!
    const sum = before + change[b]!
    const after = sum < 1 ? sum : 1
    // What was added, not what rounding made of it: otherwise a last bit could be passed on for ever.
    const fresh = sum < 1 ? change[b]! : 1 - before
    distress[row + b] = after
    next[row + b] = fresh
    if (fresh > most) most = fresh
  }
  return most
}

/** 2012: a node speaks once, in the step after it is first distressed. */
function hearOnce(
  { distress, speaking, next, hasSpoken }: Block,
  node: number,
  change: Float64Array,
): number {
  let most = 0
  const row = node * WIDTH
  for (let b = 0; b < WIDTH; b++) {
    if (speaking[row + b]! > 0) hasSpoken[row + b] = 1
    const sum = distress[row + b]! + change[b]!
    const after = sum < 1 ? sum : 1
    const fresh = hasSpoken[row + b] === 1 ? 0 : after
    distress[row + b] = after
    next[row + b] = fresh
    if (fresh > most) most = fresh
  }
  return most
}

function lossOf(
  { impact, value, variant }: DebtRanksInput,
  { distress, speaking }: Block,
  { b, initial, isSettled }: { b: number; initial: Initial; isSettled: boolean },
): number {
  const { size } = impact
  const isOpen =
    !isSettled && Array.from({ length: size }, (_, i) => speaking[i * WIDTH + b]!).some((h) => h > 1e-17)
  if (isOpen) {
    const first = Float64Array.from({ length: size }, (_, node) => initial(b, node))
    return debtRank({ impact, value, variant, initial: first }).lost
  }
  let lost = 0
  for (let node = 0; node < size; node++)
    lost += (distress[node * WIDTH + b]! - initial(b, node)) * value[node]!
  return Math.min(1, Math.max(0, lost))
}
