/**
 * The curve that keeps enough of a market unborrowed for liquidators to redeem what they seize: where all is lent out, a
 * seized deposit cannot be taken out and sold, and nobody liquidates for it.
 *
 *   optimal = 1 − part of the supply that a bad scenario puts up, within 0.45 … 0.95
 *   base    as it is
 *   slope1  so that today's borrowers pay what they pay: up to the kink the rate at today's utilization is unchanged,
 *           beyond it today's rate becomes the rate at the kink and rises from there
 *   slope2  so that at full use enough is repaid within days to come back to the kink: (1 − optimal)/ε, at least what it is
 *
 * ε, the part of a market's debt that is repaid within days when the yearly rate rises by 1, is an assumption
 * (settings.repaidPerUnitRate), not a measurement. Morpho's curve aims at 0.9 and moves by itself: nothing of it can be set,
 * so it is only said whether 0.9 leaves enough.
 */
import type { BookMarket } from '../book'
import { adaptiveRate, type KinkedCurve, kinkedRate, utilizationError } from '../rules/interest'
import type { RateCurve } from './types'

const [LEAST_OPTIMAL, MOST_OPTIMAL] = [0.45, 0.95]
const MOST_SLOPE2 = 3
const ADAPTIVE_TARGET = 0.9
/** A kink that moves by less is left where it is. */
const LEAST_MOVE = 0.02

/** Borrowed over supplied, at most 1; null where nothing is supplied. */
export function utilizationOf({ suppliedUnits, borrowedUnits }: BookMarket): number | null {
  return suppliedUnits > 0 ? Math.min(1, borrowedUnits / suppliedUnits) : null
}

/** Yearly rate at a utilization. */
export function rateOf(curve: RateCurve, utilization: number): number {
  return curve.kind === 'kinked'
    ? kinkedRate(curve, utilization)
    : adaptiveRate(curve.rateAtTarget, utilizationError(utilization))
}

/** Highest utilization that leaves `putUpShare` of the supply redeemable; whole per cents, downwards. */
export function optimalUtilization(putUpShare: number): number {
  const free = Math.floor((1 - putUpShare) * 100 + 1e-9) / 100
  return Math.min(MOST_OPTIMAL, Math.max(LEAST_OPTIMAL, free))
}

export interface CurveAnswer {
  /** Null where nothing is to change or nothing can. */
  recommended: RateCurve | null
  /** Where the borrow cap takes its kink from. */
  optimal: number
  reason: string
}

export function curveFor(
  market: BookMarket,
  {
    current,
    putUpShare,
    repaidPerUnitRate,
  }: { current: RateCurve | null; putUpShare: number; repaidPerUnitRate: number },
): CurveAnswer {
  const optimal = optimalUtilization(putUpShare)
  const utilization = utilizationOf(market)
  const free = `a bad scenario puts up ${(100 * putUpShare).toFixed(1)} % of the supply`
  if (current === null) return { recommended: null, optimal, reason: `${free}; the present curve is unknown` }
  if (current.kind === 'adaptive') {
    const verdict =
      optimal >= ADAPTIVE_TARGET ? 'leaves enough to redeem' : `is above the ${optimal} that would`
    return {
      recommended: null,
      optimal,
      reason: `${free}; the fixed target of ${ADAPTIVE_TARGET} ${verdict}`,
    }
  }
  if (utilization === null || market.borrowedUnits <= 0)
    return { recommended: null, optimal: current.optimal, reason: 'nothing is borrowed' }
  if (current.optimal <= optimal + LEAST_MOVE - 1e-9)
    return {
      recommended: null,
      optimal: current.optimal,
      reason: `${free}; the kink leaves enough to redeem`,
    }
  const recommended = kinkedTo(current, { optimal, utilization, repaidPerUnitRate })
  return {
    recommended: { kind: 'kinked', ...recommended },
    optimal,
    reason: `${free}; the kink makes room for it`,
  }
}

function kinkedTo(
  current: KinkedCurve,
  {
    optimal,
    utilization,
    repaidPerUnitRate,
  }: { optimal: number; utilization: number; repaidPerUnitRate: number },
): KinkedCurve {
  const rate = kinkedRate(current, utilization)
  const rise = Math.max(0, rate - current.base)
  const slope1 = utilization > 0 && utilization <= optimal ? (rise * optimal) / utilization : rise
  const slope2 = Math.min(MOST_SLOPE2, (1 - optimal) / repaidPerUnitRate)
  const toBps = (value: number) => Math.round(value * 1e4) / 1e4
  return {
    optimal,
    base: current.base,
    slope1: toBps(slope1),
    slope2: toBps(Math.max(current.slope2, slope2)),
  }
}
