/** One position under the rules of terms.ts: its health, the price that ends it, and what one liquidation does. */
import type { CloseRule } from '../book'
import type { LiquidationTerms } from './terms'

export interface Loan {
  /** Units of the collateral. */
  collateral: number
  /** Price of one unit, in the currency of the debt's value. */
  price: number
  /** Value owed. */
  debt: number
}

/** collateral · price · threshold / debt; Infinity without debt. Below 1 it can be liquidated. */
export function healthFactor({ collateral, price, debt }: Loan, threshold: number): number {
  return debt === 0 ? Number.POSITIVE_INFINITY : (collateral * price * threshold) / debt
}

/** Price at which health is 1; Infinity where there is debt and nothing behind it, 0 without debt. */
export function liquidationPrice({ collateral, debt }: Omit<Loan, 'price'>, threshold: number): number {
  return debt === 0 ? 0 : debt / (collateral * threshold)
}

export interface Liquidated {
  repaid: number
  /** Units to the liquidator, bonus included. */
  seized: number
  after: Loan
  /** Owed when nothing is left to seize; 0 else. `after.debt` no longer holds it. */
  badDebt: number
}

/**
 * The greatest liquidation that the rules allow, undefined where they allow none: health of 1 or more, no price, or no
 * amount that leaves both sides large enough.
 */
export function liquidateMost(loan: Loan, terms: LiquidationTerms): Liquidated | undefined {
  const repaid = mostRepaid(loan, terms)
  return repaid > 0 ? liquidate(loan, terms, repaid) : undefined
}

/** Most that one call may repay, in value; 0 where it may not be made. */
export function mostRepaid({ collateral, price, debt }: Loan, terms: LiquidationTerms): number {
  const value = collateral * price
  return mostRepaidOf({ value, debt, limit: value * terms.threshold, owed: debt }, terms, terms.bonus)
}

/** One collateral and one debt of a position that may have more of both, in value. */
export interface Pair {
  value: number
  debt: number
  /** Of the whole position: Σ collateral value · threshold, and Σ debt. They decide its health. */
  limit: number
  owed: number
}

/**
 * Most that one call may repay of one debt against one collateral. A rule with `smallUsd` (Aave from 3.3 on) measures
 * its share by the whole position's debt, the others by the debt that is repaid.
 */
export function mostRepaidOf({ value, debt, limit, owed }: Pair, close: CloseRule, bonus: number): number {
  if (!(limit < owed) || value <= 0) return 0
  const hasSmall = close.smallUsd > 0
  const isPart =
    limit > close.closeHealth * owed && !(hasSmall && (debt < close.smallUsd || value < close.smallUsd))
  const share = close.closeShare * (hasSmall ? owed : debt)
  const asked = isPart && share < debt ? share : debt
  const repaid = asked * bonus > value ? value / bonus : asked
  const least = close.leastLeftoverUsd
  if (least === 0) return repaid
  const [debtLeft, valueLeft] = [debt - repaid, value - repaid * bonus]
  if (debtLeft <= 1e-9 * debt || valueLeft <= 1e-9 * value || (debtLeft >= least && valueLeft >= least))
    return repaid
  return Math.max(0, Math.min(debt - least, (value - least) / bonus))
}

/** What repaying so much does. `repaid` must be within what mostRepaid allows. */
export function liquidate(loan: Loan, terms: LiquidationTerms, repaid: number): Liquidated {
  const { collateral, price, debt } = loan
  const value = collateral * price
  const isAll = repaid * terms.bonus >= value * (1 - 1e-12)
  const seized = isAll ? collateral : (repaid * terms.bonus) / price
  const debtLeft = debt - repaid
  return {
    repaid,
    seized,
    after: { collateral: collateral - seized, price, debt: isAll ? 0 : debtLeft },
    badDebt: isAll ? debtLeft : 0,
  }
}

/** Debt that would remain if all collateral went to liquidators at this price: 0 while healthy. */
export function shortfall(loan: Loan, terms: LiquidationTerms): number {
  const value = loan.collateral * loan.price
  return value * terms.threshold < loan.debt ? Math.max(0, loan.debt - value / terms.bonus) : 0
}
