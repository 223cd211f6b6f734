/**
 * What a model's inputs and scores looked like in training, in a few numbers each, and how far other rows stand from it.
 *
 * An input is cut into ten bins that training filled equally (fewer where it has few values); then
 * PSI = Σ (aᵢ − eᵢ) · ln(aᵢ / eᵢ) over the bins and the missing, with shares below 10⁻⁴ counted as that, and
 * KS = the largest difference of the two distribution functions at the bins' edges, of the values that are there.
 * Worked: shares 0.5/0.5 in training and 0.8/0.2 now → PSI = 0.3·ln 1.6 − 0.3·ln 0.4 = 0.416, KS = 0.3. Pure.
 */
import { quantileOfSorted } from '../math/statistics'

const BINS = 10
const LEAST_SHARE = 1e-4

/** One column: bin i holds values above edges[i − 1] and up to edges[i]; the last one what is above them all. */
export interface ColumnReference {
  /** Share of rows in which it was missing (NaN). */
  missing: number
  /** Ascending, float32. */
  edges: readonly number[]
  /** Shares of all rows, one more than edges; with `missing` they add up to 1. */
  shares: readonly number[]
}

export interface Reference {
  rows: number
  features: Readonly<Record<string, ColumnReference>>
  score: ColumnReference
}

export interface Drift {
  /** null without rows. */
  psi: number | null
  /** null without values. */
  ks: number | null
  missing: number
}

/** Reference of training rows: `rows` row-major float32, `names` of its columns, one score a row. Throws without rows. */
export function referenceOf({
  rows,
  names,
  scores,
}: {
  rows: Float32Array
  names: readonly string[]
  scores: ArrayLike<number>
}): Reference {
  const count = rows.length / names.length
  if (count === 0 || scores.length !== count) {
    throw new Error(`a reference needs rows with a score each; got ${count} rows, ${scores.length} scores`)
  }
  const features = names.map((name, column): [string, ColumnReference] => [
    name,
    columnReference(columnOf(rows, { column, width: names.length })),
  ])
  return {
    rows: count,
    features: Object.fromEntries(features),
    score: columnReference(Float64Array.from(scores)),
  }
}

/** One column of a row-major matrix. */
export function columnOf(
  rows: Float32Array,
  { column, width }: { column: number; width: number },
): Float64Array {
  return Float64Array.from({ length: rows.length / width }, (_, row) => rows[row * width + column]!)
}

function columnReference(values: Float64Array): ColumnReference {
  const present = values.filter((value) => !Number.isNaN(value)).sort()
  const cuts = Array.from({ length: BINS - 1 }, (_, i) =>
    Math.fround(quantileOfSorted(present, (i + 1) / BINS)),
  )
  const edges = present.length === 0 ? [] : [...new Set(cuts)]
  const { shares, missing } = sharesOf(values, edges)
  return { missing: rounded(missing), edges, shares: shares.map(rounded) }
}

/** Shares of the bins and of the missing; zeros without values. */
export function sharesOf(
  values: ArrayLike<number>,
  edges: readonly number[],
): { shares: number[]; missing: number } {
  const counts = new Array<number>(edges.length + 1).fill(0)
  let missing = 0
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!
    if (Number.isNaN(value)) missing++
    else {
      const bin = edges.findIndex((edge) => value <= edge)
      counts[bin === -1 ? edges.length : bin]!++
    }
  }
  const rows = Math.max(1, values.length)
  return { shares: counts.map((n) => n / rows), missing: missing / rows }
}

/** How far values stand from a column's reference. */
export function driftOf(values: ArrayLike<number>, reference: ColumnReference): Drift {
  if (values.length === 0) return { psi: null, ks: null, missing: 0 }
  const now = sharesOf(values, reference.edges)
  const psi = [...now.shares, now.missing].reduce(
    (sum, share, i) => sum + psiPart(share, [...reference.shares, reference.missing][i]!),
    0,
  )
  return { psi, ks: ksOf(now, reference), missing: now.missing }
}

function psiPart(share: number, expected: number): number {
  const [a, e] = [Math.max(share, LEAST_SHARE), Math.max(expected, LEAST_SHARE)]
  return (a - e) * Math.log(a / e)
}

function ksOf(now: { shares: readonly number[]; missing: number }, then: ColumnReference): number | null {
  if (now.missing >= 1 || then.missing >= 1) return null
  let [a, e, most] = [0, 0, 0]
  then.edges.forEach((_, i) => {
    a += now.shares[i]! / (1 - now.missing)
    e += then.shares[i]! / (1 - then.missing)
    most = Math.max(most, Math.abs(a - e))
  })
  return most
}

/** Nine digits are more than a share of rows has. */
function rounded(share: number): number {
  return Number(share.toFixed(9))
}
