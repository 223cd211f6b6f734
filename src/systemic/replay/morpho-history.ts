/** What the tables of the November 2025 contagion hold, as series over time. */
import type { LiquidationTerms } from '../rules/terms'
import type { SharedSupply } from './contagion'
import type { Point } from './series'

export interface MarketState {
  timeSec: number
  utilization: number
  /** 0 where the loan has no price. */
  supplyUsd: number
  borrowUsd: number
}

export interface MorphoMarket {
  id: string
  /** `sdeUSD/USDC ethereum 0x0f95`. */
  name: string
  collateral: string
  terms: LiquidationTerms
  isFixedPrice: boolean
  /** Ascending. */
  states: readonly MarketState[]
  /** Hourly where the tables hold it, else empty. */
  collateralUnits: readonly Point[]
  /** As of the tables' own end, months later. */
  collateralUnitsLater: number
  /** Bad debt as Morpho's interface reports it at the end, interest of months included. */
  recordedBadDebtUsd: number
}

export interface MorphoVault {
  id: string
  name: string
  chain: string
  /** Daily. */
  assetsUsd: readonly Point[]
  /** Hourly, in the vault's own asset. */
  assetsHourly: readonly Point[]
  sharePrice: readonly Point[]
  /** By market, daily. */
  suppliedUsd: ReadonlyMap<string, readonly Point[]>
}

export interface MorphoHistory {
  markets: readonly MorphoMarket[]
  vaults: readonly MorphoVault[]
  /** By collateral symbol, in US dollars. */
  prices: ReadonlyMap<string, readonly Point[]>
  /** Supply outside the markets at risk, Ethereum only, as of 31 October. */
  sharedSupplies: readonly SharedSupply[]
  /** What public allocators moved into markets at risk; negative is out of them. */
  reallocations: readonly { timeSec: number; vault: string; units: number }[]
}
