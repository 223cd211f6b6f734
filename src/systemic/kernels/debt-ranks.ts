/**
 * DebtRank of many first shocks at once, such as the failure of each node alone; debt-rank.ts has the model and what one
 * shock does. Shocks are carried side by side, WIDTH at a time. What the 2015 form ends in is the least h with
 * h = min(1, h⁰ + Wᵀh), which sweeps from h⁰ upwards reach from below, each node with what the sweep has found so far.
 * Shocks that have not settled after so many sweeps are left to the exact solution of debt-rank.ts. Memory: at most four
 * blocks of nodes × WIDTH, and the results.
 */
import { type DebtRankVariant, debtRank } from '../debt-rank'
import { badInput, numberAt, type SparseMatrix } from '../network'
import { type Delivery, deliveryOf, WIDTH } from './deliver-many'

export interface DebtRanksInput {
  /** As of debtRank. */
  impact: SparseMatrix
  value: Float64Array
  variant: DebtRankVariant
  /** Shocks × nodes, 0 … 1; each node's whole loss alone where left out. */
  initials?: Float64Array
}

const PATIENCE_SWEEPS = 256
/** Rises below this end a block; what a geometric series as slow as patience allows still adds is below 1e-13. */
const LEAST_RISE = 1e-15

interface Block {
  delivery: Delivery
  initial: Float64Array
  /** In the 2015 form it is what a delivery shares; in the 2012 form that is what is said in a step. */
  distress: Float64Array
  /** By shock: whether the last sweep still raised something. */
  rises: Uint8Array
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
  const block = newBlock(impact, variant)
  const lost = new Float64Array(count)
  for (let from = 0; from < count; from += WIDTH) {
    const width = Math.min(WIDTH, count - from)
    startBlock(block, initials, { from, width, size })
    if (variant === 2012) speakOnce(block, size)
    else rise(block, size)
    for (let b = 0; b < width; b++) lost[from + b] = lossOf(input, block, b)
  }
  return lost
}

function newBlock(impact: SparseMatrix, variant: DebtRankVariant): Block {
  const one = () => new Float64Array(impact.size * WIDTH)
  const delivery = deliveryOf(impact)
  const distress = variant === 2012 ? one() : delivery.shares
  return { delivery, initial: one(), distress, rises: new Uint8Array(WIDTH) }
}

function startBlock(
  { initial, distress, rises }: Block,
  initials: Float64Array | undefined,
  { from, width, size }: { from: number; width: number; size: number },
): void {
  initial.fill(0)
  rises.fill(0)
  for (let b = 0; b < width; b++) {
    if (initials === undefined) initial[(from + b) * WIDTH + b] = 1
    else
      for (let node = 0; node < size; node++) initial[node * WIDTH + b] = initials[(from + b) * size + node]!
  }
  distress.set(initial)
}

/** 2015: sweeps until nothing rises, or patience ends. */
function rise({ delivery, initial, distress, rises }: Block, size: number): void {
  const change = delivery.received
  for (let sweep = 0; sweep < PATIENCE_SWEEPS; sweep++) {
    rises.fill(0)
    for (let node = 0; node < size; node++) {
      delivery.deliver(node)
      const row = node * WIDTH
      for (let b = 0; b < WIDTH; b++) {
        const sum = initial[row + b]! + change[b]!
        const after = sum < 1 ? sum : 1
        const before = distress[row + b]!
        if (after <= before) continue
        distress[row + b] = after
        if (after - before > LEAST_RISE) rises[b] = 1
      }
    }
    if (!rises.includes(1)) return
  }
}

/** 2012: each node speaks once, in the step after it is first distressed, so no more steps than nodes. */
function speakOnce(block: Block, size: number): void {
  const { deliver, shares } = block.delivery
  const hasSpoken = new Uint8Array(shares.length)
  const next = new Float64Array(shares.length)
  shares.set(block.initial)
  for (let step = 0; step <= size; step++) {
    let isAnyoneSpeaking = false
    for (let node = 0; node < size; node++) {
      deliver(node)
      if (hearOnce(block, { hasSpoken, next, node })) isAnyoneSpeaking = true
    }
    shares.set(next)
    if (!isAnyoneSpeaking) return
  }
}

/** Whether the node has something to say in the next step. */
function hearOnce(
  { delivery, distress }: Block,
  { hasSpoken, next, node }: { hasSpoken: Uint8Array; next: Float64Array; node: number },
): boolean {
  const { shares: speaking, received: change } = delivery
  let speaks = false
  const row = node * WIDTH
  for (let b = 0; b < WIDTH; b++) {
    if (speaking[row + b]! > 0) hasSpoken[row + b] = 1
    const sum = distress[row + b]! + change[b]!
    const after = sum < 1 ? sum : 1
    distress[row + b] = after
    next[row + b] = hasSpoken[row + b] === 1 ? 0 : after
    if (next[row + b]! > 0) speaks = true
  }
  return speaks
}

function lossOf(
  { impact, value, variant }: DebtRanksInput,
  { initial, distress, rises }: Block,
  b: number,
): number {
  if (rises[b] === 1) {
    const first = Float64Array.from(value, (_, node) => initial[node * WIDTH + b]!)
    return debtRank({ impact, value, variant, initial: first }).lost
  }
  let lost = 0
  for (let node = 0; node < value.length; node++)
    lost += (distress[node * WIDTH + b]! - initial[node * WIDTH + b]!) * value[node]!
  return Math.min(1, Math.max(0, lost))
}
