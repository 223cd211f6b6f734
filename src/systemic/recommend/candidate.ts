/** One set of terms of a market, run over the scenarios and held against the rules; each set of terms is run once. */

import { mean } from '../../math/statistics'
import type { Book } from '../book'
import { debtOn, forcedUsd } from './exposure'
import { type Freedom, freedomOf, tied } from './freedom'
import { type Terms, toBpsDown, withTerms } from './parameters'
import { type Bounds, effectChecks, marketPowerUsd, termChecks } from './rules'
import type { RecommendSettings } from './settings'
import type { Behaviour, Check, Evaluate, Losses } from './types'

/** A market under study: everything that stays the same while its terms are tried. */
export interface Study {
  book: Book
  market: number
  current: Terms
  bounds: Bounds
  freedom: Freedom
  settings: RecommendSettings
  evaluate: Evaluate
  evaluations: { count: number; most: number }
}

export interface Candidate {
  terms: Terms
  losses: Losses
  badDebtUsd: number
  liquidatedUsd: number
  powerUsd: number
  forcedUsd: number
  checks: readonly Check[]
  /** 0: every rule is kept; 1: those of terms are; 2: not even they. */
  faults: 0 | 1 | 2
  /** How far from today's terms, in steps of one per cent point. */
  distance: number
}

export function isSpent({ evaluations }: Study): boolean {
  return evaluations.count >= evaluations.most
}

export function freedomIn(book: Book, m: number): Freedom {
  return freedomOf(book.pools[book.markets[m]!.pool]!.protocol)
}

/** Terms as the protocol can hold them: whole basis points, tied, and the LTV no higher than now nor than the gap lets it. */
export function shaped({ threshold, bonus, ltv }: Terms, { bounds, freedom, current }: Study): Terms {
  const same = (value: number, now: number) => (Math.abs(value - now) < 5e-5 ? now : toBpsDown(value))
  const t = Math.min(1, Math.max(0, same(threshold, current.threshold)))
  const most = toBpsDown(t * bounds.mostRatio)
  return tied(
    { threshold: t, bonus: same(bonus, current.bonus), ltv: Math.min(same(ltv, current.ltv), most) },
    freedom,
  )
}

/** Runs terms over scenarios and judges them against `now`, the market as it is; undefined: they are the market as it is. */
export function candidateOf(study: Study, terms: Terms, prices: Float64Array, now?: Candidate): Candidate {
  const { book, market, settings, current } = study
  const losses = lossesUnder(study, terms, prices, settings.behaviour)
  const [badDebtUsd, liquidatedUsd] = [mean(losses.badDebtUsd), mean(losses.liquidatedUsd)]
  const powerUsd = marketPowerUsd(book, market, terms.ltv)
  const forced = forcedUsd(book, withTerms(book, market, terms), market)
  const ofTerms = termChecks(terms, study.bounds, study.freedom, settings)
  const effects = {
    forcedUsd: forced,
    debtUsd: debtOn(book, market),
    powerUsd: { before: now?.powerUsd ?? powerUsd, after: powerUsd },
    liquidatedUsd: { before: now?.liquidatedUsd ?? liquidatedUsd, after: liquidatedUsd },
  }
  const ofEffects = effectChecks(effects, settings)
  const passed = (checks: readonly Check[]) => checks.every((check) => check.passed)
  return {
    ...{ terms, losses, badDebtUsd, liquidatedUsd, powerUsd, forcedUsd: forced },
    checks: [...ofTerms, ...ofEffects],
    faults: passed(ofTerms) ? (passed(ofEffects) ? 0 : 1) : 2,
    distance:
      100 *
      (Math.abs(terms.threshold - current.threshold) +
        Math.abs(terms.bonus - current.bonus) +
        Math.abs(terms.ltv - current.ltv)),
  }
}

/** Losses of the whole book with the market under these terms; counts as one evaluation. */
export function lossesUnder(
  { book, market, evaluate, evaluations }: Study,
  terms: Terms,
  prices: Float64Array,
  behaviour: Behaviour,
): Losses {
  evaluations.count++
  return evaluate(withTerms(book, market, terms, behaviour), prices)
}

/** A cent, or what a millionth of today's loss is: less is no difference. */
export function sameLossUsd(now: Candidate): number {
  return Math.max(0.01, 1e-6 * now.badDebtUsd)
}

/** Is `a` to be preferred to `b`: fewer rules broken, then less bad debt, then nearer to today, then more power. */
export function isBetter(a: Candidate, b: Candidate, toleranceUsd: number): boolean {
  if (a.faults !== b.faults) return a.faults < b.faults
  if (Math.abs(a.badDebtUsd - b.badDebtUsd) > toleranceUsd) return a.badDebtUsd < b.badDebtUsd
  if (Math.abs(a.distance - b.distance) > 1e-9) return a.distance < b.distance
  return a.powerUsd > b.powerUsd
}
