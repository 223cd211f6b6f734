/**
 * Sums over an account's holdings that every lending protocol reports alike. The health factor is each protocol's own:
 * it is where their roundings differ.
 */
import { BPS, mulDivDown } from '../math/fixed-point'
import type { Holding, Totals } from './lending-risk'

/** Value of a holding's supply in the pool's base unit, rounded down. */
export function supplyValueDown(holding: Holding, price: bigint = holding.price): bigint {
  return mulDivDown(holding.supplyBalance, price, holding.unit)
}

/**
 * Totals of the holdings with a health factor computed elsewhere.
 *
 * Bad debt: a liquidator who repays d receives collateral worth d · bonus, so collateral C repays at most C / bonus.
 */
export function totalsOf(holdings: readonly Holding[], healthFactorWad: bigint): Totals {
  let [collateral, debt, weightedLtv, weightedThreshold, repayable] = [0n, 0n, 0n, 0n, 0n]
  for (const holding of holdings) {
    if (holding.debtBalance > 0n) debt += holding.debtValueAt(holding.price)
    if (!holding.collateral) continue
    const value = supplyValueDown(holding)
    collateral += value
    weightedLtv += value * holding.ltvBps
    weightedThreshold += value * holding.thresholdBps
    repayable += mulDivDown(value, BPS, holding.bonusBps < BPS ? BPS : holding.bonusBps)
  }
  return {
    totalCollateralBase: collateral,
    totalDebtBase: debt,
    ltvBps: collateral === 0n ? 0n : weightedLtv / collateral,
    currentLiquidationThresholdBps: collateral === 0n ? 0n : weightedThreshold / collateral,
    healthFactorWad,
    badDebtBase: debt > repayable ? debt - repayable : 0n,
  }
}
