/** Shapes of the API's answers that the page uses. BigInt scalars are decimal strings, times ISO-8601, USD floats. */

export type Severity = 'info' | 'low' | 'medium' | 'high' | 'critical'
export const SEVERITIES: readonly Severity[] = ['critical', 'high', 'medium', 'low', 'info']

export interface ChainStatus {
  chainId: number
  name: string
  headHeight: string
  headTimestamp: string
  finalizedHeight: string
  lagSec: number
  rows: string
  coverageComplete: boolean
}

export interface Totals {
  positions: number
  atRisk: number
  liquidatable: number
  debtUsd: number
  debtAtRiskUsd: number
  badDebtUsd: number
  openAlerts: number
  scores: number
}

/** Why: a named quantity, and its share in the score where a model gives one. Detectors may state text. */
export interface Reason {
  feature: string
  value: number | string | null
  contribution: number | null
  /** In an alert: how the contribution was computed. */
  method?: string
}

export interface ScoreRow {
  id: string
  modelName: string
  modelVersion: string
  modelSha256: string
  featureHash: string
  /** 0..1, higher is riskier. */
  value: number
  height: string
  blockHash: string
  timestamp: string
  reasons: Reason[]
  reasonsMethod: string
}

export interface LiquidationPrice {
  assetId: string
  symbol: string | null
  /** USD a whole token; null when unknown. */
  price: number | null
  liquidationPrice: number | null
}

export interface PositionHealthRow {
  accountId: string
  address: string
  chainId: number
  pool: string
  protocol: string
  height: string
  timestamp: string
  /** Null without debt. */
  healthFactor: number | null
  collateralUsd: number
  debtUsd: number
  badDebtUsd: number
  /** Debt over collateral; null without collateral. */
  ltv: number | null
  liquidationThreshold: number
  liquidationPrices: LiquidationPrice[]
  score: ScoreRow | null
}

export interface AlertRow {
  id: string
  name: string
  description: string
  severity: Severity
  type: string
  status: string
  detector: string
  alertId: string
  chainId: number
  address: string
  protocol: string | null
  height: string
  blockHash: string
  txHash: string | null
  occurrences: number
  probability: number | null
  precision: unknown
  usdAtRisk: number | null
  reasons: unknown
  blockTimestamp: string
  detectedAt: string
  retractedAt: string | null
  finality: string
  stage: string | null
  addresses: unknown
}

export interface OracleFeedStatus {
  feed: string
  subject: string
  symbol: string | null
  subjectChainId: number
  metric: string
  round: string | null
  value: number | null
  updatedAt: string | null
  txHash: string | null
  status: string | null
  stale: boolean
}

export interface HealthBucket {
  label: string
  lower: number | null
  upper: number | null
  positions: number
  debtUsd: number
}

export interface RiskPoint {
  time: string
  height: string
  chainId: number
  meanScore: number | null
  atRiskDebtUsd: number | null
}

export interface Overview {
  asOf: string
  chains: ChainStatus[]
  totals: Totals
  riskiest: PositionHealthRow[]
  alerts: AlertRow[]
  oracle: OracleFeedStatus[]
  healthBuckets: HealthBucket[]
  riskHistory: RiskPoint[]
}

export interface PositionRow {
  marketId: string
  symbol: string | null
  supplied: string
  borrowed: string
  decimals: number | null
  suppliedUsd: number | null
  borrowedUsd: number | null
  collateralEnabled: boolean
}

export interface AccountEventRow {
  kind: string
  role: string
  timestamp: string
  txHash: string | null
  counterparty: string | null
  assetId: string | null
  amount: string | null
}

export interface AccountRisk {
  accountId: string
  address: string
  chainId: number
  firstSeen: string
  complete: boolean
  incompleteReason: string | null
  health: PositionHealthRow[]
  scores: ScoreRow[]
  scoreHistory: { height: string; timestamp: string; value: number }[]
  positions: PositionRow[]
  alerts: AlertRow[]
  recentEvents: AccountEventRow[]
}

/** What one part of the lending book would lose in a scenario. */
export interface StressLoss {
  expectedBadDebtUsd: number
  expectedLiquidatedUsd: number
}

export interface SystemicRisk {
  positions: number
  debtUsd: number
  /** Already there; every scenario's figures include it. */
  presentBadDebtUsd: number
  scenarios: {
    scenario: string
    /** Positions below a health of 1 at its prices, mean over its draws. */
    expectedUnhealthy: number
    total: StressLoss
    byMarket: (StressLoss & { id: string; label: string })[]
  }[]
  unpriced: { symbol: string }[]
  exposure: { valueLockedUsd: number; redeemableUsd: number }
  /** Most first. */
  important: { id: string; kind: string; label: string; debtRank: number | null }[]
}
