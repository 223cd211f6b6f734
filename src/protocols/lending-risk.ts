/**
 * What a lending protocol says about one account in one of its pools: the same numbers as its own contract, computed from
 * indexed state. A pool is whatever a protocol liquidates as one: an Aave pool, a comet, a Compound comptroller, one
 * isolated Morpho market, a Maker ilk. Everything here is pure and exact; money is an integer in the pool's base unit.
 */
import type { Hex } from '../chains/types'
import type { MarketState, PositionState } from './types'

/** Why no number can be given. */
export interface Incomplete {
  incomplete: string
}

export interface RiskInput {
  /** All positions of one account in one pool; positions with nothing in them may be left out. */
  positions: readonly PositionState[]
  /** By market id; all markets of the positions, and the pool's own where there is a row of it. */
  markets: ReadonlyMap<string, MarketState>
  /** What the protocol's own oracle says about an asset: the newest answer of the price source that the market names. */
  price(asset: Hex, source: string): { answer: bigint; decimals: number } | undefined
  /** Time of the block at which the account is read; interest accrues to it. */
  timestampSec: number
}

/** One asset of an account, valued. */
export interface Holding {
  marketId: string
  asset: Hex
  /** Base units of the asset at the block's time. */
  supplyBalance: bigint
  debtBalance: bigint
  /** Counts as collateral. */
  collateral: boolean
  ltvBps: bigint
  thresholdBps: bigint
  /** 10000 and what a liquidator gains: 10500 for five per cent. */
  bonusBps: bigint
  /** One whole token in base units. */
  unit: bigint
  /** In the pool's base unit for one whole token. */
  price: bigint
  /** Source of the price, as `PriceState.source` names it, or BASE_UNIT_SOURCE. */
  priceSource: string
  debtValueAt(price: bigint): bigint
}

export interface Totals {
  totalCollateralBase: bigint
  totalDebtBase: bigint
  /** Average over the collateral, weighted by value: how much may be borrowed, and what liquidation goes by. */
  ltvBps: bigint
  currentLiquidationThresholdBps: bigint
  /** Below 1e18 the account can be liquidated. 2²⁵⁶ − 1 without debt. */
  healthFactorWad: bigint
  /** Debt that would remain if all collateral were seized at today's prices and bonuses: 0 when healthy. */
  badDebtBase: bigint
}

/** Price source of an asset that is itself the pool's base unit: its price never moves, and no price row of it exists. */
export const BASE_UNIT_SOURCE = 'base'

/** What the pool reckons in. */
export interface BaseUnit {
  /** null: US dollars; else a token, whose market price leads to dollars. */
  asset: Hex | null
  decimals: number
}

export interface LendingAccount extends Totals {
  base: BaseUnit
  holdings: readonly Holding[]
  /**
   * Set where interest is included only up to this time, because the pool's rates between events are unknown: debt may be
   * somewhat higher than stated.
   */
  interestUntilSec?: number
}

export interface LiquidationPrice {
  marketId: string
  asset: Hex
  /** Today's price in the pool's base unit. */
  priceBase: bigint
  /** Greatest price at which the account can be liquidated, all others held; null when there is none. */
  liquidationPriceBase: bigint | null
}

/** A lending protocol's own arithmetic. Numbers are withheld, with the reason, when something needed is unknown. */
export interface LendingRisk {
  account(input: RiskInput): LendingAccount | Incomplete
  liquidationPrices(input: RiskInput): LiquidationPrice[] | Incomplete
}

/** A price that no event announces: what to call at a block, and how to read the answer. */
export interface PriceCall {
  asset: Hex
  /** As `PriceState.source` will name it: the address that the market's state names as its price source. */
  source: string
  to: Hex
  data: Hex
  decimals: number
  /** The answer in units of `decimals`; undefined when the contract's result makes no sense. */
  read(result: Hex): bigint | undefined
}
