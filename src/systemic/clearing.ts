/**
 * Who pays what when not all can pay: the greatest clearing vector of a network of obligations.
 *
 *   vᵢ = eᵢ + Σⱼ pⱼ·Lⱼᵢ/p̄ⱼ − sᵢ          what i has for its obligations p̄ᵢ = Σⱼ Lᵢⱼ, external seniors sᵢ served first
 *   pᵢ = p̄ᵢ                                 where vᵢ ≥ p̄ᵢ
 *      = max(0, α·eᵢ + β·Σⱼ pⱼ·Lⱼᵢ/p̄ⱼ − sᵢ)  where i defaults, with what bankruptcy leaves of its assets
 *
 * α = β = 1 is Eisenberg and Noe, Systemic Risk in Financial Systems (2001); costs of default are Rogers and Veraart,
 * Failure and Rescue in an Interbank Network (2013); senior claims of outsiders Elsinger (2009). Payments start at p̄
 * and fall: sweeps find who defaults, and once no sweep finds more, the payments of those are solved exactly. The set
 * of defaults only grows and every default is forced, so the vector is the greatest.
 *
 * Worked: L = [[0,8,2],[0,0,6],[3,0,0]], e = [1,1,1]. Node 0 has 1 + 3 of 10 and pays 4; node 1 gets 3.2, has 4.2 of 6.
 */
import { solveLinear } from '../math/linear-solve'
import { badInput, deliver, numberAt, rowSums, type SparseMatrix } from './network'

export interface ClearingInput {
  /** L[i][j]: what i owes j. */
  obligations: SparseMatrix
  /** e: assets from outside, ≥ 0. */
  externalAssets: Float64Array
  /** s: what i owes outsiders who are paid first, ≥ 0. None where left out. */
  seniorClaims?: Float64Array
  /** Share of external assets, and of claims on others, that a default leaves: 0 … 1, 1 where left out. */
  alpha?: number
  beta?: number
}

export interface Clearing {
  /** Payments, 0 … p̄. */
  paid: Float64Array
  owed: Float64Array
  /** What is left for the owners; 0 in default. */
  equity: Float64Array
  /** Nodes that do not pay in full, ascending. */
  defaults: number[]
  /** What seniors get, and what bankruptcy destroys: with them, value is conserved at every node. */
  seniorPaid: Float64Array
  destroyed: Float64Array
}

/** Shortfalls below this part of an obligation are rounding. */
const ROUNDING = 1e-12

interface Books {
  obligations: SparseMatrix
  owed: Float64Array
  external: Float64Array
  senior: Float64Array
  alpha: number
  beta: number
}

/** The greatest clearing vector. Throws PlimsollError where α or β is outside 0 … 1. */
export function clear(input: ClearingInput): Clearing {
  const { obligations, externalAssets } = input
  const books: Books = {
    obligations,
    owed: rowSums(obligations),
    external: externalAssets,
    senior: input.seniorClaims ?? new Float64Array(obligations.size),
    alpha: numberAt(input.alpha ?? 1, 'alpha', { least: 0, most: 1 }),
    beta: numberAt(input.beta ?? 1, 'beta', { least: 0, most: 1 }),
  }
  const paid = Float64Array.from(books.owed)
  const isDefault = new Uint8Array(obligations.size)
  // Every pass but the last finds a new default.
  for (let pass = 0; pass <= obligations.size; pass++) {
    sweepUntilNoNewDefault(books, paid, isDefault)
    settleDefaults(books, paid, isDefault)
    if (!markDefaults(books, paid, isDefault)) break
  }
  return outcome(books, paid, isDefault)
}

function received({ obligations, owed }: Books, paid: Float64Array): Float64Array {
  const share = paid.map((payment, i) => (owed[i] === 0 ? 0 : payment / owed[i]!))
  return deliver(obligations, share, new Float64Array(owed.length))
}

/** Marks who falls short at these payments; true when someone new does. */
function markDefaults(books: Books, paid: Float64Array, isDefault: Uint8Array): boolean {
  const { owed, external, senior } = books
  const inflow = received(books, paid)
  let found = false
  for (let i = 0; i < owed.length; i++) {
    if (isDefault[i] === 1) continue
    const claims = owed[i]! + senior[i]!
    const short = claims - external[i]! - inflow[i]!
    if (owed[i] === 0 || short <= ROUNDING * claims) continue
    isDefault[i] = 1
    found = true
  }
  return found
}

function sweepUntilNoNewDefault(books: Books, paid: Float64Array, isDefault: Uint8Array): void {
  const { external, senior, alpha, beta } = books
  while (markDefaults(books, paid, isDefault)) {
    const inflow = received(books, paid)
    for (let i = 0; i < paid.length; i++) {
      if (isDefault[i] === 0) continue
      const left = Math.max(0, alpha * external[i]! + beta * inflow[i]! - senior[i]!)
      paid[i] = Math.min(paid[i]!, left)
    }
  }
}

/**
 * Solves p = max(0, b + β·Πᵀp) over the defaulting nodes, by the set of those that pay anything: it starts with those
 * that b alone lets pay and grows, each system solved exactly (Howard's policy iteration).
 */
function settleDefaults(books: Books, paid: Float64Array, isDefault: Uint8Array): void {
  const { external, senior, alpha, beta } = books
  const fixed = paid.map((payment, i) => (isDefault[i] === 1 ? 0 : payment))
  const fromSolvent = received(books, fixed)
  const base = external.map((e, i) => alpha * e + beta * fromSolvent[i]! - senior[i]!)
  // Without seniors nobody's payment can be driven below zero.
  const hasSeniors = senior.some((claim) => claim > 0)
  let payers = indicesWhere(paid.length, (i) => isDefault[i] === 1 && (!hasSeniors || base[i]! > 0))
  const current = Float64Array.from(fixed)
  for (let round = 0; round <= paid.length; round++) {
    const solved = solvePayers(books, payers, base)
    if (solved === undefined)
      throw badInput('payments of the defaulting nodes have no unique solution: magnitudes differ too much')
    current.set(fixed)
    for (let k = 0; k < payers.length; k++) current[payers[k]!] = Math.max(0, solved[k]!)
    if (!hasSeniors) break
    const inflow = received(
      books,
      current.map((payment, i) => (isDefault[i] === 1 ? payment : 0)),
    )
    const next = indicesWhere(paid.length, (i) => isDefault[i] === 1 && base[i]! + beta * inflow[i]! > 0)
    if (next.length === payers.length) break
    payers = next
  }
  for (let i = 0; i < paid.length; i++) if (isDefault[i] === 1) paid[i] = Math.min(paid[i]!, current[i]!)
}

function solvePayers(books: Books, payers: Int32Array, base: Float64Array): Float64Array | undefined {
  const { obligations, owed, beta } = books
  const size = payers.length
  const place = new Int32Array(owed.length).fill(-1)
  payers.forEach((node, k) => {
    place[node] = k
  })
  const matrix = new Float64Array(size * size)
  for (let k = 0; k < size; k++) {
    const node = payers[k]!
    matrix[k * size + k]! += 1
    for (let at = obligations.rowStart[node]!; at < obligations.rowStart[node + 1]!; at++) {
      const row = place[obligations.column[at]!]!
      if (row >= 0) matrix[row * size + k]! -= (beta * obligations.value[at]!) / owed[node]!
    }
  }
  return solveLinear(
    matrix,
    Float64Array.from(payers, (node) => base[node]!),
  )
}

function indicesWhere(length: number, holds: (i: number) => boolean): Int32Array {
  const found: number[] = []
  for (let i = 0; i < length; i++) if (holds(i)) found.push(i)
  return Int32Array.from(found)
}

function outcome(books: Books, paid: Float64Array, isDefault: Uint8Array): Clearing {
  const { owed, external, senior, alpha, beta } = books
  const inflow = received(books, paid)
  const size = owed.length
  const [equity, seniorPaid, destroyed] = [
    new Float64Array(size),
    new Float64Array(size),
    new Float64Array(size),
  ]
  for (let i = 0; i < size; i++) {
    const assets = external[i]! + inflow[i]!
    const left = isDefault[i] === 1 ? alpha * external[i]! + beta * inflow[i]! : assets
    destroyed[i] = assets - left
    seniorPaid[i] = Math.min(senior[i]!, left)
    equity[i] = isDefault[i] === 1 ? 0 : Math.max(0, left - seniorPaid[i]! - paid[i]!)
  }
  return {
    ...{ paid, owed, equity, seniorPaid, destroyed },
    defaults: Array.from(indicesWhere(size, (i) => isDefault[i] === 1)),
  }
}
