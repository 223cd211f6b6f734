/**
 * When a feed is due and what value it may take: pure, so that the publisher and every signer reach the same
 * answer from the same state, and the contract's rails can be proved never to refuse what this lets through.
 *
 * A value outside the feed's min..max is withheld: such a number is a fault, not a risk. A change beyond
 * maxChangeBps is clamped to the edge of what one round may move, so a real jump arrives in steps of minDelay
 * instead of never. A feed is due when its value moved by deviationBps, when its heartbeat passed, or when it
 * has no round yet; never before minDelay. Coupled feeds move together or not at all.
 */
import { encodeAbiParameters, type Hex, keccak256, zeroHash } from 'viem'
import type { Report, Submission } from './report'

const BPS = 10_000n

/** The contract's rails of a feed. Answers have 8 decimals. */
export interface FeedRails {
  minAnswer: bigint
  maxAnswer: bigint
  /** Changes are measured against max(|previous|, changeFloor), so that a feed at 0 can move again. */
  changeFloor: bigint
  maxChangeBps: number
  deviationBps: number
  minDelaySec: number
  heartbeatSec: number
  /** Oldest observation, in seconds before the oracle chain's time, that may still be reported. */
  maxAgeSec: number
}

/** What the chain says about a feed's last applied round; all zero when it has none. */
export interface FeedState {
  round: bigint
  value: bigint
  observedAt: bigint
  updatedAt: bigint
}

/** A value computed from state at a finalized block. */
export interface CurrentValue {
  /** 8 decimals. */
  value: bigint
  confidenceBps: number
  modelHash: Hex
  /** False when any state behind the value began before its coverage and was not seeded. */
  complete: boolean
  /** Time of that block, unix seconds. */
  observedAt: bigint
}

/** One feed as the policy sees it. `current` is undefined while there is no finalized value at all. */
export interface FeedView {
  feedId: Hex
  /** Zero when the feed stands alone. */
  groupId: Hex
  allowed: boolean
  rails: FeedRails
  last: FeedState
  /** Round number to use next: above the last applied one and above every one that anybody signed. */
  nextRound: bigint
  current: CurrentValue | undefined
}

export interface PolicySettings {
  /** Seconds from now until an unsubmitted report dies; at most MAX_TTL_SEC, and never past the feed's maxAgeSec. */
  ttlSec: number
  /** Values with less confidence are withheld. */
  minConfidenceBps: number
}

/** Longest life of a report that signers agree to. */
export const MAX_TTL_SEC = 3_600

const BACK_OFF_FIRST_SEC = 5
const BACK_OFF_LONGEST_SEC = 600
/** Reports to look back at: more drops in a row than this change nothing. */
export const BACK_OFF_REPORTS = 8

/** Seconds between a feed's last proposal and its next after `drops` reports in a row were dropped: 5 s doubling up to 600. */
export function backOffSec(drops: number): number {
  if (drops <= 0) return 0
  return Math.min(BACK_OFF_FIRST_SEC * 2 ** Math.min(drops - 1, BACK_OFF_REPORTS), BACK_OFF_LONGEST_SEC)
}

export type Bounded = { ok: true; value: bigint; clamped: boolean } | { ok: false; reason: string }
export type Due = Submission & { trigger: 'first' | 'deviation' | 'heartbeat' }
export interface Decision {
  due: Due[]
  withheld: { feedId: Hex; reason: string }[]
}

/** Largest change one round may make from `previous`, as the contract computes it (rounded down). */
export function changeLimit(previous: bigint, rails: FeedRails): bigint {
  return (changeBase(previous, rails) * BigInt(rails.maxChangeBps)) / BPS
}

/** The value a report may carry for a measured value, or why none. */
export function boundValue(measured: bigint, last: FeedState, rails: FeedRails): Bounded {
  if (measured < rails.minAnswer || measured > rails.maxAnswer) {
    return { ok: false, reason: `value ${measured} is outside ${rails.minAnswer}..${rails.maxAnswer}` }
  }
  if (last.round === 0n) return { ok: true, value: measured, clamped: false }
  const limit = changeLimit(last.value, rails)
  const low = last.value - limit
  const high = last.value + limit
  const value = measured < low ? low : measured > high ? high : measured
  // The rails may have been narrowed since the last round, so that one step does not reach them.
  if (value < rails.minAnswer || value > rails.maxAnswer) {
    return { ok: false, reason: `no value inside the bounds is within one change of ${last.value}` }
  }
  return { ok: true, value, clamped: value !== measured }
}

/** Why no report may be made from this view now; undefined when one may. The rails that do not depend on a deviation. */
export function refusal(view: FeedView, nowSec: bigint, settings: PolicySettings): string | undefined {
  const { current, last, rails } = view
  if (!view.allowed) return 'feed is not on the allow-list'
  if (current === undefined) return 'no value at a finalized block yet'
  if (!current.complete) return 'state is incomplete'
  if (current.confidenceBps < settings.minConfidenceBps) {
    return `confidence ${current.confidenceBps} bps is below ${settings.minConfidenceBps}`
  }
  if (current.observedAt <= last.observedAt) return 'no newer finalized block than the last round'
  if (current.observedAt > nowSec) return 'observed after the oracle chain’s time'
  if (current.observedAt + BigInt(rails.maxAgeSec) < nowSec)
    return `observed ${nowSec - current.observedAt} s ago, at most ${rails.maxAgeSec} s are allowed`
  if (last.round > 0n && nowSec < last.updatedAt + BigInt(rails.minDelaySec))
    return 'minimum delay has not passed'
  const bounded = boundValue(current.value, last, rails)
  return bounded.ok ? undefined : bounded.reason
}

/** Which submissions to propose now. `nowSec` is the oracle chain's clock; every feed of a group must be given. */
export function decide(views: readonly FeedView[], nowSec: bigint, settings: PolicySettings): Decision {
  const decision: Decision = { due: [], withheld: [] }
  for (const group of grouped(views)) {
    const refused = group.map((view) => ({ feedId: view.feedId, reason: refusal(view, nowSec, settings) }))
    const first = refused.find((entry) => entry.reason !== undefined)
    if (first !== undefined) {
      for (const { feedId, reason } of refused) {
        decision.withheld.push({ feedId, reason: reason ?? `coupled with ${first.feedId}: ${first.reason}` })
      }
      continue
    }
    const trigger = group.map((view) => triggerOf(view, nowSec)).find((found) => found !== undefined)
    if (trigger !== undefined) decision.due.push({ ...submissionOf(group, nowSec, settings), trigger })
  }
  return decision
}

function triggerOf(view: FeedView, nowSec: bigint): Due['trigger'] | undefined {
  const { current, last, rails } = view
  if (current === undefined) return undefined
  if (last.round === 0n) return 'first'
  if (nowSec >= last.updatedAt + BigInt(rails.heartbeatSec)) return 'heartbeat'
  const moved = current.value > last.value ? current.value - last.value : last.value - current.value
  const threshold = changeBase(last.value, rails) * BigInt(rails.deviationBps)
  return moved > 0n && moved * BPS >= threshold ? 'deviation' : undefined
}

function submissionOf(group: readonly FeedView[], nowSec: bigint, settings: PolicySettings): Submission {
  const bundleId = bundleIdOf(group)
  const ttlSec = Math.min(settings.ttlSec, MAX_TTL_SEC)
  const reports = group.map((view): Report => {
    const current = view.current
    const bounded = current === undefined ? undefined : boundValue(current.value, view.last, view.rails)
    if (current === undefined || !bounded?.ok)
      throw new Error(`feed ${view.feedId} was not refused, yet has no value`)
    return {
      feedId: view.feedId,
      round: view.nextRound,
      observedAt: current.observedAt,
      expiresAt: lesser(nowSec + BigInt(ttlSec), current.observedAt + BigInt(view.rails.maxAgeSec)),
      value: bounded.value,
      previousValue: view.last.value,
      confidenceBps: current.confidenceBps,
      modelHash: current.modelHash,
      bundleId,
    }
  })
  return { bundleId, reports }
}

/** Zero for a feed that stands alone; else derived from the group and its rounds, so no two live bundles share one. */
function bundleIdOf(group: readonly FeedView[]): Hex {
  const groupId = group[0]?.groupId ?? zeroHash
  if (groupId === zeroHash) return zeroHash
  const types = [{ type: 'bytes32' }, { type: 'bytes32[]' }, { type: 'uint64[]' }] as const
  const ids = group.map((view) => view.feedId)
  return keccak256(encodeAbiParameters(types, [groupId, ids, group.map((view) => view.nextRound)]))
}

/** Feeds by group, each group ascending by feed id as the contract wants it; feeds without a group alone. */
function grouped(views: readonly FeedView[]): FeedView[][] {
  const groups = new Map<string, FeedView[]>()
  for (const view of views) {
    const key = view.groupId === zeroHash ? view.feedId : view.groupId
    groups.set(key, [...(groups.get(key) ?? []), view])
  }
  const ascending = (a: FeedView, b: FeedView) => (BigInt(a.feedId) < BigInt(b.feedId) ? -1 : 1)
  return [...groups.values()].map((group) => group.sort(ascending))
}

function lesser(a: bigint, b: bigint): bigint {
  return a < b ? a : b
}

function changeBase(previous: bigint, rails: FeedRails): bigint {
  const size = previous < 0n ? -previous : previous
  return size > rails.changeFloor ? size : rails.changeFloor
}
