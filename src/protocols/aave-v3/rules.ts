/**
 * The arithmetic of a pool, keyed by its revision, because roundings changed between releases.
 *
 * `halfUp` is v3.0.2 (revision 1): every ray operation rounds to nearest. `directed` is v3.6 (revision 10): supply is
 * rounded against the supplier, debt against the borrower. Revisions whose sources were not compared have no rules;
 * their markets stay incomplete rather than being computed with the wrong ones.
 */
import {
  divRayDown,
  divRayHalfUp,
  divRayUp,
  mulDivDown,
  mulDivUp,
  mulRayDown,
  mulRayHalfUp,
  mulRayUp,
  RAY,
} from '../../math/fixed-point'

export const SECONDS_PER_YEAR = 31_536_000n

export interface Rules {
  /** Balance in base units of a scaled supply or debt at an index. */
  supplyBalance(scaled: bigint, indexRay: bigint): bigint
  debtBalance(scaled: bigint, indexRay: bigint): bigint
  /** Scaled balance after a Mint or Burn that changed the balance by `deltaBase` beyond accrued interest. */
  supplyAfter(scaled: bigint, deltaBase: bigint, indexRay: bigint): bigint
  debtAfter(scaled: bigint, deltaBase: bigint, indexRay: bigint): bigint
  /** Growth of one unit of debt over `elapsedSec` at a yearly rate, in ray. */
  compoundedRay(rateRay: bigint, elapsedSec: bigint): bigint
  /** Value of a debt in the oracle's base currency. */
  debtValue(balance: bigint, price: bigint, unit: bigint): bigint
}

/** The rules of a pool revision, or undefined when this release does not know them. */
export function rulesOf(revision: number): Rules | undefined {
  return RULES[revision]
}

/** Growth of one unit of supply over `elapsedSec` at a yearly rate, in ray; the same in every revision. */
export function linearRay(rateRay: bigint, elapsedSec: bigint): bigint {
  return RAY + (rateRay * elapsedSec) / SECONDS_PER_YEAR
}

function changeHalfUp(scaled: bigint, deltaBase: bigint, indexRay: bigint): bigint {
  return deltaBase < 0n
    ? scaled - divRayHalfUp(-deltaBase, indexRay)
    : scaled + divRayHalfUp(deltaBase, indexRay)
}

/** 1 + r·t + t(t−1)/2·r² + t(t−1)(t−2)/6·r³ with r per second; r² and r³ are rounded before they are scaled. */
function compoundedBinomial(rateRay: bigint, elapsedSec: bigint): bigint {
  if (elapsedSec === 0n) return RAY
  const minusTwo = elapsedSec > 2n ? elapsedSec - 2n : 0n
  const powerTwo = mulRayHalfUp(rateRay, rateRay) / (SECONDS_PER_YEAR * SECONDS_PER_YEAR)
  const powerThree = mulRayHalfUp(powerTwo, rateRay) / SECONDS_PER_YEAR
  const second = (elapsedSec * (elapsedSec - 1n) * powerTwo) / 2n
  const third = (elapsedSec * (elapsedSec - 1n) * minusTwo * powerThree) / 6n
  return RAY + (rateRay * elapsedSec) / SECONDS_PER_YEAR + second + third
}

/** 1 + x + x·(x/2 + x·(x/6)) with x = r·t, Taylor's series of e^x to the third power. */
function compoundedTaylor(rateRay: bigint, elapsedSec: bigint): bigint {
  const x = (rateRay * elapsedSec) / SECONDS_PER_YEAR
  return RAY + x + mulRayHalfUp(x, x / 2n + mulRayHalfUp(x, x / 6n))
}

const HALF_UP: Rules = {
  supplyBalance: mulRayHalfUp,
  debtBalance: mulRayHalfUp,
  supplyAfter: changeHalfUp,
  debtAfter: changeHalfUp,
  compoundedRay: compoundedBinomial,
  debtValue: mulDivDown,
}

const DIRECTED: Rules = {
  supplyBalance: mulRayDown,
  debtBalance: mulRayUp,
  supplyAfter: (scaled, delta, index) => divRayUp(atLeastZero(mulRayDown(scaled, index) + delta), index),
  debtAfter: (scaled, delta, index) => divRayDown(atLeastZero(mulRayUp(scaled, index) + delta), index),
  compoundedRay: compoundedTaylor,
  debtValue: mulDivUp,
}

const RULES: Readonly<Record<number, Rules>> = { 1: HALF_UP, 10: DIRECTED }

/** A position first seen in mid-life may be reduced by more than we know of; it is incomplete anyway. */
function atLeastZero(value: bigint): bigint {
  return value < 0n ? 0n : value
}
