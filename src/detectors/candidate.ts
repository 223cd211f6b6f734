/** Pieces that candidates of several detectors share. Pure. */
import type { AsOf } from '../features/types'
import {
  type AlertCandidate,
  type FactRef,
  type Reason,
  type ScoreView,
  SEVERITIES,
  type Severity,
} from './types'

type Place = Pick<AlertCandidate, 'height' | 'blockHash' | 'blockTimestampSec' | 'txHash' | 'logIndex'>

/** Place of a candidate that one fact gave rise to. */
export function placeOfFact(fact: FactRef): Place {
  return {
    height: fact.height,
    blockHash: fact.blockHash,
    blockTimestampSec: fact.timestampSec,
    txHash: fact.txHash,
    logIndex: fact.logIndex,
  }
}

/** Place of a candidate that holds of the state at a block. */
export function placeOfBlock(at: AsOf): Place {
  return {
    height: at.height,
    blockHash: at.hash,
    blockTimestampSec: at.timestampSec,
    txHash: null,
    logIndex: -1,
  }
}

/** Severity by money: the highest step whose floor the amount reaches; unknown money counts as the lowest step. */
export function severityByUsd(usd: number | null, floors: Partial<Record<Severity, number>>): Severity {
  let severity: Severity = 'info'
  for (const step of SEVERITIES) {
    const floor = floors[step]
    if (floor !== undefined && (floor === 0 || (usd !== null && usd >= floor))) severity = step
  }
  return severity
}

/** Negative when `a` is less severe than `b`. */
export function compareSeverity(a: Severity, b: Severity): number {
  return SEVERITIES.indexOf(a) - SEVERITIES.indexOf(b)
}

/** Why a model gave the score that an alert rests on; only what alerts pays for exact reasons. */
export function evidenceOf(score: ScoreView | null): readonly Reason[] {
  return score?.evidence?.() ?? score?.reasons ?? []
}

/** The address within an account or asset id. */
export function addressOf(id: string): string {
  return id.slice(id.indexOf(':') + 1)
}

/** `0x1234…abcd`, for sentences. */
export function shortAddress(id: string): string {
  const address = addressOf(id)
  return address.length === 42 ? `${address.slice(0, 6)}…${address.slice(-4)}` : address
}

/** Money for sentences: `$1,234`, or `an unknown amount`. */
export function usdText(usd: number | null): string {
  if (usd === null) return 'an unknown amount'
  return `$${Math.round(usd)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, ',')}`
}

/** A fraction as a percentage with one decimal. */
export function percentText(fraction: number): string {
  return `${(fraction * 100).toFixed(1)} %`
}

export const HOUR_SEC = 3_600
export const DAY_SEC = 86_400

const SURE = 0.95

/** A reason that says that the money of a standing rests on prices that are stale, disputed or hardly known. */
export function doubtfulPrices({ priceConfidence }: { priceConfidence: number }): Reason[] {
  return priceConfidence >= SURE
    ? []
    : [{ feature: 'priceConfidence', value: priceConfidence, contribution: null }]
}
