import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { averagePrecision, calibrationError, rocAuc } from '../../../src/math/statistics'
import {
  bootstrap,
  numberClusters,
  rank,
  weightedAp,
  weightedAuc,
  weightedEce,
} from '../../../src/models/credit/resample'

const scored = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 8 }), fc.boolean(), fc.integer({ min: 0, max: 3 })), {
    minLength: 4,
    maxLength: 40,
  })
  .filter((rows) => rows.some(([, hit, w]) => hit && w > 0) && rows.some(([, hit, w]) => !hit && w > 0))

describe('weighted figures', () => {
  it('are those of the rows repeated as often as they weigh', () => {
    fc.assert(
      fc.property(scored, (rows) => {
        const ranked = rank(
          rows.map(([score]) => score / 8),
          Uint8Array.from(rows, ([, hit]) => (hit ? 1 : 0)),
          [...rows.keys()],
        )
        const weights = rows.map(([, , weight]) => weight)
        const copies = rows.flatMap(([score, hit, weight]) =>
          Array.from({ length: weight }, () => ({ score: score / 8, label: hit ? 1 : 0 })),
        )
        const repeated = { scores: copies.map((c) => c.score), labels: copies.map((c) => c.label) }
        expect(weightedAuc(ranked, weights)).toBeCloseTo(rocAuc(repeated), 10)
        expect(weightedAp(ranked, weights)).toBeCloseTo(averagePrecision(repeated), 10)
      }),
    )
  })

  it('have the usual calibration error when every row weighs one', () => {
    const scores = Array.from({ length: 100 }, (_, i) => i / 100)
    const labels = Uint8Array.from(scores, (_, i) => ((i * 7) % 3 === 0 ? 1 : 0))
    const ece = weightedEce(rank(scores, labels, [...labels.keys()]), new Uint8Array(100).fill(1))
    expect(ece).toBeCloseTo(calibrationError({ scores, labels }), 10)
  })
})

describe('bootstrap', () => {
  it('draws whole clusters, the same by the same seed, and its interval holds the figure', () => {
    const scores = Array.from({ length: 200 }, (_, i) => (i * 37) % 101)
    const { clusters, count } = numberClusters(scores.map((_, i) => `v${i % 20}`))
    expect(count).toBe(20)
    expect(clusters.slice(0, 21)).toEqual(Uint32Array.from({ length: 21 }, (_, i) => i % 20))
    const labels = Uint8Array.from(scores, (score, i) => ((score + i) % 150 > 75 ? 1 : 0))
    const ranked = rank(scores, labels, clusters)
    const seen = new Set<number>()
    const statistic = (times: ArrayLike<number>) => {
      expect(Array.from(times).reduce((sum, x) => sum + x, 0)).toBe(20)
      seen.add(times[0]!)
      return { auc: weightedAuc(ranked, times) }
    }
    const run = () => bootstrap(statistic, { count, draws: 200, seed: 3 }).auc
    const first = run()
    expect(run()).toEqual(first)
    expect(seen.size).toBeGreaterThan(2)
    expect(first.low).toBeLessThan(first.value)
    expect(first.value).toBeLessThan(first.high)
  })
})
