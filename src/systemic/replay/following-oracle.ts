/**
 * What an oracle that followed the market would have changed: the hour in which health falls below 1, and the debt that
 * a liquidation of everything at that hour's price leaves uncovered. It is the best case: somebody must buy the
 * collateral at that price, and nobody says that anyone would have.
 */
import { shortfall } from '../rules/liquidation'
import type { LiquidationTerms } from '../rules/terms'
import type { Point } from './series'

export interface FollowedLiquidation {
  timeSec: number
  priceUsd: number
  badDebtUsd: number
}

/** The first price at which the loan can be liquidated, as one position; undefined where it stays healthy. */
export function firstLiquidation(
  loan: { collateralUnits: number; debtUsd: number; terms: LiquidationTerms },
  prices: readonly Point[],
  fromSec: number,
): FollowedLiquidation | undefined {
  const { collateralUnits, debtUsd, terms } = loan
  if (debtUsd <= 0) return undefined
  const at = prices.find(
    ({ timeSec, value }) => timeSec >= fromSec && collateralUnits * value * terms.threshold < debtUsd,
  )
  if (at === undefined) return undefined
  const badDebtUsd = shortfall({ collateral: collateralUnits, price: at.value, debt: debtUsd }, terms)
  return { timeSec: at.timeSec, priceUsd: at.value, badDebtUsd }
}
