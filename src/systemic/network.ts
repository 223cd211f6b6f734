/**
 * Networks of obligations and impacts, checked once and kept sparse (compressed rows), because most pairs of real
 * networks owe each other nothing. Whatever is wrong is named by its place: `L[2][0] is -3`.
 */
import { PlimsollError } from '../errors'

/** Dense 4,096 × 4,096 numbers are 128 MB: more is refused rather than tried. */
export const MAX_NODES = 4_096

/** Square matrix without zeros: entries of row i are at rowStart[i] … rowStart[i + 1] − 1. */
export interface SparseMatrix {
  size: number
  rowStart: Int32Array
  column: Int32Array
  value: Float64Array
}

/** An error in what the user gave: exit code 2. */
export function badInput(message: string, hint?: string): PlimsollError {
  return new PlimsollError(message, { exitCode: 2, ...(hint === undefined ? {} : { hint }) })
}

/** A value as it appears in a message: short, and telling texts from numbers. */
export function shown(value: unknown): string {
  if (value === undefined) return 'missing'
  const text = typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? String(value))
  return text.length > 40 ? `${text.slice(0, 40)}…` : text
}

export interface Bounds {
  least?: number
  most?: number
}

/** The number at a named place, or an error that says what stands there. Bounds include their ends. */
export function numberAt(value: unknown, place: string, { least, most }: Bounds = {}): number {
  if (value === undefined) throw badInput(`${place} is missing`)
  if (typeof value !== 'number' || !Number.isFinite(value))
    throw badInput(`${place} is ${shown(value)}, not a finite number`)
  if (least !== undefined && value < least)
    throw badInput(least === 0 ? `${place} is negative: ${value}` : `${place} is ${value}, below ${least}`)
  if (most !== undefined && value > most) throw badInput(`${place} is ${value}, above ${most}`)
  return value
}

/** A list of exactly `length` numbers within bounds. */
export function vectorAt(
  value: unknown,
  place: string,
  { length, ...bounds }: Bounds & { length: number },
): Float64Array {
  if (value === undefined) throw badInput(`${place} is missing`)
  const list = listAt(value, place)
  if (list.length !== length)
    throw badInput(`${place} has ${list.length} elements, but the network has ${length} nodes`)
  const result = new Float64Array(length)
  for (let i = 0; i < length; i++) result[i] = numberAt(list[i], `${place}[${i}]`, bounds)
  return result
}

function listAt(value: unknown, place: string): ArrayLike<unknown> {
  if (Array.isArray(value) || value instanceof Float64Array) return value
  throw badInput(`${place} is ${shown(value)}, not a list`)
}

/**
 * A square matrix of nonnegative numbers with nothing on its diagonal: what i owes j, or i's impact on j.
 * @throws PlimsollError naming the element where it is not
 */
export function matrixAt(value: unknown, place: string, bounds: { most?: number } = {}): SparseMatrix {
  if (value === undefined) throw badInput(`${place} is missing`)
  const rows = listAt(value, place)
  const size = rows.length
  if (size === 0) throw badInput(`${place} is empty: a network has at least one node`)
  if (size > MAX_NODES) throw badInput(`${place} has ${size} rows: too large, at most ${MAX_NODES} nodes`)
  const rowStart = new Int32Array(size + 1)
  const column: number[] = []
  const kept: number[] = []
  for (let i = 0; i < size; i++) {
    const row = listAt(rows[i], `${place}[${i}]`)
    if (row.length !== size)
      throw badInput(`${place} is not square: ${place}[${i}] has ${row.length} elements, not ${size}`)
    for (let j = 0; j < size; j++) {
      const entry = numberAt(row[j], `${place}[${i}][${j}]`, { least: 0, ...bounds })
      if (entry === 0) continue
      if (i === j) throw badInput(`${place}[${i}][${i}] is ${entry}: a node owes nothing to itself`)
      column.push(j)
      kept.push(entry)
    }
    rowStart[i + 1] = column.length
  }
  return { size, rowStart, column: Int32Array.from(column), value: Float64Array.from(kept) }
}

/** Sum of every row. Throws where it exceeds what a double holds. */
export function rowSums({ size, rowStart, value }: SparseMatrix, place = 'L'): Float64Array {
  const sums = new Float64Array(size)
  for (let i = 0; i < size; i++) {
    let sum = 0
    for (let k = rowStart[i]!; k < rowStart[i + 1]!; k++) sum += value[k]!
    if (!Number.isFinite(sum)) throw badInput(`${place}[${i}] sums to more than a double holds`)
    sums[i] = sum
  }
  return sums
}

/** out[j] = Σᵢ share[i] · M[i][j]: what reaches j when each i delivers that share of its row. */
export function deliver(matrix: SparseMatrix, share: Float64Array, out: Float64Array): Float64Array {
  const { size, rowStart, column, value } = matrix
  out.fill(0)
  for (let i = 0; i < size; i++) {
    const part = share[i]!
    if (part === 0) continue
    for (let k = rowStart[i]!; k < rowStart[i + 1]!; k++) out[column[k]!]! += part * value[k]!
  }
  return out
}
