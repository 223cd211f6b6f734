/**
 * Liquidation rules of the lenders as numbers, one shape for all, so that one loop can run over every market. Exact
 * amounts of single liquidations are the protocols' own (src/protocols); these are their doubles.
 *
 *   health    = collateral · price · threshold / debt value
 *   closable  = share · debt   while health > closeHealth and both sides are worth `smallUsd`, else all of it
 *   seized    = repaid value · bonus / price, at most the collateral; the debt is then reduced to match
 *   bad debt  = what is owed when no collateral remains
 *
 *   Aave V2         half, always                                    bonus 1.05 …
 *   Aave V3.0       half above a health of 0.95, else all
 *   Aave V3.3 on    the same, but all where a side is worth less than 2,000; leaves no side under 1,000
 *   Morpho          all; bonus min(1.15, 1/(1 − 0.3·(1 − LLTV)))
 *   Compound V2     the comptroller's close factor, always
 *   Compound III    all: absorbed at liquidationFactor of its value, as if the bonus were its inverse
 *   Maker           all: an auction; the bonus is the discount at which it is taken
 */
import { BPS, WAD } from '../../math/fixed-point'
import { incentiveFactorWad } from '../../protocols/morpho-blue/liquidation'
import { badInput, numberAt } from '../network'

export interface LiquidationTerms {
  /** Liquidation threshold, 0 … 1. */
  threshold: number
  /** What a liquidator gets for one repaid, ≥ 1. */
  bonus: number
  closeShare: number
  closeHealth: number
  /** Sides worth less may be closed whole; 0 where the rule does not exist. */
  smallUsd: number
  /** Neither side may be left worth less, unless it is nothing; 0 where the rule does not exist. */
  leastLeftoverUsd: number
}

const WHOLE = { closeShare: 1, closeHealth: 0, smallUsd: 0, leastLeftoverUsd: 0 }

/** Aave's terms by the release of its liquidation rules; basis points as the pool holds them (bonus 10500 for 5 %). */
export function aaveTerms(
  release: 'v2' | 'v3.0' | 'v3.3',
  { thresholdBps, bonusBps }: { thresholdBps: bigint; bonusBps: bigint },
): LiquidationTerms {
  return checkedTerms({
    threshold: Number(thresholdBps) / Number(BPS),
    bonus: Number(bonusBps) / Number(BPS),
    closeShare: 0.5,
    closeHealth: release === 'v2' ? 0 : 0.95,
    smallUsd: release === 'v3.3' ? 2_000 : 0,
    leastLeftoverUsd: release === 'v3.3' ? 1_000 : 0,
  })
}

/** Morpho's, from a market's LLTV alone. */
export function morphoTerms(lltvWad: bigint): LiquidationTerms {
  if (lltvWad < 0n || lltvWad > WAD) throw badInput(`lltv is ${lltvWad}: it must be within 0 … 1e18`)
  const bonus = Number(incentiveFactorWad(lltvWad)) / 1e18
  return checkedTerms({ ...WHOLE, threshold: Number(lltvWad) / 1e18, bonus })
}

/** Compound V2's, mantissas as the comptroller holds them. */
export function compoundV2Terms(mantissas: {
  collateralFactor: bigint
  closeFactor: bigint
  liquidationIncentive: bigint
}): LiquidationTerms {
  return checkedTerms({
    ...WHOLE,
    threshold: Number(mantissas.collateralFactor) / 1e18,
    bonus: Number(mantissas.liquidationIncentive) / 1e18,
    closeShare: Number(mantissas.closeFactor) / 1e18,
  })
}

/** Compound III's: liquidateCollateralFactor and liquidationFactor of the asset. */
export function compoundV3Terms(factors: {
  liquidateCollateralFactorWad: bigint
  liquidationFactorWad: bigint
}): LiquidationTerms {
  const threshold = Number(factors.liquidateCollateralFactorWad) / 1e18
  return checkedTerms({ ...WHOLE, threshold, bonus: 1e18 / Number(factors.liquidationFactorWad) })
}

/** Maker's: liquidation ratio `mat`, and the part of the price at which auctions are taken, such as 0.95. */
export function makerTerms({ matRay, takenAt }: { matRay: bigint; takenAt: number }): LiquidationTerms {
  const part = numberAt(takenAt, 'takenAt', { least: 1e-6, most: 1 })
  return checkedTerms({ ...WHOLE, threshold: 1e27 / Number(matRay), bonus: 1 / part })
}

/** The same terms, or an error naming what cannot be. */
export function checkedTerms(terms: LiquidationTerms): LiquidationTerms {
  numberAt(terms.threshold, 'threshold', { least: 0, most: 1 })
  numberAt(terms.bonus, 'bonus', { least: 1, most: 10 })
  numberAt(terms.closeHealth, 'closeHealth', { least: 0, most: 1 })
  numberAt(terms.smallUsd, 'smallUsd', { least: 0 })
  numberAt(terms.leastLeftoverUsd, 'leastLeftoverUsd', { least: 0 })
  if (numberAt(terms.closeShare, 'closeShare', { least: 0, most: 1 }) === 0)
    throw badInput('closeShare is 0: nothing could ever be liquidated')
  return terms
}
