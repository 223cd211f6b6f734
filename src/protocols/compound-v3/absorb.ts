/**
 * What an absorption leaves an account, and what the comet sells the collateral for. Source: Comet.absorbInternal and
 * quoteCollateral; factors have 18 decimals, prices eight, every division truncates.
 *
 *   newBalance = max(0, −debt + ⌊Σ ⌊⌊amount·price/scale⌋·liquidationFactor/1e18⌋ · baseScale / basePrice⌋)
 *   discount   = ⌊storeFrontPriceFactor·(1e18 − liquidationFactor)/1e18⌋
 *   quote      = ⌊⌊basePrice·baseAmount·scale / ⌊price·(1e18 − discount)/1e18⌋⌋ / baseScale⌋
 */
import { mulDivDown, WAD } from '../../math/fixed-point'

export interface CollateralTerms {
  price: bigint
  /** One whole token in base units. */
  scale: bigint
  liquidationFactorWad: bigint
}

export interface BaseTerms {
  price: bigint
  scale: bigint
}

/** Base balance of an account after all its collateral and its debt are absorbed, in base units. */
export function balanceAfterAbsorb(
  debt: bigint,
  collateral: readonly (CollateralTerms & { amount: bigint })[],
  base: BaseTerms,
): bigint {
  let value = 0n
  for (const { amount, price, scale, liquidationFactorWad } of collateral)
    value += mulDivDown(mulDivDown(amount, price, scale), liquidationFactorWad, WAD)
  const after = mulDivDown(value, base.scale, base.price) - debt
  return after > 0n ? after : 0n
}

/** Collateral that the comet gives for an amount of base, in base units of the collateral. */
export function quoteCollateralDown(
  baseAmount: bigint,
  collateral: CollateralTerms,
  base: BaseTerms,
  storeFrontPriceFactorWad: bigint,
): bigint {
  const discount = mulDivDown(storeFrontPriceFactorWad, WAD - collateral.liquidationFactorWad, WAD)
  const discounted = mulDivDown(collateral.price, WAD - discount, WAD)
  return mulDivDown(base.price * baseAmount, collateral.scale, discounted) / base.scale
}
