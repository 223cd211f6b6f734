import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  averagePrecision,
  bestF1Threshold,
  bootstrapInterval,
  brierScore,
  calibrationError,
  f1At,
  normalCdf,
  quantileOfSorted,
  rocAuc,
  seededRandom,
} from '../../src/math/statistics'

const scoredRows = fc.array(
  fc.record({ score: fc.integer({ min: 0, max: 6 }), label: fc.integer({ min: 0, max: 1 }) }),
  {
    minLength: 2,
    maxLength: 40,
  },
)
const split = (rows: { score: number; label: number }[]) => ({
  scores: rows.map((r) => r.score),
  labels: rows.map((r) => r.label),
})

describe('rocAuc', () => {
  it('is NaN without both classes', () => {
    expect(rocAuc({ scores: [], labels: [] })).toBeNaN()
    expect(rocAuc({ scores: [1, 2], labels: [1, 1] })).toBeNaN()
  })

  it('equals the share of pairs in the right order, ties half', () => {
    fc.assert(
      fc.property(scoredRows, (rows) => {
        const positives = rows.filter((r) => r.label === 1)
        const negatives = rows.filter((r) => r.label === 0)
        fc.pre(positives.length > 0 && negatives.length > 0)
        const pairs = positives.flatMap((p) => negatives.map((n) => (Math.sign(p.score - n.score) + 1) / 2))
        const expected = pairs.reduce((a, b) => a + b, 0) / pairs.length
        expect(rocAuc(split(rows))).toBeCloseTo(expected, 12)
      }),
    )
  })
})

describe('averagePrecision', () => {
  it('matches cases worked by hand', () => {
    expect(averagePrecision({ scores: [3, 2, 1], labels: [1, 0, 1] })).toBeCloseTo(0.5 + (0.5 * 2) / 3, 12)
    expect(averagePrecision({ scores: [1, 1, 1, 1], labels: [1, 0, 0, 0] })).toBe(0.25)
    expect(averagePrecision({ scores: [1, 2], labels: [0, 0] })).toBeNaN()
  })
})

describe('F1', () => {
  it('at a threshold, by hand', () => {
    expect(f1At({ scores: [0.9, 0.8, 0.2], labels: [1, 0, 1] }, 0.5)).toBe(0.5)
    expect(f1At({ scores: [0.1], labels: [1] }, 0.5)).toBe(0)
  })

  it('is nowhere higher than at the best threshold', () => {
    fc.assert(
      fc.property(scoredRows, (rows) => {
        fc.pre(rows.some((r) => r.label === 1))
        const scored = split(rows)
        const best = f1At(scored, bestF1Threshold(scored))
        for (let t = 0; t <= 6; t++) expect(f1At(scored, t)).toBeLessThanOrEqual(best + 1e-12)
      }),
    )
  })
})

describe('calibration', () => {
  it('is 0 for a score that says the shares and grows as it errs', () => {
    const labels = Array.from({ length: 100 }, (_, i) => (i % 4 === 0 ? 1 : 0))
    expect(calibrationError({ scores: labels.map(() => 0.25), labels }, 1)).toBeCloseTo(0, 12)
    expect(calibrationError({ scores: labels.map(() => 0.65), labels }, 1)).toBeCloseTo(0.4, 12)
    expect(brierScore({ scores: [1, 0.5], labels: [1, 0] })).toBe(0.125)
  })
})

describe('normalCdf', () => {
  it.each([
    [0, 0.5],
    [1.959963984540054, 0.975],
    [-1, 0.15865525393145707],
    [-6, 9.865876450376946e-10],
    [-8, 6.220960574271785e-16],
    [-37, 5.725571222524576e-300],
  ])('Φ(%d) = %d', (x, expected) => {
    expect(Math.abs(normalCdf(x) - expected)).toBeLessThan(Math.max(1e-15, expected * 1e-6))
  })

  it('rises, and is symmetric', () => {
    fc.assert(
      fc.property(fc.double({ min: -40, max: 40, noNaN: true }), (x) => {
        expect(normalCdf(x) + normalCdf(-x)).toBeCloseTo(1, 12)
        expect(normalCdf(x + 0.01)).toBeGreaterThanOrEqual(normalCdf(x) - 1e-15)
      }),
    )
    expect(normalCdf(Number.NaN)).toBeNaN()
  })
})

describe('bootstrapInterval', () => {
  it('covers the mean at about its level', () => {
    const random = seededRandom(5)
    let covered = 0
    for (let trial = 0; trial < 100; trial++) {
      const sample = Array.from({ length: 60 }, random)
      const statistic = (rows: Int32Array) => rows.reduce((sum, r) => sum + sample[r]!, 0) / rows.length
      const { low, high } = bootstrapInterval({
        clusters: [...sample.keys()],
        statistic,
        draws: 200,
        seed: trial,
      })
      if (low <= 0.5 && 0.5 <= high) covered++
    }
    expect(covered).toBeGreaterThanOrEqual(86)
  })

  it('draws whole clusters: one cluster leaves nothing to chance', () => {
    const statistic = (rows: Int32Array) => rows.reduce((sum, r) => sum + r, 0)
    expect(bootstrapInterval({ clusters: ['a', 'a', 'a'], statistic, draws: 50, seed: 1 })).toEqual({
      low: 3,
      high: 3,
    })
  })

  it('repeats by seed', () => {
    const statistic = (rows: Int32Array) => rows[0]!
    const at = (seed: number) =>
      bootstrapInterval({ clusters: [...Array(50).keys()], statistic, draws: 20, seed })
    expect(at(1)).toEqual(at(1))
    expect(at(1)).not.toEqual(at(2))
  })
})

describe('quantileOfSorted', () => {
  it('interpolates; empty gives NaN', () => {
    expect(quantileOfSorted([1, 2, 3, 4], 0.5)).toBe(2.5)
    expect(quantileOfSorted([], 0.5)).toBeNaN()
  })
})
