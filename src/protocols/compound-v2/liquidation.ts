/**
 * What a liquidation of a Compound V2 account may repay and seizes. Source: Comptroller.liquidateBorrowAllowed and
 * liquidateCalculateSeizeTokens, CToken.seizeInternal; mantissas have 18 decimals and every step truncates.
 *
 *   seizeTokens = ⌊⌊⌊incentive·priceBorrowed/1e18⌋·1e18 / ⌊priceCollateral·exchangeRate/1e18⌋⌋ · repay / 1e18⌋
 */
import { mulDivDown, WAD } from '../../math/fixed-point'

/** Share of the seized cTokens that goes to the collateral's reserves since 2021: 2.8 %. Before, nothing did. */
export const PROTOCOL_SEIZE_SHARE_MANTISSA = 28_000_000_000_000_000n

/** Most of a debt that one liquidation may repay, in base units of the borrowed asset. */
export function maxCloseDown(borrowBalance: bigint, closeFactorMantissa: bigint): bigint {
  return mulDivDown(closeFactorMantissa, borrowBalance, WAD)
}

export interface SeizeInput {
  /** Base units of the borrowed asset. */
  repayAmount: bigint
  /** As the comptroller's oracle gives them: scaled by 36 − decimals of the underlying. */
  priceBorrowedMantissa: bigint
  priceCollateralMantissa: bigint
  exchangeRateMantissa: bigint
  liquidationIncentiveMantissa: bigint
}

/** cTokens of the collateral that a repayment takes from the borrower. Throws RangeError on a price or rate of zero. */
export function seizeTokensDown(input: SeizeInput): bigint {
  const numerator = mulDivDown(input.liquidationIncentiveMantissa, input.priceBorrowedMantissa, WAD)
  const denominator = mulDivDown(input.priceCollateralMantissa, input.exchangeRateMantissa, WAD)
  const ratioMantissa = mulDivDown(numerator, WAD, denominator)
  return mulDivDown(ratioMantissa, input.repayAmount, WAD)
}

/** How seized cTokens are shared between the liquidator and the collateral's reserves. */
export function seizedShares(
  seizeTokens: bigint,
  shareMantissa: bigint = PROTOCOL_SEIZE_SHARE_MANTISSA,
): { protocolTokens: bigint; liquidatorTokens: bigint } {
  const protocolTokens = mulDivDown(seizeTokens, shareMantissa, WAD)
  return { protocolTokens, liquidatorTokens: seizeTokens - protocolTokens }
}
