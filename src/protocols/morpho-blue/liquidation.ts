/**
 * Health and liquidation of a Morpho position, to the wei.
 *
 * A position is healthy while collateral · price / 10³⁶ · lltv, rounded down at each step, covers its debt, rounded up. A
 * liquidator repays at a discount of the incentive factor, min(1.15, 1 / (1 − 0.3 · (1 − lltv))), and names either the
 * collateral to seize or the debt shares to repay. When no collateral is left, the remaining debt is bad: it is struck
 * off and the lenders bear it. Source: Morpho.sol 1.0.0, `_isHealthy` and `liquidate`.
 */
import { mulDivDown, mulDivUp, UINT256_MAX, WAD } from '../../math/fixed-point'
import { borrowSide, type MarketTotals, toAssetsDown, toAssetsUp, toSharesUp } from './shares'

/** Scale of the oracle: price of one base unit of collateral in base units of the loan token, times this. */
export const ORACLE_PRICE_SCALE = 10n ** 36n
const LIQUIDATION_CURSOR_WAD = (3n * WAD) / 10n
const MAX_INCENTIVE_FACTOR_WAD = (115n * WAD) / 100n

export interface Loan {
  /** Base units of the collateral token. */
  collateral: bigint
  borrowShares: bigint
  /** What the market's oracle answers. */
  price: bigint
  lltvWad: bigint
}

/** What a liquidator gets for one unit repaid, in wad: min(1.15, 1 / (1 − 0.3 · (1 − lltv))). */
export function incentiveFactorWad(lltvWad: bigint): bigint {
  const discounted = WAD - mulDivDown(LIQUIDATION_CURSOR_WAD, WAD - lltvWad, WAD)
  const factor = mulDivDown(WAD, WAD, discounted)
  return factor > MAX_INCENTIVE_FACTOR_WAD ? MAX_INCENTIVE_FACTOR_WAD : factor
}

/** Value of the collateral in base units of the loan token, rounded down. */
export function collateralValueDown(loan: Pick<Loan, 'collateral' | 'price'>): bigint {
  return mulDivDown(loan.collateral, loan.price, ORACLE_PRICE_SCALE)
}

/** Debt in base units of the loan token, rounded up, and the most that the collateral lets it be. */
export function debtAndLimit(loan: Loan, totals: MarketTotals): { debt: bigint; maxDebt: bigint } {
  return {
    debt: toAssetsUp(loan.borrowShares, borrowSide(totals)),
    maxDebt: mulDivDown(collateralValueDown(loan), loan.lltvWad, WAD),
  }
}

/**
 * maxDebt / debt in wad, rounded down: at least 1e18 exactly when the contract finds the position healthy, 2²⁵⁶ − 1
 * without debt. `totals` with interest up to the moment of the question.
 */
export function healthFactorWad(loan: Loan, totals: MarketTotals): bigint {
  if (loan.borrowShares === 0n) return UINT256_MAX
  const { debt, maxDebt } = debtAndLimit(loan, totals)
  return mulDivDown(maxDebt, WAD, debt)
}

/** What to liquidate: so much collateral, or so many shares of debt. */
export type LiquidationRequest = { seizedAssets: bigint } | { repaidShares: bigint }

export interface LiquidationResult {
  repaidAssets: bigint
  repaidShares: bigint
  seizedAssets: bigint
  badDebtAssets: bigint
  badDebtShares: bigint
}

/**
 * What `liquidate` would do. Undefined where the contract reverts: a healthy position, more asked for than there is, or
 * shares to repay at a price of zero.
 */
export function liquidate(
  loan: Loan,
  totals: MarketTotals,
  request: LiquidationRequest,
): LiquidationResult | undefined {
  if (healthFactorWad(loan, totals) >= WAD) return undefined
  const side = borrowSide(totals)
  const exchanged = exchange(loan, totals, request)
  if (exchanged === undefined) return undefined
  const { seizedAssets, repaidShares } = exchanged
  if (repaidShares > loan.borrowShares || seizedAssets > loan.collateral) return undefined
  const repaidAssets = toAssetsUp(repaidShares, side)
  const repaid = { repaidAssets, repaidShares, seizedAssets }
  if (seizedAssets < loan.collateral) return { ...repaid, badDebtAssets: 0n, badDebtShares: 0n }
  const left = {
    // Rounding up may ask for one more than all that is borrowed.
    assets: side.assets > repaidAssets ? side.assets - repaidAssets : 0n,
    shares: side.shares - repaidShares,
  }
  const badDebtShares = loan.borrowShares - repaidShares
  const owed = toAssetsUp(badDebtShares, left)
  return { ...repaid, badDebtShares, badDebtAssets: owed < left.assets ? owed : left.assets }
}

function exchange(
  { price, lltvWad }: Loan,
  totals: MarketTotals,
  request: LiquidationRequest,
): { seizedAssets: bigint; repaidShares: bigint } | undefined {
  const factor = incentiveFactorWad(lltvWad)
  if ('seizedAssets' in request) {
    const quoted = mulDivUp(request.seizedAssets, price, ORACLE_PRICE_SCALE)
    const repaidShares = toSharesUp(mulDivUp(quoted, WAD, factor), borrowSide(totals))
    return { seizedAssets: request.seizedAssets, repaidShares }
  }
  if (price === 0n) return undefined
  const paid = mulDivDown(toAssetsDown(request.repaidShares, borrowSide(totals)), factor, WAD)
  return { repaidShares: request.repaidShares, seizedAssets: mulDivDown(paid, ORACLE_PRICE_SCALE, price) }
}
