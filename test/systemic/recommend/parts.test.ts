import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { constantProductDepth } from '../../../src/systemic/depth'
import { capsOf } from '../../../src/systemic/recommend/caps'
import { forcedUsd } from '../../../src/systemic/recommend/exposure'
import { freedomOf, tied } from '../../../src/systemic/recommend/freedom'
import { markDominated } from '../../../src/systemic/recommend/frontier'
import { borrowingPowerUsd, grownTo, withTerms } from '../../../src/systemic/recommend/parameters'
import { DEFAULT_RAILS, railed, roundsTo } from '../../../src/systemic/recommend/rails'
import { curveFor, optimalUtilization } from '../../../src/systemic/recommend/rate-curve'
import { savedInterval, splitScenarios } from '../../../src/systemic/recommend/sample'
import { ETH, ethAt, madeBook } from './books'

const TIGHTER = { ltv: 0.6, threshold: 0.7, bonus: 1.05 }

describe('a book under other terms', () => {
  const book = madeBook({
    positions: [
      [10, 12_000],
      [10, 15_000],
    ],
  })

  it('is a new one; the old keeps its own', () => {
    const changed = withTerms(book, ETH, TIGHTER)
    expect(changed.markets[ETH]).toMatchObject(TIGHTER)
    expect(changed.positions.collateralThreshold).toEqual(Float64Array.of(0.7, 0.7))
    expect(book.positions.collateralThreshold).toEqual(Float64Array.of(0.8, 0.8))
  })

  it('leaves a position in an e-mode, whose terms are the mode’s', () => {
    const positions = { ...book.positions, collateralThreshold: Float64Array.of(0.93, 0.8) }
    const changed = withTerms({ ...book, positions }, ETH, TIGHTER)
    expect(changed.positions.collateralThreshold).toEqual(Float64Array.of(0.93, 0.7))
  })

  it('has borrowers use the same part of what they may borrow, where they re-lever', () => {
    const changed = withTerms(book, ETH, TIGHTER, 'relevered')
    for (const i of [0, 1])
      expect(changed.positions.debtUnits[i]! / borrowingPowerUsd(changed, i)).toBeCloseTo(
        book.positions.debtUnits[i]! / borrowingPowerUsd(book, i),
        12,
      )
    expect(changed.markets[1]!.borrowedUnits).toBeCloseTo(27_000 * 0.8, 9)
  })

  it('counts the debt that a threshold alone makes liquidatable', () => {
    // 15,000 of 20,000 is within 0.8 and beyond 0.7; 12,000 is within both.
    expect(forcedUsd(book, withTerms(book, ETH, TIGHTER), ETH)).toBe(15_000)
    expect(forcedUsd(book, book, ETH)).toBe(0)
  })

  it('grows with collateral and debt alike', () => {
    const grown = grownTo(book, ETH, 40)
    expect(grown.markets.map(({ suppliedUnits }) => suppliedUnits)[ETH]).toBe(40)
    expect(grown.positions.debtUnits).toEqual(Float64Array.of(24_000, 30_000))
  })
})

describe('what protocols tie together', () => {
  it('is one factor on Compound V2, and bonus by threshold on Morpho', () => {
    const terms = { ltv: 0.5, threshold: 0.86, bonus: 1.2 }
    expect(tied(terms, freedomOf('compound-v2'))).toEqual({ ltv: 0.86, threshold: 0.86, bonus: 1.2 })
    expect(tied(terms, freedomOf('morpho-blue')).bonus).toBeCloseTo(1 / (1 - 0.3 * 0.14), 9)
    expect(tied(terms, freedomOf('unheard-of'))).toEqual(terms)
  })
})

describe('caps', () => {
  const depth = constantProductDepth({ reserve: 1_000, price: 2_000 })
  const terms = { ltv: 0.75, threshold: 0.8, bonus: 1.05 }
  const options = { terms, prices: ethAt(1_800), level: 0.99, optimal: 0.8 }
  const absorbed = 1_000 * (Math.sqrt(1.05) - 1)

  it('scale with what the pool absorbs over what is put up', () => {
    // At 1,800 only the second position is unsound: 40 of 60 ETH are put up, 24.7 can be sold.
    const book = madeBook({
      positions: [
        [20, 10_000],
        [40, 60_000],
      ],
      depth,
    })
    expect(capsOf(book, ETH, options).supplyCap).toBe(Math.floor((60 * absorbed) / 40))
  })

  it('do not raise what is lower already, nor bind where the pool absorbs twice what is put up', () => {
    const tight = madeBook({ positions: [[40, 60_000]], depth, supplyCap: 5 })
    expect(capsOf(tight, ETH, options).supplyCap).toBeNull()
    const small = madeBook({ positions: [[10, 15_000]], depth })
    expect(capsOf(small, ETH, options).supplyCap).toBeNull()
  })

  it('are unknown without a pool, and none where nothing is put up', () => {
    const book = madeBook({ positions: [[40, 60_000]], depth: { kind: 'unmoved' } })
    expect(capsOf(book, ETH, options)).toMatchObject({ supplyCap: null, isUnknown: true })
    const safe = madeBook({ positions: [[40, 1_000]], depth })
    expect(capsOf(safe, ETH, options)).toMatchObject({ supplyCap: null, isUnknown: false, putUpShare: 0 })
  })
})

describe('rails', () => {
  it('count the rounds that a change takes, and none for what is not there yet', () => {
    expect(roundsTo(0.8, 0.8, DEFAULT_RAILS.threshold)).toEqual({ rounds: 1, first: 0.8 })
    expect(roundsTo(0.8, 0.76, DEFAULT_RAILS.threshold)).toEqual({ rounds: 1, first: 0.76 })
    expect(roundsTo(0.8, 0.75, DEFAULT_RAILS.threshold).rounds).toBe(2)
    expect(roundsTo(null, 1_000, DEFAULT_RAILS.supplyCap)).toEqual({ rounds: 1, first: 1_000 })
  })

  it('refuse a value that no contract takes', () => {
    expect(() => roundsTo(1.05, 0.9, DEFAULT_RAILS.bonus)).toThrow('is outside')
  })

  it('hold each equal step of a bundle, and keep its ratios between both ends', () => {
    const share = fc.integer({ min: 3_000, max: 9_000 }).map((bps) => bps / 1e4)
    fc.assert(
      fc.property(share, share, share, share, (a, b, c, d) => {
        const changes = [
          { parameter: 'ltv' as const, from: a, to: b },
          { parameter: 'threshold' as const, from: c, to: d },
        ]
        const { changes: stepped, rounds } = railed({ changes, rails: DEFAULT_RAILS, nowSec: 0 })
        for (const { from, firstStep } of stepped)
          expect(Math.abs(firstStep - from!) / from!).toBeLessThanOrEqual(0.05 + 1e-6)
        expect(rounds).toBeGreaterThanOrEqual(1)
        const ratio = stepped[0]!.firstStep / stepped[1]!.firstStep
        expect(ratio).toBeGreaterThanOrEqual(Math.min(a / c, b / d) - 1e-9)
        expect(ratio).toBeLessThanOrEqual(Math.max(a / c, b / d) + 1e-9)
      }),
    )
  })

  it('hold back what changed too recently', () => {
    const changes = [{ parameter: 'ltv' as const, from: 0.8, to: 0.79 }]
    const { checks } = railed({ changes, rails: DEFAULT_RAILS, nowSec: 1_000, changedAtSec: { ltv: 900 } })
    expect(checks.find(({ name }) => name === 'minDelay')).toMatchObject({ passed: false })
  })
})

describe('a curve', () => {
  const market = {
    ...madeBook({ positions: [[10, 1_000]] }).markets[0]!,
    suppliedUnits: 100,
    borrowedUnits: 60,
  }
  const kinked = { kind: 'kinked', base: 0.01, slope1: 0.04, slope2: 0.6, optimal: 0.9 } as const

  it('leaves its kink where enough is free', () => {
    const answer = curveFor(market, { current: kinked, putUpShare: 0.05, repaidPerUnitRate: 0.2 })
    expect(answer).toMatchObject({ recommended: null, optimal: 0.9 })
  })

  it('keeps the rate at today’s utilization when its kink moves', () => {
    const { recommended } = curveFor(market, { current: kinked, putUpShare: 0.2, repaidPerUnitRate: 0.2 })
    // 60 % used: 0.01 + 0.04·0.6/0.9 = 0.0367 before; slope 0.0356 to a kink of 0.8 gives the same.
    expect(recommended).toEqual({ kind: 'kinked', base: 0.01, slope1: 0.0356, slope2: 1, optimal: 0.8 })
  })

  it('is not proposed where it is unknown or moves by itself', () => {
    const options = { putUpShare: 0.5, repaidPerUnitRate: 0.2 }
    expect(curveFor(market, { ...options, current: null }).recommended).toBeNull()
    const adaptive = { kind: 'adaptive', rateAtTarget: 0.04 } as const
    expect(curveFor(market, { ...options, current: adaptive })).toMatchObject({
      recommended: null,
      optimal: 0.5,
    })
  })

  it('has its kink within bounds', () => {
    expect([0, 1, 0.1234].map(optimalUtilization)).toEqual([0.95, 0.45, 0.87])
  })
})

describe('samples', () => {
  it('are halves of many scenarios, and the whole of few', () => {
    const many = Float64Array.from({ length: 82 }, (_, k) => k)
    const { search, judge } = splitScenarios(many, 2)
    expect([...search.subarray(0, 4)]).toEqual([0, 1, 4, 5])
    expect([...judge.subarray(0, 4)]).toEqual([2, 3, 6, 7])
    expect([search.length, judge.length]).toEqual([42, 40])
    const few = ethAt(1, 2, 3)
    expect(splitScenarios(few, 2)).toEqual({ search: few, judge: few })
  })

  it('give an interval that holds the mean saved', () => {
    const before = Float64Array.of(10, 20, 30, 40)
    expect(savedInterval(before, before, { seed: 1, confidence: 0.95 })).toEqual({ low: 0, high: 0 })
    const { low, high } = savedInterval(before, new Float64Array(4), { seed: 1, confidence: 0.95 })
    expect(low).toBeLessThan(25)
    expect(high).toBeGreaterThan(25)
  })
})

describe('a frontier', () => {
  it('marks what is beaten, and not one of two equals', () => {
    const point = (borrowingPowerUsd: number, relevered: number) => ({
      ...{ ltv: 0, threshold: 0, bonus: 1, borrowingPowerUsd },
      expectedBadDebtUsd: { unchanged: 0, relevered },
      ...{ isCurrent: false, isRecommended: false, isDominated: false },
    })
    const points = [point(1, 1), point(2, 1), point(3, 5), point(3, 5), point(2, 7)]
    expect(markDominated(points).map(({ isDominated }) => isDominated)).toEqual([
      true,
      false,
      false,
      false,
      true,
    ])
  })
})
