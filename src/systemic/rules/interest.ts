/**
 * Interest by utilization: the kinked line of Aave and Compound, and Morpho's curve that moves. Yearly rates, doubles;
 * the contract's own arithmetic of the latter is src/protocols/morpho-blue/adaptive-curve.ts.
 */
import { badInput, numberAt } from '../network'

export interface KinkedCurve {
  /** Utilization at the kink, between 0 and 1. */
  optimal: number
  base: number
  /** What the rate gains up to the kink, and from there to full utilization. */
  slope1: number
  slope2: number
}

/** base + slope1·u/optimal up to the kink, then + slope2·(u − optimal)/(1 − optimal). u in 0 … 1. */
export function kinkedRate({ optimal, base, slope1, slope2 }: KinkedCurve, utilization: number): number {
  const u = numberAt(utilization, 'utilization', { least: 0, most: 1 })
  if (!(optimal > 0 && optimal < 1)) throw badInput(`optimal is ${optimal}: it must be between 0 and 1`)
  if (u <= optimal) return base + (slope1 * u) / optimal
  return base + slope1 + (slope2 * (u - optimal)) / (1 - optimal)
}

const TARGET = 0.9
const STEEPNESS = 4
const SPEED_PER_YEAR = 50
const YEAR_DAYS = 365
const [LEAST_AT_TARGET, MOST_AT_TARGET] = [0.001, 2]

/** How far utilization is from its target of 0.9, in −1 … 1. */
export function utilizationError(utilization: number): number {
  const u = numberAt(utilization, 'utilization', { least: 0, most: 1 })
  return (u - TARGET) / (u > TARGET ? 1 - TARGET : TARGET)
}

/** Morpho's curve at an error: a quarter of the rate at target at −1, four times at 1. */
export function adaptiveRate(rateAtTarget: number, error: number): number {
  return rateAtTarget * (1 + error * (error < 0 ? 1 - 1 / STEEPNESS : STEEPNESS - 1))
}

/**
 * Rate at target after `days` at an error, and its average over them by the contract's trapezoids in two steps.
 * Both stay within 0.1 % … 200 %.
 */
export function adaptedRateAtTarget(
  rateAtTarget: number,
  { error, days }: { error: number; days: number },
): { end: number; average: number } {
  const speed = (SPEED_PER_YEAR / YEAR_DAYS) * numberAt(error, 'error', { least: -1, most: 1 })
  numberAt(days, 'days', { least: 0 })
  const at = (day: number) =>
    Math.min(MOST_AT_TARGET, Math.max(LEAST_AT_TARGET, rateAtTarget * Math.exp(speed * day)))
  const end = at(days)
  return { end, average: (rateAtTarget + end + 2 * at(days / 2)) / 4 }
}

/** Days in which the rate at target doubles at an error above 0. */
export function doublingDays(error: number): number {
  if (!(error > 0)) throw badInput(`error is ${error}: the rate doubles only above target`)
  return Math.LN2 / ((SPEED_PER_YEAR / YEAR_DAYS) * error)
}
