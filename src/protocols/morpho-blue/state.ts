/**
 * The rows of a Morpho market: one for what it is, one for the asset it lends, one for its collateral.
 *
 * The market's own row holds the five parameters that its id is the hash of, and never changes. The loan asset's row
 * holds the totals; its index views are assets for one share in ray, virtual shares included, for sums over positions.
 * Collateral earns nothing. Morpho itself has a row once it names a recipient of fees.
 */
import type { Hex, WatchedContract } from '../../chains/types'
import { mulDivDown, RAY } from '../../math/fixed-point'
import { seenFromBirth } from '../trust'
import type { DecodeContext, MarketState } from '../types'
import { type MarketTotals, VIRTUAL_ASSETS, VIRTUAL_SHARES } from './shares'

export const NO_ADDRESS: Hex = `0x${'0'.repeat(40)}`
const NO_TOTALS: MarketTotals = { supplyAssets: 0n, supplyShares: 0n, borrowAssets: 0n, borrowShares: 0n }

/** How the market's interest can be foretold between its events. */
export type RateModel = 'none' | 'adaptiveCurve' | 'unknown'

export interface MarketParams {
  id: Hex
  loanToken: Hex
  collateralToken: Hex
  oracle: Hex
  irm: Hex
  lltvWad: bigint
}

export interface MarketIds {
  market: string
  loan: string
  /** null where a market takes no collateral, which then nobody can borrow from. */
  collateral: string | null
}

/** Row ids of a market. A market whose collateral is the asset it lends has two rows of that asset. */
export function marketIds(
  chainId: number,
  { id, loanToken, collateralToken }: Pick<MarketParams, 'id' | 'loanToken' | 'collateralToken'>,
): MarketIds {
  const market = `${chainId}:${id}`
  const suffix = collateralToken === loanToken ? 'collateral' : collateralToken
  return {
    market,
    loan: `${market}:${loanToken}`,
    collateral: collateralToken === NO_ADDRESS ? null : `${market}:${suffix}`,
  }
}

/** The rows of a market that a listed Morpho has just announced. */
export function newMarket(
  morpho: WatchedContract,
  params: MarketParams,
  context: DecodeContext,
): { own: MarketState; all: MarketState[] } {
  const { id, loanToken, collateralToken, oracle, irm, lltvWad } = params
  const ids = marketIds(context.chain.id, params)
  const decimalsOf = (token: Hex) => context.token(token)?.decimals ?? null
  const row = (rowId: string, asset: Hex, state: MarketState['state']): MarketState => ({
    id: rowId,
    protocol: 'morpho-blue',
    kind: 'reserve',
    pool: id,
    revision: 1,
    asset,
    asset1: null,
    state,
    complete: seenFromBirth(morpho, context),
  })
  const own: MarketState = {
    ...row(ids.market, loanToken, {
      liquidityIndexRay: '0',
      borrowIndexRay: '0',
      morpho: morpho.address,
      loanToken,
      collateralToken,
      oracle,
      irm,
      lltvWad: lltvWad.toString(),
      rateModel: rateModelOf(morpho, irm, context),
      loanDecimals: decimalsOf(loanToken),
      collateralDecimals: decimalsOf(collateralToken),
    }),
    kind: 'pool',
  }
  const loan = row(ids.loan, loanToken, {
    ...totalsState(NO_TOTALS),
    decimals: decimalsOf(loanToken),
    feeWad: '0',
    rateAtTargetWad: '0',
    lastUpdateSec: 0,
    realizedBadDebtAssets: '0',
  })
  if (ids.collateral === null) return { own, all: [own, loan] }
  const collateral = row(ids.collateral, collateralToken, {
    liquidityIndexRay: RAY.toString(),
    borrowIndexRay: '0',
    decimals: decimalsOf(collateralToken),
    priceFeed: oracle,
    lltvWad: lltvWad.toString(),
  })
  return { own, all: [own, loan, collateral] }
}

function rateModelOf(morpho: WatchedContract, irm: Hex, context: DecodeContext): RateModel {
  if (irm === NO_ADDRESS) return 'none'
  return isRateModelOf(context.listed(irm), morpho.address) ? 'adaptiveCurve' : 'unknown'
}

/** Whether the chain file lists the contract as the AdaptiveCurveIrm of this Morpho. */
export function isRateModelOf(entry: WatchedContract | undefined, morpho: Hex): boolean {
  return (
    entry?.protocol === 'morpho-blue' && entry.role === 'adaptiveCurveIrm' && entry.links?.morpho === morpho
  )
}

/** Morpho's own row: who receives the fees of all its markets now, and everyone who ever did, parted by spaces. */
export function contractRow(morpho: WatchedContract, context: DecodeContext): MarketState {
  return {
    id: contractRowId(context.chain.id, morpho.address),
    protocol: 'morpho-blue',
    kind: 'pool',
    pool: morpho.address,
    revision: 1,
    asset: morpho.address,
    asset1: null,
    state: {
      liquidityIndexRay: '0',
      borrowIndexRay: '0',
      feeRecipient: NO_ADDRESS,
      feeRecipients: NO_ADDRESS,
    },
    complete: seenFromBirth(morpho, context),
  }
}

/** Morpho's own row once its fees go to a recipient. */
export function withFeeRecipient(row: MarketState, feeRecipient: Hex): MarketState {
  const feeRecipients = [...new Set([...feeRecipientsOf(row), feeRecipient])].join(' ')
  return { ...row, state: { ...row.state, feeRecipient, feeRecipients } }
}

/** Everyone who may hold fee shares of this Morpho. */
export function feeRecipientsOf(row: MarketState | undefined): Hex[] {
  return String(row?.state.feeRecipients ?? NO_ADDRESS).split(' ') as Hex[]
}

export function contractRowId(chainId: number, morpho: Hex): string {
  return `${chainId}:${morpho}`
}

/** Totals as a loan row keeps them, with the index views that follow from them. */
export function totalsState(totals: MarketTotals): MarketState['state'] {
  const indexRay = (assets: bigint, shares: bigint) =>
    mulDivDown(assets + VIRTUAL_ASSETS, RAY, shares + VIRTUAL_SHARES).toString()
  return {
    totalSupplyAssets: totals.supplyAssets.toString(),
    totalSupplyShares: totals.supplyShares.toString(),
    totalBorrowAssets: totals.borrowAssets.toString(),
    totalBorrowShares: totals.borrowShares.toString(),
    liquidityIndexRay: indexRay(totals.supplyAssets, totals.supplyShares),
    borrowIndexRay: indexRay(totals.borrowAssets, totals.borrowShares),
  }
}

/** Totals of a loan row as of its last event. */
export function totalsOf({ state }: MarketState): MarketTotals {
  return {
    supplyAssets: integer(state.totalSupplyAssets),
    supplyShares: integer(state.totalSupplyShares),
    borrowAssets: integer(state.totalBorrowAssets),
    borrowShares: integer(state.totalBorrowShares),
  }
}

/** An integer of a row's state; 0 where it is absent. */
export function integer(value: MarketState['state'][string] | undefined): bigint {
  return BigInt(value ?? 0)
}
