/**
 * What a model card draws: how often a predicted probability came true, precision against recall, and which inputs move
 * the score. Computed from the same out-of-sample predictions as the card's figures, and kept in metrics.json.
 */
import { shareInterval } from '../math/share-interval'
import { pickScored, quantileOfSorted, reliability, type Scored } from '../math/statistics'

export type Curves = {
  /** Bins of about equal count, ascending; `low` and `high` are Wilson's 95 % interval of `observed`. */
  reliability: { predicted: number; observed: number; low: number; high: number; count: number }[]
  /** Recall ascending, at most `POINTS` of them. */
  precisionRecall: { recall: number; precision: number }[]
  /** Share of the total absolute contribution in log odds, largest first; sums to 1. */
  importance: { feature: string; share: number }[]
}

const POINTS = 100

/**
 * The curves of out-of-sample predictions (`scores` are probabilities, 0..1) and of contributions (row-major, one a
 * feature). Rows without a score (NaN) are left out. Throws when no positive or no row remains.
 */
export function curvesOf(options: {
  scored: Scored
  features: readonly string[]
  contributions: ArrayLike<number>
}): Curves {
  const { scored, features, contributions } = options
  const rows = Int32Array.from(
    Array.from({ length: scored.scores.length }, (_, i) => i).filter((i) => !Number.isNaN(scored.scores[i])),
  )
  const known = pickScored(scored, rows)
  const positives = Array.from(known.labels).reduce((sum, label) => sum + label, 0)
  if (positives === 0) throw new Error(`curves need a positive among ${rows.length} rows`)
  return {
    reliability: reliability(known).map((bin) =>
      mapNumbers({ ...bin, ...shareInterval(bin.observed * bin.count, bin.count) }),
    ),
    precisionRecall: precisionRecallOf(known, positives),
    importance: importanceOf(features, contributions),
  }
}

/**
 * Reliability of a value that claims to be a rank, "above this share of its peers", over peers that were not fitted on: at
 * each twentieth, what the value claims and the share of `values` that lie below it. `values` in 0..1, at least one.
 */
export function rankReliability(values: ArrayLike<number>): Curves['reliability'] {
  const count = values.length
  return Array.from({ length: 19 }, (_, i) => {
    const predicted = (i + 1) / 20
    const below = Array.from(values).filter((value) => value <= predicted).length
    return mapNumbers({ predicted, observed: below / count, ...shareInterval(below, count), count })
  })
}

/** Equal scores are one threshold, so that their order cannot flatter the curve. */
function precisionRecallOf({ scores, labels }: Scored, positives: number): Curves['precisionRecall'] {
  const ascending = Array.from({ length: scores.length }, (_, i) => i).sort((a, b) => scores[a]! - scores[b]!)
  const curve: Curves['precisionRecall'] = []
  let found = 0
  for (let k = ascending.length - 1, taken = 1; k >= 0; k--, taken++) {
    found += labels[ascending[k]!]!
    if (k > 0 && scores[ascending[k - 1]!] === scores[ascending[k]!]) continue
    curve.push({ recall: found / positives, precision: found / taken })
  }
  const indexes = Float64Array.from(curve, (_, i) => i)
  const wanted = Math.min(POINTS, curve.length)
  const kept = Array.from({ length: wanted }, (_, i) =>
    Math.round(quantileOfSorted(indexes, wanted === 1 ? 1 : i / (wanted - 1))),
  )
  return kept.map((i) => mapNumbers(curve[i]!))
}

function importanceOf(features: readonly string[], contributions: ArrayLike<number>): Curves['importance'] {
  const sums = new Float64Array(features.length)
  for (let i = 0; i < contributions.length; i++)
    sums[i % features.length]! += Math.abs(contributions[i]!) || 0
  const total = sums.reduce((sum, value) => sum + value, 0)
  return features
    .map((feature, i) => ({ feature, share: round(total === 0 ? 0 : sums[i]! / total) }))
    .sort((a, b) => b.share - a.share || (a.feature < b.feature ? -1 : 1))
}

function mapNumbers<T extends Record<string, number>>(point: T): T {
  return Object.fromEntries(Object.entries(point).map(([key, value]) => [key, round(value)])) as T
}

/** Six digits: more would be noise in a file that people compare. */
const round = (value: number): number => Math.round(value * 1e6) / 1e6
