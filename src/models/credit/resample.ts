/**
 * Cluster bootstrap of ranking and calibration figures over many rows: instead of copying the drawn rows, each cluster gets
 * the number of times it was drawn, and the figures weigh its rows by it. Rows are brought into the order of their scores
 * once, so that a figure is one walk over arrays. Pure.
 */
import { quantileOfSorted, seededRandom } from '../../math/statistics'
import type { Measured } from '../learn/evaluate'

/** Rows by ascending score: score, label 0 or 1, and number of the cluster. */
export type Ranked = { scores: Float64Array; labels: Uint8Array; clusters: Uint32Array }

/** Parallel arrays → `Ranked`. */
export function rank(scores: ArrayLike<number>, labels: Uint8Array, clusters: ArrayLike<number>): Ranked {
  const order = Uint32Array.from(labels.keys()).sort((a, b) => scores[a]! - scores[b]! || a - b)
  return {
    scores: Float64Array.from(order, (row) => scores[row]!),
    labels: Uint8Array.from(order, (row) => labels[row]!),
    clusters: Uint32Array.from(order, (row) => clusters[row]!),
  }
}

/** Clusters numbered by first appearance. */
export function numberClusters(names: readonly string[]): { clusters: Uint32Array; count: number } {
  const numbers = new Map<string, number>()
  for (const name of names) if (!numbers.has(name)) numbers.set(name, numbers.size)
  return { clusters: Uint32Array.from(names, (name) => numbers.get(name)!), count: numbers.size }
}

/** AUC, ties half, with rows weighed by `times` of their cluster; NaN when one class has no weight. */
export function weightedAuc({ scores, labels, clusters }: Ranked, times: ArrayLike<number>): number {
  let below = 0
  let positives = 0
  let won = 0
  for (let i = 0; i < scores.length; ) {
    const score = scores[i]!
    let hit = 0
    let missed = 0
    for (; i < scores.length && scores[i] === score; i++) {
      if (labels[i] === 1) hit += times[clusters[i]!]!
      else missed += times[clusters[i]!]!
    }
    won += hit * (below + missed / 2)
    positives += hit
    below += missed
  }
  return won / (positives * below)
}

/** Average precision, weighed likewise; NaN without positives. */
export function weightedAp({ scores, labels, clusters }: Ranked, times: ArrayLike<number>): number {
  let called = 0
  let found = 0
  let sum = 0
  for (let i = scores.length - 1; i >= 0; ) {
    const score = scores[i]!
    let hit = 0
    for (; i >= 0 && scores[i] === score; i--) {
      const weight = times[clusters[i]!]!
      called += weight
      if (labels[i] === 1) hit += weight
    }
    found += hit
    if (called > 0) sum += hit * (found / called)
  }
  return sum / found
}

/** Expected calibration error over ten bins of equal weight by rising score; a row counts for one bin. */
export function weightedEce({ scores, labels, clusters }: Ranked, times: ArrayLike<number>): number {
  const BINS = 10
  let total = 0
  for (let i = 0; i < clusters.length; i++) total += times[clusters[i]!]!
  const difference = new Float64Array(BINS)
  let before = 0
  for (let i = 0; i < scores.length; i++) {
    const weight = times[clusters[i]!]!
    if (weight === 0) continue
    const bin = Math.min(BINS - 1, Math.floor(((before + weight / 2) * BINS) / total))
    difference[bin]! += weight * (labels[i]! - scores[i]!)
    before += weight
  }
  return difference.reduce((sum, part) => sum + Math.abs(part), 0) / total
}

/** Named figures over all rows and their 95 % percentile intervals over draws of whole clusters; NaN draws are left out. */
export function bootstrap<Name extends string>(
  figures: (times: ArrayLike<number>) => Record<Name, number>,
  { count, draws, seed }: { count: number; draws: number; seed: number },
): Record<Name, Measured> {
  const random = seededRandom(seed)
  const once = figures(new Uint32Array(count).fill(1))
  const names = Object.keys(once) as Name[]
  const drawn = new Map(names.map((name): [Name, number[]] => [name, []]))
  for (let draw = 0; draw < draws; draw++) {
    const times = new Uint32Array(count)
    for (let i = 0; i < count; i++) times[Math.floor(random() * count)]!++
    const found = figures(times)
    for (const [name, list] of drawn) if (!Number.isNaN(found[name])) list.push(found[name])
  }
  const measured = names.map((name): [Name, Measured] => {
    const sorted = drawn.get(name)!.sort((a, b) => a - b)
    const [low, high] = [quantileOfSorted(sorted, 0.025), quantileOfSorted(sorted, 0.975)]
    return [name, { value: once[name], low, high }]
  })
  return Object.fromEntries(measured) as Record<Name, Measured>
}
