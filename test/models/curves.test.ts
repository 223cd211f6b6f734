import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { averagePrecision } from '../../src/math/statistics'
import { curvesOf, rankReliability } from '../../src/models/curves'

const curves = (scores: number[], labels: number[], contributions: number[] = []) =>
  curvesOf({ scored: { scores, labels }, features: ['a', 'b'], contributions })

describe('curves of a model card', () => {
  it('refuses rows without a positive, and leaves out rows without a score', () => {
    expect(() => curves([0.2, 0.3], [0, 0])).toThrow('curves need a positive among 2 rows')
    expect(() => curves([Number.NaN, 0.3], [1, 0])).toThrow('curves need a positive among 1 rows')
    expect(curves([Number.NaN, 0.3], [0, 1]).reliability).toHaveLength(1)
  })

  it('counts every row in one bin, and puts the observed share within its interval', () => {
    const scores = Array.from({ length: 57 }, (_, i) => i / 57)
    const labels = scores.map((_, i) => (i % 3 === 0 ? 1 : 0))
    const { reliability } = curves(scores, labels)
    expect(reliability.reduce((sum, bin) => sum + bin.count, 0)).toBe(57)
    for (const bin of reliability) {
      expect(bin.low).toBeLessThanOrEqual(bin.observed)
      expect(bin.high).toBeGreaterThanOrEqual(bin.observed)
    }
  })

  it('has Wilson’s interval: 2 of 10 is 5.67 % to 50.98 %', () => {
    const scores = Array.from({ length: 100 }, () => 0.5)
    const labels = scores.map((_, i) => (i % 10 < 2 ? 1 : 0))
    expect(curves(scores, labels).reliability[0]).toMatchObject({
      observed: 0.2,
      low: 0.056682,
      high: 0.509838,
    })
  })

  it('takes equal scores as one threshold', () => {
    expect(curves([0.5, 0.5, 0.5, 0.5], [1, 0, 0, 0]).precisionRecall).toEqual([
      { recall: 1, precision: 0.25 },
    ])
  })

  it('shares importance by absolute contribution', () => {
    expect(curves([0.1, 0.9], [0, 1], [3, -1, -3, 1]).importance).toEqual([
      { feature: 'a', share: 0.75 },
      { feature: 'b', share: 0.25 },
    ])
  })

  it('has an area that is the average precision, while every threshold is kept', () => {
    const row = fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.boolean())
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 90 }), (rows) => {
        const scores = rows.map(([score]) => score)
        const labels = rows.map(([, label]) => Number(label))
        fc.pre(labels.includes(1))
        const { precisionRecall } = curves(scores, labels)
        const area = precisionRecall.reduce(
          (sum, { recall, precision }, i) =>
            sum + (recall - (precisionRecall[i - 1]?.recall ?? 0)) * precision,
          0,
        )
        expect(area).toBeCloseTo(averagePrecision({ scores, labels }), 3)
      }),
    )
  })
})

describe('the reliability of a rank', () => {
  it('lies on the diagonal for values that are spread evenly, and says how sure it is', () => {
    const even = Array.from({ length: 2000 }, (_, i) => (i + 0.5) / 2000)
    const bins = rankReliability(even)
    expect(bins).toHaveLength(19)
    for (const { predicted, observed, low, high, count } of bins) {
      expect(observed).toBeCloseTo(predicted, 2)
      expect(low).toBeLessThan(observed)
      expect(high).toBeGreaterThan(observed)
      expect(count).toBe(2000)
    }
    expect(bins[9]!.predicted).toBe(0.5)
  })

  it('shows values that promise too much', () => {
    expect(rankReliability([0.99, 0.98, 0.97]).every(({ observed }) => observed === 0)).toBe(true)
  })
})
