/**
 * The lending book: who holds and owes what in which market at one block of each chain, in floats. Every stress test,
 * recommendation and concentration runs on it; src/systemic/book-of.ts makes it from exact standings, tests make it by hand.
 *
 * A pool is what a protocol liquidates as one (an Aave pool, a comet, a comptroller, one Morpho market, a Maker ilk); a
 * market is one asset in one pool. A position is one account in one pool that owes something; its holdings are rows of two
 * CSR tables, so that an account with five collaterals and two debts is one position. Amounts are whole tokens, money is
 * US dollars. Where two pools price an asset a little differently, amounts of the lesser pool are those that have its value
 * at the book's price: what health and losses go by is exact, and an amount is off by as much as the prices are.
 */
import type { PriceDepth } from './depth'

/** Height and hash of the block that each chain's part describes, by chain id. */
export type AsOfChains = Readonly<Record<string, { height: number; hash: string; timestampSec: number }>>

export interface BookAsset {
  /** `chainId:address`. */
  id: string
  symbol: string
  /** For a whole token; above 0. */
  priceUsd: number
  /** How its price gives way to sales; `unmoved` where no pool is known. */
  depth: PriceDepth
}

/** How much of a position one call may liquidate; see rules/terms.ts for what each protocol says. */
export interface CloseRule {
  closeShare: number
  closeHealth: number
  smallUsd: number
  leastLeftoverUsd: number
}

export interface BookPool {
  /** `chainId:pool`. */
  id: string
  chainId: number
  protocol: string
  close: CloseRule
}

export interface BookMarket {
  id: string
  /** Index of `pools` and of `assets`. */
  pool: number
  asset: number
  /** Whole tokens over all accounts that are known, those without debt (which are no positions here) included. */
  suppliedUnits: number
  borrowedUnits: number
  /** What a new position gets, 0 … 1; null where the asset is no collateral here. */
  ltv: number | null
  threshold: number | null
  /** ≥ 1. */
  bonus: number | null
  /** Whole tokens; null where there is none or it is unknown. */
  supplyCap: number | null
  borrowCap: number | null
}

/** Position i's collaterals are rows collateralStart[i] … collateralStart[i + 1] of the collateral columns; debts alike. */
export interface BookPositions {
  /** `chainId:account`. */
  accountIds: readonly string[]
  pool: Int32Array
  collateralStart: Int32Array
  collateralMarket: Int32Array
  collateralUnits: Float64Array
  /** The position's own, e-mode included: 0 … 1 and ≥ 1. */
  collateralThreshold: Float64Array
  collateralBonus: Float64Array
  debtStart: Int32Array
  debtMarket: Int32Array
  debtUnits: Float64Array
}

/** What has an amount but no dollars: never part of a sum, always part of the result. */
export interface Unpriced {
  assetId: string
  symbol: string
  /** Whole tokens. */
  suppliedUnits: number
  borrowedUnits: number
  /** Positions that are left out because they hold or owe it. */
  positions: number
  reason: string
}

export interface Book {
  asOf: AsOfChains
  assets: readonly BookAsset[]
  pools: readonly BookPool[]
  markets: readonly BookMarket[]
  positions: BookPositions
  unpriced: readonly Unpriced[]
  /** Positions that are left out because something of them is unknown, counted by reason. */
  withheld: readonly { reason: string; positions: number }[]
  /** Exchange pools that trade an asset of the book but say nothing of its depth, and why. */
  unusedPools?: readonly { id: string; reason: string }[]
}

export function positionCount({ positions }: Book): number {
  return positions.pool.length
}

/** Start prices, one an asset. */
export function bookPrices({ assets }: Book): Float64Array {
  return Float64Array.from(assets, ({ priceUsd }) => priceUsd)
}
