import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { kendallTau } from '../../../src/math/kendall'
import { shareInterval } from '../../../src/math/share-interval'
import { amountAgreement, hitAgreement, orderAgreement } from '../../../src/systemic/replay/agreement'
import { markdownTable, replaceSection } from '../../../src/systemic/replay/markdown'

describe('Kendall’s tau', () => {
  it('has no value where a side is constant or empty, and refuses different lengths', () => {
    expect(kendallTau([], [])).toBeNaN()
    expect(kendallTau([1, 1], [1, 2])).toBeNaN()
    expect(() => kendallTau([1], [1, 2])).toThrow(/one length/)
  })
  it('is 1 and −1 for equal and reversed orders, and takes never for the last place', () => {
    expect(kendallTau([1, 2, 3], [5, 6, Number.POSITIVE_INFINITY])).toBe(1)
    expect(kendallTau([1, 2, 3], [3, 2, 1])).toBe(-1)
  })
  it('corrects for ties: a worked case of τ-b', () => {
    // Pairs 6; agreeing 4, disagreeing 1, one tie in a: 3/√(5·6).
    expect(kendallTau([1, 2, 2, 3], [1, 3, 2, 2.5])).toBeCloseTo(3 / Math.sqrt(30), 12)
  })
})

describe('Wilson’s interval', () => {
  it('is everything where nothing was counted, and never leaves 0 … 1', () => {
    expect(shareInterval(0, 0)).toEqual({ low: 0, high: 1 })
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 500 }), fc.integer({ min: 0, max: 500 }), (hits, missed) => {
        const count = hits + missed
        const { low, high } = shareInterval(hits, count)
        expect(low).toBeGreaterThanOrEqual(0)
        expect(high).toBeLessThanOrEqual(1)
        if (count > 0) {
          expect(low).toBeLessThanOrEqual(hits / count + 1e-12)
          expect(high).toBeGreaterThanOrEqual(hits / count - 1e-12)
        }
      }),
    )
  })
  it('of 9 of 11 is 0.523 – 0.949', () => {
    const { low, high } = shareInterval(9, 11)
    expect([low.toFixed(3), high.toFixed(3)]).toEqual(['0.523', '0.949'])
  })
})

describe('agreement', () => {
  it('of empty sets has neither precision nor recall', () => {
    expect(hitAgreement(new Set(), new Set())).toMatchObject({ precision: null, recall: null })
  })
  it('counts what both sides name', () => {
    expect(hitAgreement(new Set(['a', 'b']), new Set(['b', 'c', 'd']))).toMatchObject({
      both: 1,
      precision: 0.5,
      recall: 1 / 3,
    })
  })
  it('of amounts needs equally many', () => {
    expect(() => amountAgreement([1], [])).toThrow(/1 predicted/)
    expect(amountAgreement([1, 5], [2, 3])).toMatchObject({ absoluteError: 3, rankCorrelation: 1 })
  })
  it('of orders is the same for the same seed, and a perfect order of eight is rare', () => {
    const order = [1, 2, 3, 4, 5, 6, 7, 8]
    expect(orderAgreement(order, order, 7)).toEqual(orderAgreement(order, order, 7))
    expect(orderAgreement(order, order, 7).pValue).toBeLessThan(0.001)
    expect(orderAgreement([1, 1], [1, 2], 7).pValue).toBeNaN()
  })
})

describe('pages', () => {
  it('a section is replaced and the rest stays', () => {
    const page = 'a\n<!-- x -->\nold\n<!-- /x -->\nb'
    expect(replaceSection(page, 'x', 'new')).toBe('a\n<!-- x -->\n\nnew\n\n<!-- /x -->\nb')
    expect(replaceSection(replaceSection(page, 'x', 'new'), 'x', 'new')).toBe(
      replaceSection(page, 'x', 'new'),
    )
  })
  it('a page without the markers is refused', () => {
    expect(() => replaceSection('a', 'x', 'new')).toThrow(/no section x/)
  })
  it('numbers stand right, words left', () => {
    expect(markdownTable(['a', 'b'], [['x', '1,000']])).toBe('| a | b |\n| --- | ---: |\n| x | 1,000 |')
  })
})
