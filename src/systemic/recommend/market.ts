/**
 * The recommendation for one market. Terms are searched on half of the scenarios and judged on the other half; a change is
 * proposed where today's terms break a rule, or where the interval of what it saves is above 0 throughout and borrowers who
 * use new room do not undo it. Caps and the curve follow from the terms, and everything goes into one bundle.
 */
import { createHash } from 'node:crypto'
import { mean } from '../../math/statistics'
import type { Book } from '../book'
import { bundleOf, type Proposal } from './bundle'
import { type Candidate, candidateOf, freedomIn, lossesUnder, type Study, sameLossUsd } from './candidate'
import { capsOf } from './caps'
import { frontierOf } from './frontier'
import { usdText } from './money'
import { parametersOf, type Terms, termsOf } from './parameters'
import type { ParameterRails } from './rails'
import { curveFor } from './rate-curve'
import { boundsOf } from './rules'
import { type Sample, savedInterval } from './sample'
import { searchTerms } from './search'
import type { RecommendSettings } from './settings'
import type { Evaluate, MarketRecommendation, RateCurve } from './types'

export interface MarketInput {
  book: Book
  market: number
  prices: Float64Array
  sample: Sample
  settings: RecommendSettings
  rails: ParameterRails
  curve: RateCurve | null
  evaluate: Evaluate
}

export interface MarketAnswer {
  recommendation: MarketRecommendation
  /** What is proposed of the terms; undefined where they stay. */
  terms: Terms | undefined
  evaluations: number
}

/** Throws PlimsollError where the market's asset is no collateral. */
export function recommendMarket(input: MarketInput): MarketAnswer {
  const study = studyOf(input)
  const { book, market, prices, sample } = input
  const found = searchTerms(study, sample.search)
  const verdict = judged(study, found.best.terms, sample)
  const terms = verdict.isChange ? verdict.after.terms : undefined
  const frontier = frontierOf(study, prices, { recommended: terms === undefined ? undefined : verdict.after })
  const bundle = study.freedom.canChange ? bundleFor(study, input, verdict) : null
  const { asset, pool, id } = book.markets[market]!
  const { curve } = curveAnswer(study, input, terms ?? study.current)
  const unknown = unknownOf(study, input)
  const recommendation: MarketRecommendation = {
    ...{ marketId: id, symbol: book.assets[asset]!.symbol },
    ...{ protocol: book.pools[pool]!.protocol, poolId: book.pools[pool]!.id },
    verdict: bundle === null ? 'keep' : 'change',
    reason: bundle?.reason ?? keepReason(study, verdict),
    current: parametersOf(book.markets[market]!),
    currentCurve: input.curve,
    curve: { recommended: curve.recommended, reason: curve.reason },
    ...{ frontier, bundle, unknown },
  }
  const isApplied = bundle !== null && terms !== undefined
  return { recommendation, terms: isApplied ? terms : undefined, evaluations: study.evaluations.count }
}

function studyOf({ book, market, prices, settings, evaluate }: MarketInput): Study {
  const current = termsOf(book.markets[market]!)
  if (current === undefined) throw new RangeError(`${book.markets[market]!.id} is no collateral`)
  return {
    ...{ book, market, current, settings, evaluate },
    bounds: boundsOf(book, market, { current, prices, settings }),
    freedom: freedomIn(book, market),
    evaluations: { count: 0, most: settings.maxEvaluations },
  }
}

interface Verdict extends Proposal {
  isChange: boolean
}

/** The search's best against today on scenarios that it has not seen. */
function judged(study: Study, terms: Terms, { judge }: Sample): Verdict {
  const { current, settings } = study
  const before = candidateOf(study, current, judge)
  const isSame =
    terms.threshold === current.threshold && terms.bonus === current.bonus && terms.ltv === current.ltv
  const after = isSame ? before : candidateOf(study, terms, judge, before)
  const other = settings.behaviour === 'unchanged' ? 'relevered' : 'unchanged'
  const otherUsd = isSame ? before.badDebtUsd : mean(lossesUnder(study, terms, judge, other).badDebtUsd)
  const [relevered, unchanged] =
    other === 'relevered' ? [otherUsd, after.badDebtUsd] : [after.badDebtUsd, otherUsd]
  const saved = savedInterval(before.losses.badDebtUsd, after.losses.badDebtUsd, settings)
  const isRepair = before.faults === 2 && after.faults < 2
  const isSaving = after.faults === 0 && saved.low > sameLossUsd(before) && isHeld(before, otherUsd)
  return {
    ...{ before, after, saved, relevered, unchanged, isRepair },
    isChange: !isSame && (isRepair || isSaving),
  }
}

/** Does the saving survive borrowers who behave the other way? */
function isHeld(before: Candidate, otherUsd: number): boolean {
  return otherUsd <= before.badDebtUsd + sameLossUsd(before)
}

function curveAnswer({ book, market, settings }: Study, { prices, curve }: MarketInput, terms: Terms) {
  const options = { terms, prices, level: settings.tailLevel, optimal: 1 }
  const { putUpShare } = capsOf(book, market, options)
  const { repaidPerUnitRate } = settings
  const answer = curveFor(book.markets[market]!, { current: curve, putUpShare, repaidPerUnitRate })
  return { curve: answer, caps: capsOf(book, market, { ...options, optimal: answer.optimal }) }
}

function bundleFor(study: Study, input: MarketInput, verdict: Verdict) {
  const { book, market, sample, rails, curve } = input
  const terms = verdict.isChange ? verdict.after.terms : study.current
  const answers = curveAnswer(study, input, terms)
  const proposal = verdict.isChange
    ? verdict
    : { ...verdict, after: verdict.before, relevered: verdict.before.badDebtUsd }
  return bundleOf(study, {
    ...{ proposal, rails, currentCurve: curve, curve: answers.curve, judge: sample.judge },
    caps: study.freedom.hasCaps ? answers.caps : null,
    nowSec: book.asOf[String(book.pools[book.markets[market]!.pool]!.chainId)]?.timestampSec ?? 0,
    idOf: (changes) =>
      createHash('sha256')
        .update(JSON.stringify([book.asOf, book.markets[market]!.id, changes]))
        .digest('hex'),
  })
}

function keepReason({ freedom, settings }: Study, { before, after, saved, isChange }: Verdict): string {
  if (isChange && !freedom.canChange) {
    const { threshold, bonus } = after.terms
    return (
      `the market's terms are fixed; one made at a threshold of ${threshold} and a bonus of ${bonus.toFixed(4)} ` +
      `would save ${usdText(saved.low)} to ${usdText(saved.high)}`
    )
  }
  if (before.badDebtUsd === 0) return 'the scenarios leave no bad debt: nothing can be saved'
  if (after === before) return 'no terms within the rules lose less'
  return `the best terms found save ${usdText(saved.low)} to ${usdText(saved.high)} at ${100 * settings.confidence} %: not told from nothing`
}

function unknownOf({ bounds, book, market }: Study, { curve }: MarketInput): string[] {
  const { symbol } = book.assets[book.markets[market]!.asset]!
  return [
    ...(bounds.knowsDepth
      ? []
      : [`no exchange pool of ${symbol} is known: its caps and its bonus are not judged`]),
    ...(curve === null ? ['the present interest curve is unknown: none is proposed'] : []),
  ]
}
