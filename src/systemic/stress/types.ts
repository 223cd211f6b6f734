/** What a stress test is asked, and what it answers. Money is US dollars, shares and levels 0 … 1, prices multipliers. */
import type { AsOfChains, Unpriced } from '../book'

export interface StressRequest {
  /** A name of scenarios/catalogue.ts, such as `eth-30`, `depeg-usdc`, `replay-2020-03`, `student-t`. */
  scenario: string
  /** Draws of a random scenario; a named shock is one path and the draws scatter around it. */
  scenarios: number
  seed: number
  /** Only these pools or markets, by id; undefined: all. Prices and depth are shared with the rest all the same. */
  markets?: readonly string[]
  /** Of the at-risk figures, such as 0.95 and 0.99. */
  levels: readonly number[]
  gasUsd: number
  exit: 'oracle' | 'pool'
}

/** What the prices of a run were drawn from. */
export interface ScenarioAccount {
  name: string
  /** One sentence. */
  about: string
  /** Where its parameters are from, such as `412 indexed days` or `src/systemic/scenarios/committed.ts`. */
  fittedFrom: string
  /** The middle of the draws: price after over price before, where it is not 1. */
  central: readonly { assetId: string; symbol: string; multiplier: number }[]
}

/** At one level; see value-at-risk.ts. */
export interface RiskFigures {
  level: number
  badDebtVarUsd: number
  badDebtEsUsd: number
  /** Liquidations at risk: VaR of what is liquidated. */
  liquidationsAtRiskUsd: number
}

export interface StressPart {
  /** A market, an asset, a protocol; `all` for the whole. */
  id: string
  label: string
  expectedBadDebtUsd: number
  /** Bad debt if nobody were liquidated before all collateral of the unhealthy is sold at the drawn prices. */
  expectedFirstRoundUsd: number
  expectedLiquidatedUsd: number
  worstBadDebtUsd: number
  /** Of the request's levels, in their order. */
  risk: readonly RiskFigures[]
}

export interface Contribution {
  /** A position `chainId:account:pool`, or a parameter `market.threshold`. */
  id: string
  label: string
  /** Expected bad debt with it less expected bad debt without it (a parameter: one per cent point tighter). */
  marginalBadDebtUsd: number
}

export interface ContagionStep {
  round: number
  /** Markets that liquidate in that round of the expected path, most first. */
  markets: readonly { id: string; label: string; liquidatedUsd: number; badDebtUsd: number }[]
  /** Prices after the round, as multipliers of the start, where they differ from the round before. */
  prices: readonly { assetId: string; symbol: string; multiplier: number }[]
}

export interface StressResult {
  request: StressRequest
  asOf: AsOfChains
  scenario: ScenarioAccount
  positions: number
  debtUsd: number
  collateralUsd: number
  /** Bad debt at the book's own prices: what no scenario brought about. */
  presentBadDebtUsd: number
  /** Positions whose health is below 1 at the drawn prices, before any sale: mean over the draws, and in the worst. */
  expectedUnhealthy: number
  mostUnhealthy: number
  total: StressPart
  byMarket: readonly StressPart[]
  byAsset: readonly StressPart[]
  byProtocol: readonly StressPart[]
  /** Who loses, most first. */
  topPositions: readonly Contribution[]
  topParameters: readonly Contribution[]
  /** Draws, the first of them, over which contributions were measured: fewer than all where the book is large. */
  contributionScenarios: number
  contagion: readonly ContagionStep[]
  /** Share of scenarios in which the spiral came to rest; 1 unless maxRounds ended some. */
  settledShare: number
  unpriced: readonly Unpriced[]
  withheld: readonly { reason: string; positions: number }[]
  /** Assets of which no exchange pool is known, by id: their prices are taken to withstand every sale. */
  withoutDepth: readonly string[]
  unusedPools: readonly { id: string; reason: string }[]
  /** SHA-256 over engine version, scenario parameters and terms: what the figures come from beside the state. */
  modelSha256: string
  elapsedMs: number
}

/** Called between tiles, and no more often than that; throwing from it ends the run. */
export type Progress = (done: number, of: number) => void
