/**
 * Cluster bootstrap of ranking and calibration figures over many rows: instead of copying the drawn rows, each row gets
 * the number of times its cluster was drawn, and the figures take weights. The order of scores is found once. Pure.
 */
import { quantileOfSorted, seededRandom } from '../../math/statistics'
import type { Measured } from '../learn/evaluate'

/** Scores with labels 0 or 1, and the rows in ascending order of score. */
export type Ranked = { scores: ArrayLike<number>; labels: Uint8Array; order: Uint32Array }

export function rank(scores: ArrayLike<number>, labels: Uint8Array): Ranked {
  const order = Uint32Array.from(labels.keys()).sort((a, b) => scores[a]! - scores[b]! || a - b)
  return { scores, labels, order }
}

/** Weighted AUC, ties half; NaN when one class has no weight. */
export function weightedAuc({ scores, labels, order }: Ranked, weights: ArrayLike<number>): number {
  let below = 0
  let positives = 0
  let won = 0
  for (let i = 0; i < order.length; ) {
    const score = scores[order[i]!]!
    let hit = 0
    let missed = 0
    for (; i < order.length && scores[order[i]!] === score; i++) {
      const row = order[i]!
      if (labels[row] === 1) hit += weights[row]!
      else missed += weights[row]!
    }
    won += hit * (below + missed / 2)
    positives += hit
    below += missed
  }
  return won / (positives * below)
}

/** Weighted average precision; NaN without positives. */
export function weightedAp({ scores, labels, order }: Ranked, weights: ArrayLike<number>): number {
  let called = 0
  let found = 0
  let sum = 0
  for (let i = order.length - 1; i >= 0; ) {
    const score = scores[order[i]!]!
    let hit = 0
    for (; i >= 0 && scores[order[i]!] === score; i--) {
      const row = order[i]!
      called += weights[row]!
      if (labels[row] === 1) hit += weights[row]!
    }
    found += hit
    if (called > 0) sum += hit * (found / called)
  }
  return sum / found
}

/** Weighted expected calibration error over ten bins of equal weight by rising score; a row counts for one bin. */
export function weightedEce({ scores, labels, order }: Ranked, weights: ArrayLike<number>): number {
  const BINS = 10
  let total = 0
  for (let i = 0; i < weights.length; i++) total += weights[i]!
  const difference = new Float64Array(BINS)
  let before = 0
  for (const row of order) {
    const weight = weights[row]!
    if (weight === 0) continue
    const bin = Math.min(BINS - 1, Math.floor(((before + weight / 2) * BINS) / total))
    difference[bin]! += weight * (labels[row]! - scores[row]!)
    before += weight
  }
  return difference.reduce((sum, part) => sum + Math.abs(part), 0) / total
}

/** Figures over all rows and their 95 % percentile intervals over draws of whole clusters; NaN draws are left out. */
export function bootstrap(
  figures: (weights: ArrayLike<number>) => readonly number[],
  { clusters, draws, seed }: { clusters: readonly string[]; draws: number; seed: number },
): Measured[] {
  const numbers = new Map<string, number>()
  const clusterOf = Uint32Array.from(clusters, (name) => {
    const known = numbers.get(name)
    if (known === undefined) numbers.set(name, numbers.size)
    return known ?? numbers.size - 1
  })
  const random = seededRandom(seed)
  const once = figures(new Uint8Array(clusters.length).fill(1))
  const drawn: number[][] = once.map(() => [])
  const weights = new Uint32Array(clusters.length)
  for (let draw = 0; draw < draws; draw++) {
    const times = new Uint32Array(numbers.size)
    for (let i = 0; i < times.length; i++) times[Math.floor(random() * times.length)]!++
    for (let row = 0; row < weights.length; row++) weights[row] = times[clusterOf[row]!]!
    for (const [i, value] of figures(weights).entries()) if (!Number.isNaN(value)) drawn[i]!.push(value)
  }
  return once.map((value, i) => {
    const sorted = drawn[i]!.sort((a, b) => a - b)
    return { value, low: quantileOfSorted(sorted, 0.025), high: quantileOfSorted(sorted, 0.975) }
  })
}
