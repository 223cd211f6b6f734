import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../../src/math/statistics'
import type { Book } from '../../../src/systemic/book'
import { constantProductDepth } from '../../../src/systemic/depth'
import { spiralEvaluator } from '../../../src/systemic/recommend/evaluator'
import { recommend } from '../../../src/systemic/recommend/recommend'
import type { MarketRecommendation, Recommendations } from '../../../src/systemic/recommend/types'
import { deep, ETH_MARKET, ethAt, type MadeBook, madeBook, PRICE } from './books'

const evaluate = spiralEvaluator({ gasUsd: 10, exit: 'pool' })

function borrowers(count: number, seed: number, threshold = 0.8): [number, number][] {
  const random = seededRandom(seed)
  return Array.from({ length: count }, () => {
    const eth = 1 + 20 * random()
    return [eth, eth * PRICE * threshold * (0.3 + 0.6 * random())]
  })
}

function falls(count: number, seed: number): Float64Array {
  const random = seededRandom(seed)
  return ethAt(...Array.from({ length: count }, () => PRICE * (0.45 + 0.6 * random())))
}

function asked(made: MadeBook, prices: Float64Array, more: object = {}): Recommendations {
  return recommend({ book: madeBook(made), prices, evaluate, ...more })
}

function only({ markets }: Recommendations): MarketRecommendation {
  expect(markets).toHaveLength(1)
  return markets[0]!
}

const toOf = ({ bundle }: MarketRecommendation, name: string) =>
  bundle?.changes.find(({ parameter }) => parameter === name)?.to

describe('recommendations', () => {
  it.each([
    [{ markets: ['1:nowhere'] }, 'the book has no market 1:nowhere'],
    [{ markets: ['1:0xpool:0xusd'] }, 'is no collateral'],
    [{ prices: Float64Array.of(1, 2, 3) }, 'no whole number of scenarios of 2 assets'],
    [{ prices: new Float64Array(0) }, 'no whole number of scenarios'],
    [{ prices: Float64Array.of(Number.NaN, 1) }, 'price of ETH in scenario 0 is NaN'],
    [{ settings: { maxEvaluations: 1e9 } }, 'maxEvaluations is 1000000000'],
    [{ settings: { behaviour: 'calm' } }, 'behaviour is calm'],
  ])('say what cannot be: %o', (more, message) => {
    expect(() => asked({ positions: [[1, 1_000]] }, ethAt(PRICE), more)).toThrow(message)
  })

  it('are none where nobody borrows', () => {
    const book = madeBook({ positions: [[1, 1_000]] })
    const idle: Book = { ...book, positions: madeBook({ positions: [] }).positions }
    expect(recommend({ book: idle, prices: ethAt(PRICE), evaluate })).toMatchObject({
      markets: [],
      together: null,
      evaluations: 0,
    })
  })

  it('keep a market that no scenario hurts', () => {
    const kept = only(asked({ positions: borrowers(20, 1) }, ethAt(PRICE, PRICE * 1.01, PRICE * 0.99)))
    expect(kept).toMatchObject({ verdict: 'keep', bundle: null })
    expect(kept.reason).toContain('no bad debt')
  })

  it('lower a threshold times bonus above 1, by the bonus where that is enough, so that nobody is liquidated by it', () => {
    const terms = { ltv: 0.75, threshold: 0.93, bonus: 1.15 }
    const mended = only(asked({ positions: borrowers(40, 2), terms }, falls(60, 3)))
    expect(mended.verdict).toBe('change')
    expect(mended.reason).toContain('threshold · bonus is 1.0695')
    const [threshold, bonus] = [toOf(mended, 'threshold') ?? 0.93, toOf(mended, 'bonus') ?? 1.15]
    expect(threshold * bonus).toBeLessThanOrEqual(0.99)
    expect(mended.bundle!.efficiency.after.forcedUsd).toBe(0)
    expect(mended.bundle!.expectedBadDebtUsd.savedInterval.low).toBeGreaterThan(0)
  })

  it('mend it even where the scenarios are calm', () => {
    const terms = { ltv: 0.7, threshold: 0.95, bonus: 1.1 }
    const mended = only(asked({ positions: [[10, 5_000]], terms }, ethAt(PRICE)))
    const [threshold, bonus] = [toOf(mended, 'threshold') ?? 0.95, toOf(mended, 'bonus') ?? 1.1]
    expect(threshold * bonus).toBeLessThanOrEqual(0.99)
  })

  it('cap a market at what its pool absorbs within the bonus, by hand', () => {
    // x·y = k with 300 ETH: down to 1/b of the price sells 300·(√b − 1). All 100 ETH are put up: the cap is that.
    const depth = constantProductDepth({ reserve: 300, price: PRICE })
    const capped = only(asked({ positions: [[100, 150_000]], depth }, ethAt(1_000)))
    const bonus = toOf(capped, 'bonus') ?? 1.05
    expect(toOf(capped, 'supplyCap')).toBe(Math.floor(300 * (Math.sqrt(bonus) - 1)))
    const { before, after } = capped.bundle!.badDebtAtCapsUsd!
    expect(after).toBeLessThan(before)
  })

  it('leave the caps of an asset that no pool is known of, and say so', () => {
    const book: MadeBook = { positions: [[100, 150_000]], depth: { kind: 'unmoved' } }
    const answer = only(asked(book, ethAt(1_000)))
    expect(toOf(answer, 'supplyCap')).toBeUndefined()
    expect(toOf(answer, 'bonus')).toBeUndefined()
    expect(answer.unknown[0]).toContain('no exchange pool of ETH is known')
  })

  it('propose nothing on Morpho, whose terms are fixed', () => {
    const terms = { ltv: 0.86, threshold: 0.86, bonus: 1 / (1 - 0.3 * 0.14) }
    const positions = borrowers(30, 4, 0.86)
    const answer = only(asked({ positions, terms, protocol: 'morpho-blue' }, falls(60, 5)))
    expect(answer).toMatchObject({ verdict: 'keep', bundle: null })
  })

  it('move the kink of a market that a bad scenario leaves without room to redeem, at the rate that borrowers pay', () => {
    const book = madeBook({ positions: [[60, 70_000]], idleEth: 40, depth: deep })
    const markets = book.markets.map((market) =>
      market.id === ETH_MARKET ? { ...market, borrowedUnits: 50 } : market,
    )
    const curve = { kind: 'kinked', base: 0, slope1: 0.04, slope2: 0.6, optimal: 0.9 } as const
    const answer = recommend({
      ...{ book: { ...book, markets }, prices: ethAt(1_000), evaluate },
      curves: new Map([[ETH_MARKET, curve]]),
    })
    const { recommended } = only(answer).curve
    // All 60 of 100 ETH are put up: 0.40 would be free, and the kink goes no lower than 0.45.
    expect(recommended).toMatchObject({ optimal: 0.45, slope2: 2.75 })
    const { before, after } = only(answer).bundle!.efficiency
    expect(before.utilization).toBe(0.5)
    // Half of the supply is lent: above the new kink, where today's rate is what the kink asks, and more beyond it.
    expect(after.supplierRevenueUsdYear!).toBeGreaterThan(before.supplierRevenueUsdYear!)
  })

  it('are the same for the same seed, and do not depend on the order of positions', () => {
    const positions = borrowers(30, 6)
    const prices = falls(50, 7)
    const answer = asked({ positions }, prices)
    expect(asked({ positions }, prices)).toEqual(answer)
    const turned = only(asked({ positions: [...positions].reverse() }, prices))
    expect(turned.bundle?.changes).toEqual(only(answer).bundle?.changes)
    expect(turned.bundle!.expectedBadDebtUsd.after).toBeCloseTo(
      only(answer).bundle!.expectedBadDebtUsd.after,
      4,
    )
  })

  it('break no rule, lose no more than today, and have a frontier that rises', () => {
    const made = fc.record({
      count: fc.integer({ min: 1, max: 12 }),
      seed: fc.nat(1_000),
      threshold: fc.integer({ min: 50, max: 95 }),
      gap: fc.integer({ min: 0, max: 20 }),
      bonus: fc.integer({ min: 101, max: 120 }),
      reserve: fc.constantFrom(50, 500, 1e5),
      behaviour: fc.constantFrom('unchanged' as const, 'relevered' as const),
    })
    fc.assert(
      fc.property(made, ({ count, seed, threshold, gap, bonus, reserve, behaviour }) => {
        const terms = { threshold: threshold / 100, ltv: (threshold - gap) / 100, bonus: bonus / 100 }
        const positions = borrowers(count, seed, terms.threshold)
        const depth = constantProductDepth({ reserve, price: PRICE })
        const answer = only(
          asked({ positions, terms, depth }, falls(40, seed), {
            settings: { behaviour, maxEvaluations: 30 },
          }),
        )
        const losses = answer.frontier
          .filter(({ isDominated }) => !isDominated)
          .map(({ borrowingPowerUsd, expectedBadDebtUsd }) => [
            borrowingPowerUsd,
            expectedBadDebtUsd.relevered,
          ])
        for (let k = 1; k < losses.length; k++) {
          expect(losses[k]![0]!).toBeGreaterThanOrEqual(losses[k - 1]![0]!)
          expect(losses[k]![1]!).toBeGreaterThanOrEqual(losses[k - 1]![1]!)
        }
        expect(answer.frontier.filter(({ isCurrent }) => isCurrent)).toHaveLength(1)
        if (answer.bundle === null) return
        const to = (name: 'ltv' | 'threshold' | 'bonus') => toOf(answer, name) ?? terms[name]
        expect(to('threshold')).toBeLessThanOrEqual(terms.threshold)
        expect(to('threshold') * to('bonus')).toBeLessThanOrEqual(0.99 + 1e-9)
        expect(to('ltv')).toBeLessThanOrEqual(to('threshold') * 0.98 + 1e-9)
        for (const { name, passed, detail } of answer.bundle.checks)
          if (['toxicity', 'gap', 'bonus'].includes(name)) expect(passed, detail).toBe(true)
        const { before, after } = answer.bundle.expectedBadDebtUsd
        if (!answer.reason.includes('break a rule')) expect(after).toBeLessThanOrEqual(before + 0.01)
        if (!answer.reason.includes('break a rule'))
          for (const { name, passed, detail } of answer.bundle.checks)
            if (['forced', 'power', 'liquidated', 'relevered'].includes(name))
              expect(passed, detail).toBe(true)
      }),
      {
        numRuns: 40,
        // The least bonus that pays is no whole number of basis points, and today's terms are toxic.
        examples: [
          [{ count: 3, seed: 228, threshold: 93, gap: 0, bonus: 108, reserve: 500, behaviour: 'unchanged' }],
        ],
      },
    )
  })
})
