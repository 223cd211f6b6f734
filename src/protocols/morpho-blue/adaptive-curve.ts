/**
 * Morpho's AdaptiveCurveIrm: a kinked curve whose height follows how far utilization is from its target.
 *
 *   err   = (u − 0.9) / (u > 0.9 ? 0.1 : 0.9)                        in −1 … 1
 *   rate  = rateAtTarget · (1 + err · (err < 0 ? 1 − 1/4 : 4 − 1))   a quarter of it at u = 0, four times at u = 1
 *   rateAtTarget(t) = rateAtTarget · e^(50/year · err · t)           within 0.1 % … 200 % a year
 *
 * The rate charged for a time is the curve at the average of rateAtTarget over it, by the trapezoidal rule in two steps.
 * Rates are per second, in wad; quotients round toward zero, as in Solidity. Checked against the contract's own answers
 * in test/protocols/morpho-blue/adaptive-curve.test.ts.
 */
import { WAD } from '../../math/fixed-point'

const YEAR_SEC = 31_536_000n
const TARGET_UTILIZATION_WAD = (9n * WAD) / 10n
const CURVE_STEEPNESS_WAD = 4n * WAD
const ADJUSTMENT_SPEED_WAD = (50n * WAD) / YEAR_SEC
export const INITIAL_RATE_AT_TARGET_WAD = (4n * WAD) / 100n / YEAR_SEC
const MIN_RATE_AT_TARGET_WAD = WAD / 1_000n / YEAR_SEC
const MAX_RATE_AT_TARGET_WAD = (2n * WAD) / YEAR_SEC

export interface RateInput {
  supplyAssets: bigint
  borrowAssets: bigint
  /** 0 before the first interaction. */
  rateAtTargetWad: bigint
  elapsedSec: bigint
}

/** What the model answers to Morpho: the rate for the time that passed, and the height of the curve at its end. */
export function adaptiveCurveRate(input: RateInput): { ratePerSecWad: bigint; rateAtTargetWad: bigint } {
  const { supplyAssets, borrowAssets, elapsedSec } = input
  const utilization = supplyAssets > 0n ? (borrowAssets * WAD) / supplyAssets : 0n
  const room = utilization > TARGET_UTILIZATION_WAD ? WAD - TARGET_UTILIZATION_WAD : TARGET_UTILIZATION_WAD
  const error = ((utilization - TARGET_UTILIZATION_WAD) * WAD) / room
  const start = input.rateAtTargetWad
  if (start === 0n) {
    const ratePerSecWad = curve(INITIAL_RATE_AT_TARGET_WAD, error)
    return { ratePerSecWad, rateAtTargetWad: INITIAL_RATE_AT_TARGET_WAD }
  }
  const adaptation = mulWadToZero(ADJUSTMENT_SPEED_WAD, error) * elapsedSec
  if (adaptation === 0n) return { ratePerSecWad: curve(start, error), rateAtTargetWad: start }
  const end = adapted(start, adaptation)
  const middle = adapted(start, adaptation / 2n)
  return { ratePerSecWad: curve((start + end + 2n * middle) / 4n, error), rateAtTargetWad: end }
}

function curve(rateAtTargetWad: bigint, errorWad: bigint): bigint {
  const slope = errorWad < 0n ? WAD - (WAD * WAD) / CURVE_STEEPNESS_WAD : CURVE_STEEPNESS_WAD - WAD
  return mulWadToZero(mulWadToZero(slope, errorWad) + WAD, rateAtTargetWad)
}

function adapted(startWad: bigint, adaptationWad: bigint): bigint {
  const moved = mulWadToZero(startWad, expWad(adaptationWad))
  if (moved < MIN_RATE_AT_TARGET_WAD) return MIN_RATE_AT_TARGET_WAD
  return moved > MAX_RATE_AT_TARGET_WAD ? MAX_RATE_AT_TARGET_WAD : moved
}

const LN_2_WAD = 693_147_180_559_945_309n
const LOWEST_EXPONENT_WAD = -41_446_531_673_892_822_312n
const HIGHEST_EXPONENT_WAD = 93_859_467_695_000_404_319n
const HIGHEST_POWER_WAD = 57_716_089_161_558_943_949_701_069_502_944_508_345_128_422_502_756_744_429_568n

/**
 * e^x as the contract approximates it: x = q·ln 2 + r with |r| ≤ ln 2 / 2, then 2^q · (1 + r + r²/2). Zero below
 * ln 10⁻¹⁸, and constant from where the contract's 256 bits would not suffice.
 */
export function expWad(xWad: bigint): bigint {
  if (xWad < LOWEST_EXPONENT_WAD) return 0n
  if (xWad >= HIGHEST_EXPONENT_WAD) return HIGHEST_POWER_WAD
  const half = LN_2_WAD / 2n
  const q = (xWad + (xWad < 0n ? -half : half)) / LN_2_WAD
  const r = xWad - q * LN_2_WAD
  const power = WAD + r + (r * r) / WAD / 2n
  return q >= 0n ? power << q : power >> -q
}

function mulWadToZero(a: bigint, b: bigint): bigint {
  return (a * b) / WAD
}
