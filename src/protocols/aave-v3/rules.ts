/**
 * The arithmetic of a pool, keyed by protocol and pool revision, because roundings changed between releases.
 *
 *   Aave V2, revision 2 (protocol-v2 1.0.1): every ray operation rounds to nearest; the rate a second is truncated.
 *   Aave V3, revision 1 (v3.0.2): rounds to nearest; debt compounds by a binomial of the yearly rate.
 *   Revision 9 (v3.5): supply is rounded against the supplier, debt against the borrower; debt compounds by Taylor's
 *     series; health goes by the weighted sum of thresholds, not by their truncated average; an asset outside its
 *     reserve's own collateral settings is none in an e-mode either. Sources: GenericLogic, MathUtils and TokenMath of
 *     github.com/aave-dao/aave-v3-origin where POOL_REVISION is 9 (00cec228, 13fc64a1, 2674171f), docs/3.5.
 *   Revision 10 (v3.6): an e-mode's collateral is independent of the reserve's settings.
 *   Revision 11 (v3.7): an e-mode may be isolated, which takes the loan-to-value of all other collateral; liquidation
 *     rounds against the liquidator. Source: docs/3.7 of the same repository (changelog: nothing else changed here).
 *
 * Revisions whose sources were not compared have no rules: 2 to 8 (v3.0.x to v3.4, with their stable debt and GHO's
 * discounts) and whatever follows 11. Their markets stay incomplete rather than being computed with the wrong ones.
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
import type { AaveProtocol } from './events'

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
  /** Health by the average threshold, truncated to a basis point; else by the weighted sum. */
  truncatesThreshold: boolean
  /**
   * How an e-mode takes effect: `category`, by the one category of a reserve; `bitmapWithin`, by the category's list
   * of assets where the reserve is collateral outside too; `bitmap`, by that list alone.
   */
  eMode: 'none' | 'category' | 'bitmapWithin' | 'bitmap'
  liquidation: 'halfOfAsset' | 'halfOrAll' | 'halfOfAccount' | 'halfOfAccountDirected'
  /**
   * A liquidation writes down the collateral's interest even where the liquidator takes aTokens, and then announces no
   * index: from there on it compounds anew.
   */
  liquidationAccruesCollateral: boolean
}

/** The rules of a pool revision, or undefined when this release does not know them. */
export function rulesOf(revision: number, protocol: AaveProtocol = 'aave-v3'): Rules | undefined {
  return RULES[protocol][revision]
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

/** 1 + r·t + t(t−1)/2·r² + t(t−1)(t−2)/6·r³ with r per second, truncated before it is used. */
function compoundedPerSecond(rateRay: bigint, elapsedSec: bigint): bigint {
  if (elapsedSec === 0n) return RAY
  const perSecond = rateRay / SECONDS_PER_YEAR
  const powerTwo = mulRayHalfUp(perSecond, perSecond)
  const powerThree = mulRayHalfUp(powerTwo, perSecond)
  return RAY + perSecond * elapsedSec + higherTerms(elapsedSec, powerTwo, powerThree)
}

/** The same with r per year; r² and r³ are rounded before they are scaled to seconds. */
function compoundedBinomial(rateRay: bigint, elapsedSec: bigint): bigint {
  if (elapsedSec === 0n) return RAY
  const powerTwo = mulRayHalfUp(rateRay, rateRay) / (SECONDS_PER_YEAR * SECONDS_PER_YEAR)
  const powerThree = mulRayHalfUp(powerTwo, rateRay) / SECONDS_PER_YEAR
  return RAY + (rateRay * elapsedSec) / SECONDS_PER_YEAR + higherTerms(elapsedSec, powerTwo, powerThree)
}

function higherTerms(elapsedSec: bigint, powerTwo: bigint, powerThree: bigint): bigint {
  const minusTwo = elapsedSec > 2n ? elapsedSec - 2n : 0n
  const second = (elapsedSec * (elapsedSec - 1n) * powerTwo) / 2n
  const third = (elapsedSec * (elapsedSec - 1n) * minusTwo * powerThree) / 6n
  return second + third
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
  truncatesThreshold: true,
  eMode: 'category',
  liquidation: 'halfOrAll',
  liquidationAccruesCollateral: false,
}

const DIRECTED: Rules = {
  supplyBalance: mulRayDown,
  debtBalance: mulRayUp,
  supplyAfter: (scaled, delta, index) => divRayUp(atLeastZero(mulRayDown(scaled, index) + delta), index),
  debtAfter: (scaled, delta, index) => divRayDown(atLeastZero(mulRayUp(scaled, index) + delta), index),
  compoundedRay: compoundedTaylor,
  debtValue: mulDivUp,
  truncatesThreshold: false,
  eMode: 'bitmap',
  liquidation: 'halfOfAccount',
  liquidationAccruesCollateral: true,
}

const RULES: Readonly<Record<AaveProtocol, Readonly<Record<number, Rules>>>> = {
  'aave-v2': {
    2: { ...HALF_UP, compoundedRay: compoundedPerSecond, eMode: 'none', liquidation: 'halfOfAsset' },
  },
  'aave-v3': {
    1: HALF_UP,
    9: { ...DIRECTED, eMode: 'bitmapWithin' },
    10: DIRECTED,
    11: { ...DIRECTED, liquidation: 'halfOfAccountDirected' },
  },
}

/** A position first seen in mid-life may be reduced by more than we know of; it is incomplete anyway. */
function atLeastZero(value: bigint): bigint {
  return value < 0n ? 0n : value
}
