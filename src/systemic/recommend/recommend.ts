/**
 * Risk parameters with the least expected bad debt that capital efficiency allows, market by market.
 *
 *   minimise    E[bad debt of the whole book] over the scenarios, by the liquidation spiral, so that what a market's
 *               liquidations do to the others counts as its own
 *   over        threshold, bonus and LTV; caps and the curve follow from what liquidators can sell and redeem
 *   subject to  the rules of rules.ts: threshold · bonus below 1, the LTV a gap below the threshold, a bonus that pays for
 *               selling, no sound borrower liquidated by the change, borrowing power kept
 *
 * The three that Gauntlet's published objective balances (insolvencies, liquidations, borrow usage) are the objective and
 * two of the constraints here, so that no weight between dollars lost and dollars not lent has to be invented; the frontier
 * shows the trade instead. Each market is judged with all others as they are; `together` runs all bundles at once.
 * Every candidate runs over the same scenarios. Deterministic: equal book, prices, settings and seed, equal answer.
 */

import { mean } from '../../math/statistics'
import type { Book } from '../book'
import { badInput, numberAt } from '../network'
import { debtOn } from './exposure'
import { type MarketAnswer, recommendMarket } from './market'
import { termsOf, withTerms } from './parameters'
import { DEFAULT_RAILS, type ParameterRails } from './rails'
import { savedInterval, splitScenarios } from './sample'
import { checkedSettings, type RecommendSettings } from './settings'
import type { Evaluate, RateCurve, Recommendations } from './types'

export interface RecommendInput {
  book: Book
  /** Scenarios × assets, row-major: prices after. */
  prices: Float64Array
  evaluate: Evaluate
  settings?: Partial<RecommendSettings>
  rails?: ParameterRails
  /** Present curves by market id. */
  curves?: ReadonlyMap<string, RateCurve>
  /** Only these, by id; undefined: all collateral that somebody borrows on. */
  markets?: readonly string[] | undefined
  /** Called between markets; throwing from it ends the run. */
  onProgress?: (done: number, of: number) => void
}

/** Throws PlimsollError on a market that is not in the book or is no collateral, and on prices that cannot be. */
export function recommend(input: RecommendInput): Recommendations {
  const { book, prices, evaluate, rails = DEFAULT_RAILS, curves = new Map() } = input
  const settings = checkedSettings(input.settings)
  const assets = book.assets.length
  prices.forEach((price, k) => {
    numberAt(price, `price of ${book.assets[k % assets]!.symbol} in scenario ${Math.floor(k / assets)}`, {
      least: 0,
    })
  })
  const sample = splitScenarios(prices, assets)
  const asked =
    input.markets === undefined ? marketsByDebt(book) : input.markets.map((id) => marketAt(book, id))
  const chosen = asked.slice(0, settings.maxMarkets)
  const answers = chosen.map((market, done) => {
    input.onProgress?.(done, chosen.length)
    const curve = curves.get(book.markets[market]!.id) ?? null
    return recommendMarket({ book, market, prices, sample, settings, rails, curve, evaluate })
  })
  const together = togetherOf({ book, chosen, answers, evaluate, judge: sample.judge, settings })
  return {
    ...{
      asOf: book.asOf,
      scenarios: prices.length / assets,
      seed: settings.seed,
      behaviour: settings.behaviour,
    },
    markets: answers.map(({ recommendation }) => recommendation),
    together,
    evaluations: answers.reduce((sum, one) => sum + one.evaluations, together === null ? 0 : 2),
    omittedMarkets: asked.length - chosen.length,
  }
}

function marketAt(book: Book, id: string): number {
  const m = book.markets.findIndex((market) => market.id === id)
  if (m < 0) throw badInput(`the book has no market ${id}`)
  if (termsOf(book.markets[m]!) === undefined)
    throw badInput(`market ${id} is no collateral: it has no such parameters`)
  return m
}

/** Collateral that somebody borrows on, most debt first; equal debts by id, so that the order of a book does not matter. */
export function marketsByDebt(book: Book): number[] {
  return book.markets
    .map(({ id }, m) => ({ id, m, debtUsd: termsOf(book.markets[m]!) === undefined ? 0 : debtOn(book, m) }))
    .filter(({ debtUsd }) => debtUsd > 0)
    .sort((a, b) => b.debtUsd - a.debtUsd || (a.id < b.id ? -1 : 1))
    .map(({ m }) => m)
}

function togetherOf(input: {
  book: Book
  chosen: readonly number[]
  answers: readonly MarketAnswer[]
  evaluate: Evaluate
  judge: Float64Array
  settings: RecommendSettings
}): Recommendations['together'] {
  const { book, chosen, answers, evaluate, judge, settings } = input
  if (answers.every(({ terms }) => terms === undefined)) return null
  const changed = answers.reduce(
    (one, { terms }, k) => (terms === undefined ? one : withTerms(one, chosen[k]!, terms)),
    book,
  )
  const [before, after] = [evaluate(book, judge).badDebtUsd, evaluate(changed, judge).badDebtUsd]
  return { before: mean(before), after: mean(after), savedInterval: savedInterval(before, after, settings) }
}
