/**
 * How far and how often a parameter may move, in the oracle's own terms (src/oracle/policy.ts): a change is at most
 * maxChangeBps of what is there, rounds are minDelaySec apart, and what is coupled moves together or not at all. The
 * defaults are of the order that Aave's risk stewards are held to; a deployment's own rails replace them.
 */
import { boundValue, type FeedRails } from '../../oracle/policy'
import { badInput } from '../network'
import type { Check, ParameterChange, ParameterName } from './types'

export interface ParameterRail {
  maxChangeBps: number
  minDelaySec: number
  least: number
  most: number
  /** Changes are measured against at least this much, so that a parameter at 0 can move. */
  floor: number
}

export type ParameterRails = Readonly<Record<ParameterName, ParameterRail>>

const DAY_SEC = 86_400
const share = { maxChangeBps: 500, minDelaySec: 3 * DAY_SEC, least: 0, most: 1, floor: 0.01 }
const cap = { maxChangeBps: 5_000, minDelaySec: 3 * DAY_SEC, least: 0, most: 1e9, floor: 1e-6 }
const rate = { maxChangeBps: 5_000, minDelaySec: 3 * DAY_SEC, least: 0, most: 10, floor: 0.01 }

export const DEFAULT_RAILS: ParameterRails = {
  ltv: share,
  threshold: share,
  bonus: { ...share, maxChangeBps: 200, least: 1, most: 2 },
  supplyCap: cap,
  borrowCap: cap,
  optimalUtilization: { ...share, maxChangeBps: 1_000 },
  baseRate: rate,
  slope1: rate,
  slope2: rate,
}

/** Answers have 8 decimals. */
const SCALE = 1e8
/** A target that is further away has its rounds counted no further. */
const MOST_ROUNDS = 100

const fixed = (value: number) => BigInt(Math.round(value * SCALE))

function feedRails({ maxChangeBps, minDelaySec, least, most, floor }: ParameterRail): FeedRails {
  return {
    ...{ minAnswer: fixed(least), maxAnswer: fixed(most), changeFloor: fixed(floor), maxChangeBps },
    ...{ deviationBps: 0, minDelaySec, heartbeatSec: 0, maxAgeSec: 0 },
  }
}

/** What one round may make of `from` on the way to `to`. A parameter that is not there yet is set at once. */
function step(from: number | null, to: number, rail: ParameterRail): number {
  const isFirst = from === null
  const last = { round: isFirst ? 0n : 1n, value: fixed(from ?? 0), observedAt: 0n, updatedAt: 0n }
  const bounded = boundValue(fixed(to), last, feedRails(rail))
  if (!bounded.ok) throw badInput(`a change to ${to} cannot be: ${bounded.reason}`)
  return bounded.clamped ? Number(bounded.value) / SCALE : to
}

/** Rounds from `from` to `to`, and the first one's value. */
export function roundsTo(
  from: number | null,
  to: number,
  rail: ParameterRail,
): { rounds: number; first: number } {
  const first = step(from, to, rail)
  let [at, rounds] = [first, 1]
  for (; at !== to && rounds < MOST_ROUNDS; rounds++) at = step(at, to, rail)
  return { rounds, first }
}

export interface RailInput {
  changes: readonly { parameter: ParameterName; from: number | null; to: number }[]
  rails: ParameterRails
  nowSec: number
  /** When each was changed last, where that is known. */
  changedAtSec?: Partial<Record<ParameterName, number>>
}

/** The changes with their first steps, rounds until the last is done, and the rails' checks over the bundle as a whole. */
export function railed({ changes, rails, nowSec, changedAtSec = {} }: RailInput): {
  changes: ParameterChange[]
  rounds: number
  checks: Check[]
} {
  const steps = changes.map((change) => ({
    change,
    ...roundsTo(change.from, change.to, rails[change.parameter]),
  }))
  const rounds = Math.max(1, ...steps.map((one) => one.rounds))
  const beyond = steps.filter((one) => one.rounds > 1).map(({ change }) => change.parameter)
  const early = changes.filter(({ parameter }) => {
    const at = changedAtSec[parameter]
    return at !== undefined && nowSec < at + rails[parameter].minDelaySec
  })
  return {
    changes: steps.map(({ change }) => ({ ...change, firstStep: firstOf(change, rounds) })),
    rounds,
    checks: [
      {
        name: 'maxPercentChange',
        passed: beyond.length === 0,
        detail:
          beyond.length === 0
            ? 'every change is within one round'
            : `${beyond.join(', ')} need ${rounds} rounds: the whole bundle goes in so many steps`,
      },
      {
        name: 'minDelay',
        passed: early.length === 0,
        detail:
          early.length === 0
            ? 'no earlier change is too recent, as far as is known'
            : `${early.map(({ parameter }) => parameter).join(', ')} changed too recently`,
      },
    ],
  }
}

/**
 * All change by an equal factor a round, over the same rounds: each step is within its rail, and products and ratios, such
 * as threshold · bonus and LTV to threshold, stay between what they are and what they become.
 */
function firstOf({ from, to }: { from: number | null; to: number }, rounds: number): number {
  if (from === null || rounds === 1) return to
  return from > 0 && to > 0 ? from * (to / from) ** (1 / rounds) : from + (to - from) / rounds
}
