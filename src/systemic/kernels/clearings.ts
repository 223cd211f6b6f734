/**
 * Clearing vectors of one network in many scenarios of outside assets; clearing.ts has the model and the exact vector of
 * one scenario. Payments start at what is owed and fall, scenarios side by side, WIDTH at a time:
 *
 *   pⱼ ← min(pⱼ, max(0, α·eⱼ + β·Σᵢ pᵢ·Lᵢⱼ/p̄ᵢ − sⱼ))   for those in default, each with what the sweep has found so far
 *
 * Every p on the way lies above the greatest vector, so every default found is forced. Where it falls slowly, because
 * little value leaves the network, the scenario is solved exactly instead. Memory: three blocks of nodes × WIDTH, and the
 * results.
 */
import { type ClearingInput, clear } from '../clearing'
import { badInput, numberAt, rowSums } from '../network'
import { type Delivery, deliveryOf, WIDTH } from './deliver-many'

export interface ClearingsInput extends Omit<ClearingInput, 'externalAssets'> {
  /** Scenarios × nodes, ≥ 0. */
  externalAssets: Float64Array
}

export interface Clearings {
  /** Scenarios × nodes. */
  paid: Float64Array
  /** By scenario: nodes that do not pay in full, and what they leave unpaid. */
  defaults: Int32Array
  unpaid: Float64Array
  /** Scenarios that were solved one by one. */
  solved: number
}

const PATIENCE_SWEEPS = 200
/** Falls below this part of what is owed end a scenario; the rest of a geometric series as slow as patience allows is below 1e-11. */
const LEAST_FALL = 1e-13
const ROUNDING = 1e-12

interface Books {
  /** Shares what nodes pay, by the parts of what they owe. */
  delivery: Delivery
  owed: Float64Array
  senior: Float64Array
  alpha: number
  beta: number
}

interface Block {
  /** What the delivery shares. */
  paid: Float64Array
  external: Float64Array
  isDefault: Uint8Array
  /** Whether a column still fell in the last sweep. */
  falls: Uint8Array
}

/** The greatest clearing vector of every scenario. Throws PlimsollError where an asset, α or β cannot be. */
export function clearings(input: ClearingsInput): Clearings {
  const { obligations, externalAssets } = input
  const { size } = obligations
  const count = externalAssets.length / size
  if (!Number.isInteger(count))
    throw badInput(`${externalAssets.length} outside assets are no whole number of ${size} nodes`)
  externalAssets.forEach((e, k) => {
    numberAt(e, `e of node ${k % size} in scenario ${Math.floor(k / size)}`, { least: 0 })
  })
  const books = booksOf(input)
  const result: Clearings = {
    paid: new Float64Array(count * size),
    defaults: new Int32Array(count),
    unpaid: new Float64Array(count),
    solved: 0,
  }
  const one = () => new Float64Array(size * WIDTH)
  const block: Block = {
    ...{ paid: books.delivery.shares, external: one() },
    isDefault: new Uint8Array(size * WIDTH),
    falls: new Uint8Array(WIDTH),
  }
  for (let from = 0; from < count; from += WIDTH) {
    const width = Math.min(WIDTH, count - from)
    startBlock(books, block, { externalAssets, from, width })
    sweep(books, block)
    for (let b = 0; b < width; b++) readColumn(input, { books, block, result, b, s: from + b })
  }
  return result
}

function booksOf({ obligations, seniorClaims, alpha = 1, beta = 1 }: ClearingsInput): Books {
  const owed = rowSums(obligations)
  const { rowStart, value } = obligations
  const shares = Float64Array.from(value)
  for (let i = 0; i < obligations.size; i++)
    for (let k = rowStart[i]!; k < rowStart[i + 1]!; k++) shares[k] = value[k]! / owed[i]!
  return {
    delivery: deliveryOf({ ...obligations, value: shares }),
    owed,
    senior: seniorClaims ?? new Float64Array(obligations.size),
    alpha: numberAt(alpha, 'alpha', { least: 0, most: 1 }),
    beta: numberAt(beta, 'beta', { least: 0, most: 1 }),
  }
}

function startBlock(
  { owed }: Books,
  { paid, external, isDefault }: Block,
  { externalAssets, from, width }: { externalAssets: Float64Array; from: number; width: number },
): void {
  const size = owed.length
  isDefault.fill(0)
  // Columns beyond the last scenario repeat it, and are not read.
  for (let b = 0; b < WIDTH; b++) {
    const row = (from + Math.min(b, width - 1)) * size
    for (let node = 0; node < size; node++) external[node * WIDTH + b] = externalAssets[row + node]!
  }
  for (let node = 0; node < size; node++) paid.fill(owed[node]!, node * WIDTH, (node + 1) * WIDTH)
}

function sweep(books: Books, block: Block): void {
  for (let k = 0; k < PATIENCE_SWEEPS; k++) {
    block.falls.fill(0)
    for (let node = 0; node < books.owed.length; node++) {
      if (books.owed[node] === 0) continue
      books.delivery.deliver(node)
      pay(books, block, node)
    }
    if (!block.falls.includes(1)) return
  }
}

function pay(
  { delivery, owed, senior, alpha, beta }: Books,
  { paid, external, isDefault, falls }: Block,
  node: number,
): void {
  const inflow = delivery.received
  const row = node * WIDTH
  const claims = owed[node]! + senior[node]!
  const least = LEAST_FALL * owed[node]!
  for (let b = 0; b < WIDTH; b++) {
    const held = external[row + b]!
    if (isDefault[row + b] === 0) {
      if (claims - held - inflow[b]! <= ROUNDING * claims) continue
      isDefault[row + b] = 1
    }
    const left = alpha * held + beta * inflow[b]! - senior[node]!
    const payment = left > 0 ? left : 0
    const before = paid[row + b]!
    if (payment >= before) continue
    paid[row + b] = payment
    if (before - payment > least) falls[b] = 1
  }
}

function readColumn(
  input: ClearingsInput,
  { books, block, result, b, s }: { books: Books; block: Block; result: Clearings; b: number; s: number },
): void {
  const { owed } = books
  const size = owed.length
  const paid = result.paid.subarray(s * size, (s + 1) * size)
  if (block.falls[b] === 1) {
    const externalAssets = input.externalAssets.slice(s * size, (s + 1) * size)
    const exact = clear({ ...input, externalAssets })
    paid.set(exact.paid)
    result.defaults[s] = exact.defaults.length
    result.solved++
  } else {
    for (let node = 0; node < size; node++) {
      paid[node] = block.paid[node * WIDTH + b]!
      result.defaults[s]! += block.isDefault[node * WIDTH + b]!
    }
  }
  for (let node = 0; node < size; node++) result.unpaid[s]! += owed[node]! - paid[node]!
}
