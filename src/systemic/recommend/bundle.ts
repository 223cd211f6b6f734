/** What belongs together of a market's changes: terms, caps and curve, with what they do and the rails they must keep. */
import type { Interval } from '../../math/statistics'
import { mean } from '../../math/statistics'
import { type Candidate, type Study, sameLossUsd } from './candidate'
import type { CapAnswer } from './caps'
import { efficiencyOf } from './efficiency'
import { usdText } from './money'
import { grownTo, withTerms } from './parameters'
import { type ParameterRails, railed } from './rails'
import type { CurveAnswer } from './rate-curve'
import { savedInterval } from './sample'
import type { Bundle, ParameterName, RateCurve } from './types'

/** Terms before and after over the judging scenarios. */
export interface Proposal {
  before: Candidate
  after: Candidate
  saved: Interval
  /** Expected bad debt after, by what borrowers do. */
  relevered: number
  unchanged: number
  /** Today's terms break a rule that these keep. */
  isRepair: boolean
}

export interface BundleInput {
  proposal: Proposal
  caps: CapAnswer | null
  curve: CurveAnswer
  currentCurve: RateCurve | null
  rails: ParameterRails
  judge: Float64Array
  nowSec: number
  idOf(changes: readonly RawChange[]): string
}

export interface RawChange {
  parameter: ParameterName
  from: number | null
  to: number
}

type AtCaps = NonNullable<Bundle['badDebtAtCapsUsd']>

/** Null where nothing changes. */
export function bundleOf(study: Study, input: BundleInput): Bundle | null {
  const { book, market } = study
  const { proposal, curve, currentCurve, rails, nowSec } = input
  const atCaps = capLosses(study, input)
  const caps = atCaps === null ? null : input.caps
  const raw = [...termChanges(study, proposal.after), ...capChanges(study, caps), ...curveChanges(input)]
  if (raw.length === 0) return null
  const { changes, rounds, checks } = railed({ changes: raw, rails, nowSec })
  const { before, after, saved } = proposal
  const curveAfter = curve.recommended ?? currentCurve
  return {
    id: input.idOf(raw),
    marketId: book.markets[market]!.id,
    changes,
    reason: reasonOf(study, input, caps),
    expectedBadDebtUsd: {
      ...{ before: before.badDebtUsd, after: after.badDebtUsd, relevered: proposal.relevered },
      ...{ saved: before.badDebtUsd - after.badDebtUsd, savedInterval: saved },
    },
    badDebtAtCapsUsd: atCaps,
    efficiency: {
      before: efficiencyOf(book, market, before, currentCurve),
      after: efficiencyOf(book, market, after, curveAfter),
    },
    checks: [...after.checks, releveredCheck(proposal), ...checks],
    rounds,
  }
}

function releveredCheck({ before, relevered }: Proposal) {
  return {
    name: 'relevered',
    passed: relevered <= before.badDebtUsd + sameLossUsd(before),
    detail: `with borrowers who use all new room, bad debt is $${relevered.toFixed(2)}`,
  }
}

function termChanges({ current }: Study, { terms }: Candidate): RawChange[] {
  return (['ltv', 'threshold', 'bonus'] as const)
    .filter((name) => terms[name] !== current[name])
    .map((name) => ({ parameter: name, from: current[name], to: terms[name] }))
}

function capChanges({ book, market }: Study, caps: CapAnswer | null): RawChange[] {
  if (caps === null) return []
  return (['supplyCap', 'borrowCap'] as const).flatMap((name) => {
    const to = caps[name]
    return to === null ? [] : [{ parameter: name, from: book.markets[market]![name], to }]
  })
}

function curveChanges({ curve, currentCurve }: BundleInput): RawChange[] {
  const { recommended } = curve
  if (recommended?.kind !== 'kinked' || currentCurve?.kind !== 'kinked') return []
  const names = {
    optimal: 'optimalUtilization',
    base: 'baseRate',
    slope1: 'slope1',
    slope2: 'slope2',
  } as const
  return (['optimal', 'base', 'slope1', 'slope2'] as const)
    .filter((name) => Math.abs(recommended[name] - currentCurve[name]) >= 5e-5)
    .map((name) => ({ parameter: names[name], from: currentCurve[name], to: recommended[name] }))
}

/** Losses with the market as full as its caps let it become; null where the new cap makes no difference that can be told. */
function capLosses(study: Study, { caps, proposal, judge }: BundleInput): AtCaps | null {
  const to = caps?.supplyCap
  if (to === null || to === undefined) return null
  const { book, market, evaluate, settings, evaluations } = study
  const { suppliedUnits, supplyCap } = book.markets[market]!
  const proposed = withTerms(book, market, proposal.after.terms)
  const at = (units: number) => {
    evaluations.count++
    // A cap takes nothing away that is there: below the present supply it only keeps more from coming.
    return evaluate(grownTo(proposed, market, Math.max(suppliedUnits, units)), judge).badDebtUsd
  }
  const [before, after] = [at(supplyCap ?? 2 * suppliedUnits), at(to)]
  const interval = savedInterval(before, after, settings)
  if (!(interval.low > sameLossUsd(proposal.before))) return null
  return { before: mean(before), after: mean(after), savedInterval: interval }
}

function reasonOf({ settings }: Study, { proposal, curve }: BundleInput, caps: CapAnswer | null): string {
  const { before, after, saved, isRepair } = proposal
  const broken = before.checks.filter(({ passed }) => !passed).map(({ detail }) => detail)
  const told = `${100 * settings.confidence} %: ${usdText(saved.low)} to ${usdText(saved.high)}`
  return [
    ...(after !== before && isRepair ? [`today's terms break a rule (${broken.join('; ')})`] : []),
    ...(after !== before
      ? [
          `expected bad debt ${usdText(before.badDebtUsd)} becomes ${usdText(after.badDebtUsd)}, saved ${told}`,
        ]
      : []),
    ...(caps === null ? [] : [caps.reason]),
    ...(curve.recommended === null ? [] : [curve.reason]),
  ].join('; ')
}
