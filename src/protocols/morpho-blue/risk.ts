/**
 * What one account is worth and owes in one Morpho market, as the contract reckons it, in base units of the loan token.
 *
 * The contract accrues interest before it looks at a position. Here the totals of the last event are grown to the block's
 * time with the market's own rate model, when that is AdaptiveCurveIrm of the chain file or none. The rate of any other
 * model is unknown between its events: the totals then stand as of the last accrual, and `interestUntilSec` says so.
 */
import type { Hex } from '../../chains/types'
import { BPS, mulDivDown, WAD } from '../../math/fixed-point'
import {
  BASE_UNIT_SOURCE,
  type Holding,
  type Incomplete,
  type LendingAccount,
  type LendingRisk,
  type LiquidationPrice,
  type RiskInput,
} from '../lending-risk'
import type { MarketState, PositionState } from '../types'
import { adaptiveCurveRate } from './adaptive-curve'
import {
  collateralValueDown,
  healthFactorWad,
  incentiveFactorWad,
  type Loan,
  liquidate,
  ORACLE_PRICE_SCALE,
} from './liquidation'
import { accrue, borrowSide, type MarketTotals, supplySide, toAssetsDown, toAssetsUp } from './shares'
import { integer, type MarketIds, marketIds, totalsOf } from './state'

/** An account in a market: everything that the contract's arithmetic takes. */
export interface MorphoAccount {
  ids: MarketIds
  own: MarketState
  supplyShares: bigint
  loan: Loan
  /** At the block's time, or at the last accrual where the rate model is unknown. */
  totals: MarketTotals
  /** Set where the totals could not be grown to the block's time. */
  interestUntilSec: number | null
  loanUnit: bigint
  collateralUnit: bigint
}

/** Totals of a loan row at a time, by the market's rate model; undefined where the model is unknown. */
export function totalsAt(
  own: MarketState,
  loan: MarketState,
  timestampSec: number,
): MarketTotals | undefined {
  const totals = totalsOf(loan)
  const elapsedSec = BigInt(Math.max(0, timestampSec - Number(loan.state.lastUpdateSec)))
  if (elapsedSec === 0n || totals.borrowAssets === 0n || own.state.rateModel === 'none') return totals
  if (own.state.rateModel !== 'adaptiveCurve') return undefined
  const rateAtTargetWad = integer(loan.state.rateAtTargetWad)
  const { ratePerSecWad } = adaptiveCurveRate({ ...totals, rateAtTargetWad, elapsedSec })
  return accrue(totals, { ratePerSecWad, elapsedSec, feeWad: integer(loan.state.feeWad) })
}

/** Reads an account from its positions, or says what is missing. */
export function morphoAccount(input: RiskInput): MorphoAccount | Incomplete {
  const { positions, markets, timestampSec } = input
  const first = positions[0]
  if (first === undefined) return { incomplete: 'no positions' }
  const gap = gapIn(input)
  if (gap !== undefined) return gap
  const chainId = first.marketId.slice(0, first.marketId.indexOf(':'))
  const own = markets.get(`${chainId}:${first.pool}`)
  if (own === undefined) return { incomplete: `market ${first.pool} is unknown` }
  const { loanToken, collateralToken } = own.state as Record<'loanToken' | 'collateralToken', Hex>
  const ids = marketIds(Number(chainId), { id: own.pool, loanToken, collateralToken })
  const heldIn = (id: string | null) => positions.find(({ marketId }) => marketId === id)
  const amounts = {
    collateral: heldIn(ids.collateral)?.scaledSupply ?? 0n,
    borrowShares: heldIn(ids.loan)?.scaledDebt ?? 0n,
  }
  const values = valuesOf(own, input, amounts.collateral > 0n || amounts.borrowShares > 0n)
  if ('incomplete' in values) return values
  const { price, loanUnit, collateralUnit } = values
  const row = markets.get(ids.loan)
  const grown = row && totalsAt(own, row, timestampSec)
  return {
    ids,
    own,
    supplyShares: heldIn(ids.loan)?.scaledSupply ?? 0n,
    loan: { ...amounts, price, lltvWad: integer(own.state.lltvWad) },
    // Without a position in the loan asset nothing is read from the totals.
    totals: grown ?? (row ? totalsOf(row) : NO_TOTALS),
    interestUntilSec: row && grown === undefined ? Number(row.state.lastUpdateSec) : null,
    loanUnit,
    collateralUnit,
  }
}

/** Whole tokens in base units and the oracle's answer, which only collateral and debt need. */
function valuesOf(
  { state }: MarketState,
  input: RiskInput,
  needsPrice: boolean,
): { price: bigint; loanUnit: bigint; collateralUnit: bigint } | Incomplete {
  const { loanToken, collateralToken, loanDecimals, collateralDecimals, oracle } = state
  if (typeof loanDecimals !== 'number') return { incomplete: `decimals of ${loanToken} are unknown` }
  const loanUnit = 10n ** BigInt(loanDecimals)
  if (!needsPrice) return { price: 0n, loanUnit, collateralUnit: 1n }
  if (typeof collateralDecimals !== 'number')
    return { incomplete: `decimals of ${collateralToken} are unknown` }
  const price = input.price(collateralToken as Hex, String(oracle))?.answer
  if (price === undefined || price < 0n)
    return { incomplete: `no price for ${collateralToken} from ${oracle}` }
  return { price, loanUnit, collateralUnit: 10n ** BigInt(collateralDecimals) }
}

const NO_TOTALS: MarketTotals = { supplyAssets: 0n, supplyShares: 0n, borrowAssets: 0n, borrowShares: 0n }

function gapIn({ positions, markets }: RiskInput): Incomplete | undefined {
  for (const position of positions) {
    const gap = positionGap(position, markets.get(position.marketId))
    if (gap !== undefined) return { incomplete: gap }
  }
  return undefined
}

function positionGap(position: PositionState, market: MarketState | undefined): string | undefined {
  if (market === undefined) return `market ${position.marketId} is unknown`
  if (!position.complete) return `position in ${position.marketId} began before its coverage`
  return market.complete ? undefined : `market ${position.marketId} began before its coverage`
}

function account(input: RiskInput): LendingAccount | Incomplete {
  const found = morphoAccount(input)
  if ('incomplete' in found) return found
  const { loan, totals, own, interestUntilSec } = found
  const lltvBps = mulDivDown(loan.lltvWad, BPS, WAD)
  const seizedAll = liquidate(loan, totals, { seizedAssets: loan.collateral })
  return {
    totalCollateralBase: collateralValueDown(loan),
    totalDebtBase: toAssetsUp(loan.borrowShares, borrowSide(totals)),
    ltvBps: lltvBps,
    currentLiquidationThresholdBps: lltvBps,
    healthFactorWad: healthFactorWad(loan, totals),
    badDebtBase: seizedAll?.badDebtAssets ?? 0n,
    base: { asset: own.asset, decimals: Number(own.state.loanDecimals) },
    holdings: holdingsOf(found, lltvBps),
    ...(interestUntilSec !== null && { interestUntilSec }),
  }
}

function holdingsOf(found: MorphoAccount, lltvBps: bigint): Holding[] {
  const { ids, own, loan, totals, supplyShares, loanUnit, collateralUnit } = found
  const list: Holding[] = []
  const none = { ltvBps: 0n, thresholdBps: 0n, bonusBps: BPS, collateral: false }
  const debtBalance = toAssetsUp(loan.borrowShares, borrowSide(totals))
  if (supplyShares > 0n || loan.borrowShares > 0n)
    list.push({
      ...none,
      marketId: ids.loan,
      asset: own.asset,
      supplyBalance: toAssetsDown(supplyShares, supplySide(totals)),
      debtBalance,
      unit: loanUnit,
      price: loanUnit,
      priceSource: BASE_UNIT_SOURCE,
      debtValueAt: (price) => mulDivDown(debtBalance, price, loanUnit),
    })
  if (ids.collateral !== null && loan.collateral > 0n)
    list.push({
      marketId: ids.collateral,
      asset: own.state.collateralToken as Hex,
      supplyBalance: loan.collateral,
      debtBalance: 0n,
      collateral: true,
      ltvBps: lltvBps,
      thresholdBps: lltvBps,
      bonusBps: mulDivDown(incentiveFactorWad(loan.lltvWad), BPS, WAD),
      unit: collateralUnit,
      price: basePriceDown(loan.price, collateralUnit),
      priceSource: String(own.state.oracle),
      debtValueAt: () => 0n,
    })
  return list
}

/** Price of one whole collateral token in base units of the loan token, rounded down. */
function basePriceDown(price: bigint, collateralUnit: bigint): bigint {
  return mulDivDown(price, collateralUnit, ORACLE_PRICE_SCALE)
}

/** Greatest answer of the oracle at which the position can be liquidated; null when there is none. */
export function greatestUnsafeAnswer(loan: Loan, totals: MarketTotals): bigint | null {
  if (loan.borrowShares === 0n || loan.collateral === 0n || loan.lltvWad === 0n) return null
  const unsafe = (price: bigint) => healthFactorWad({ ...loan, price }, totals) < WAD
  let high = 1n
  while (unsafe(high)) high *= 2n
  let low = 0n
  // Health rises with the price, so bisection finds the edge; at a price of zero no debt is covered.
  while (high - low > 1n) {
    const middle = (low + high) / 2n
    if (unsafe(middle)) low = middle
    else high = middle
  }
  return low
}

function liquidationPrices(input: RiskInput): LiquidationPrice[] | Incomplete {
  const found = morphoAccount(input)
  if ('incomplete' in found) return found
  const { ids, own, loan, totals, collateralUnit } = found
  if (ids.collateral === null || loan.collateral === 0n) return []
  const answer = greatestUnsafeAnswer(loan, totals)
  const price = {
    marketId: ids.collateral,
    asset: own.state.collateralToken as Hex,
    priceBase: basePriceDown(loan.price, collateralUnit),
    liquidationPriceBase: answer === null ? null : basePriceDown(answer, collateralUnit) || null,
  }
  return [price]
}

export const morphoRisk: LendingRisk = { account, liquidationPrices }
