/**
 * Statistics that scoring and its evaluation need: ranking quality, calibration, resampling, the normal distribution.
 * Pure functions over typed arrays; randomness only through a seed that the caller passes.
 */
import { orderOf, type Ranks, rank } from './ranks'

/** A repeatable stream of numbers in [0, 1) (mulberry32: 32 bits of state, period 2³²). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

/**
 * Standard normal distribution function Φ(x); absolute error below 1e-15. Series by Marsaglia, "Evaluating the normal
 * distribution", J. Stat. Software 11(4), 2004; beyond |x| = 7 the continued fraction of Mills' ratio. NaN gives NaN.
 */
export function normalCdf(x: number): number {
  if (Number.isNaN(x)) return Number.NaN
  if (x > 7) return 1 - normalCdf(-x)
  if (x < -38) return 0
  const density = Math.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI)
  if (x < -7) {
    let fraction = 0
    for (let k = 60; k >= 1; k--) fraction = k / (-x + fraction)
    return density / (-x + fraction)
  }
  let sum = x
  let term = x
  for (let k = 3; k < 400 && Math.abs(term) > 1e-18; k += 2) {
    term *= (x * x) / k
    sum += term
  }
  return 0.5 + sum * density
}

/** Parallel arrays: a score per row (higher = more likely positive), its label, 0 or 1, and the scores' ranks where known. */
export type Scored = { scores: ArrayLike<number>; labels: ArrayLike<number>; ranked?: Ranks | undefined }

/** Mean; 0 without values. */
export function mean(values: Float64Array | Int32Array): number {
  let sum = 0
  for (const value of values) sum += value
  return values.length === 0 ? 0 : sum / values.length
}

/** Area under the ROC curve by mean ranks, ties counted half. NaN when one class is absent. */
export function rocAuc(scored: Scored): number {
  const { scores, labels } = scored
  const order = rising(scored)
  let rankSum = 0
  let positives = 0
  for (let i = 0; i < order.length; ) {
    let end = i
    while (end < order.length && scores[order[end]!] === scores[order[i]!]) end++
    const meanRank = (i + end + 1) / 2
    for (; i < end; i++) {
      if (labels[order[i]!] !== 1) continue
      rankSum += meanRank
      positives++
    }
  }
  const negatives = order.length - positives
  return (rankSum - (positives * (positives + 1)) / 2) / (positives * negatives)
}

/**
 * Average precision: Σ (recallᵢ − recallᵢ₋₁) · precisionᵢ over distinct thresholds, highest first. NaN without positives.
 * Worked: labels 1,0,1 by falling score → 1/2 · 1 + 1/2 · 2/3 = 0.8333.
 */
export function averagePrecision(scored: Scored): number {
  const { scores, labels } = scored
  const order = falling(scored)
  let found = 0
  let sum = 0
  for (let i = 0; i < order.length; ) {
    const threshold = scores[order[i]!]
    const before = found
    for (; i < order.length && scores[order[i]!] === threshold; i++) found += labels[order[i]!]!
    sum += (found - before) * (found / i)
  }
  return sum / found
}

/** F1 of calling every row with score >= threshold positive; 0 when nothing is found. */
export function f1At({ scores, labels }: Scored, threshold: number): number {
  let hit = 0
  let called = 0
  let positives = 0
  for (let i = 0; i < labels.length; i++) {
    const call = scores[i]! >= threshold
    if (call) called++
    if (labels[i] === 1) positives++
    if (call && labels[i] === 1) hit++
  }
  return hit === 0 ? 0 : (2 * hit) / (called + positives)
}

/** The observed score that as a threshold gives the highest F1. */
export function bestF1Threshold(scored: Scored): number {
  const { scores, labels } = scored
  const order = falling(scored)
  const positives = Array.from(labels).filter((label) => label === 1).length
  let hit = 0
  let best = { f1: -1, threshold: Number.POSITIVE_INFINITY }
  for (let i = 0; i < order.length; ) {
    const threshold = scores[order[i]!]!
    for (; i < order.length && scores[order[i]!] === threshold; i++) hit += labels[order[i]!]!
    const f1 = (2 * hit) / (i + positives)
    if (f1 > best.f1) best = { f1, threshold }
  }
  return best.threshold
}

/** Expected calibration error: mean |share of positives − mean score| over equally filled bins, weighted by rows. */
export function calibrationError(scored: Scored, binCount = 10): number {
  return reliability(scored, binCount).reduce(
    (sum, bin) => sum + (bin.count / scored.labels.length) * Math.abs(bin.observed - bin.predicted),
    0,
  )
}

/** Reliability table over equally filled bins by rising score; empty bins are left out. */
export function reliability(
  scored: Scored,
  binCount = 10,
): { count: number; predicted: number; observed: number }[] {
  const { scores, labels } = scored
  const order = rising(scored)
  const bins: { count: number; predicted: number; observed: number }[] = []
  for (let b = 0; b < binCount; b++) {
    const start = Math.floor((b * order.length) / binCount)
    const end = Math.floor(((b + 1) * order.length) / binCount)
    if (start === end) continue
    let predicted = 0
    let observed = 0
    for (let i = start; i < end; i++) {
      predicted += scores[order[i]!]!
      observed += labels[order[i]!]!
    }
    bins.push({
      count: end - start,
      predicted: predicted / (end - start),
      observed: observed / (end - start),
    })
  }
  return bins
}

/** Mean squared difference between score and label. */
export function brierScore({ scores, labels }: Scored): number {
  let sum = 0
  for (let i = 0; i < labels.length; i++) sum += (scores[i]! - labels[i]!) ** 2
  return sum / labels.length
}

export type Interval = { low: number; high: number }

/**
 * Percentile bootstrap interval of a statistic of rows drawn by cluster: whole clusters are drawn with replacement, so
 * rows of one entity stay together. `statistic` gets row indices; NaN results are skipped. Deterministic by seed.
 */
export function bootstrapInterval(options: {
  clusters: ArrayLike<number | string>
  statistic: (rows: Int32Array) => number
  draws?: number
  level?: number
  seed: number
}): Interval {
  const { clusters, statistic, draws = 1000, level = 0.95, seed } = options
  const members = new Map<number | string, number[]>()
  for (let i = 0; i < clusters.length; i++) {
    const list = members.get(clusters[i]!)
    if (list) list.push(i)
    else members.set(clusters[i]!, [i])
  }
  const lists = [...members.values()]
  const random = seededRandom(seed)
  const results: number[] = []
  for (let draw = 0; draw < draws; draw++) {
    const result = statistic(drawLists(lists, random))
    if (!Number.isNaN(result)) results.push(result)
  }
  results.sort((a, b) => a - b)
  return { low: quantileOfSorted(results, (1 - level) / 2), high: quantileOfSorted(results, (1 + level) / 2) }
}

/** As many of the lists as there are, drawn with replacement, one behind the other. */
function drawLists(lists: readonly number[][], random: () => number): Int32Array {
  const drawn = Array.from(lists, () => lists[Math.floor(random() * lists.length)]!)
  const rows = new Int32Array(drawn.reduce((sum, list) => sum + list.length, 0))
  let at = 0
  for (const list of drawn) {
    for (let i = 0; i < list.length; i++) rows[at++] = list[i]!
  }
  return rows
}

/** Linear-interpolation quantile of ascending numbers; NaN when empty. `share` in [0, 1]. */
export function quantileOfSorted(sorted: ArrayLike<number>, share: number): number {
  if (sorted.length === 0) return Number.NaN
  const at = share * (sorted.length - 1)
  const low = sorted[Math.floor(at)]!
  const high = sorted[Math.ceil(at)]!
  return low + (high - low) * (at - Math.floor(at))
}

/** The rows named by `rows` of a scored set; indices may repeat. What is ranked stays ranked. */
export function pickScored({ scores, labels, ranked }: Scored, rows: Int32Array): Scored {
  const picked = { scores: new Float64Array(rows.length), labels: new Uint8Array(rows.length) }
  const ranks = new Int32Array(ranked ? rows.length : 0)
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i]!
    picked.scores[i] = scores[row]!
    picked.labels[i] = labels[row]!
    if (ranked) ranks[i] = ranked.ranks[row]!
  }
  return ranked ? { ...picked, ranked: { ranks, distinct: ranked.distinct } } : picked
}

/** Rows by rising score, ties by row. */
function rising({ scores, ranked = rank(scores) }: Scored): Int32Array {
  return ranked ? orderOf(ranked) : indicesBy(scores, (a, b) => a - b)
}

/** Rows by falling score. */
function falling({ scores, ranked = rank(scores) }: Scored): Int32Array {
  return ranked ? orderOf(ranked).reverse() : indicesBy(scores, (a, b) => b - a)
}

/** For scores of which some are NaN. */
function indicesBy(values: ArrayLike<number>, compare: (a: number, b: number) => number): Int32Array {
  return Int32Array.from({ length: values.length }, (_, i) => i).sort(
    (a, b) => compare(values[a]!, values[b]!) || a - b,
  )
}
