/**
 * The contract of a detector: verified facts, or one round's scores and standings, in; alert candidates out. Pure.
 *
 * A detector decides from block data alone, never from how blocks came in batches, so that a scorer that was killed
 * finds what an undisturbed one finds. Thresholds live here, not in models. Words follow Forta's alert format.
 */
import type { ChainSpec, Hex } from '../chains/types'
import type { AsOf } from '../features/types'
import type { MarketLine } from '../prices/market-line'
import type { PriceLine } from '../prices/price-line'
import type { MarketScore } from '../systemic/market-score'

export const SEVERITIES = ['info', 'low', 'medium', 'high', 'critical'] as const
export type Severity = (typeof SEVERITIES)[number]
export type AlertType = 'exploit' | 'suspicious' | 'degraded' | 'info'
export type Stage = 'funding' | 'preparation' | 'exploitation' | 'laundering'

/** Forta's label: what is said of an entity; `remove` takes it back. */
export interface AlertLabel {
  entity: string
  entityType: 'address' | 'transaction'
  label: string
  /** 0..1 */
  confidence: number
  remove: boolean
}

/** Why: a named quantity, its value, and its share in the score where a model gives one. */
export interface Reason {
  feature: string
  value: number | string | null
  contribution: number | null
  /** How the contribution was computed, where there is one: `treeshap`, or the model's `reasonsMethod`. */
  method?: string
}

/** What a detector saw once. The lifecycle makes alerts of candidates: grouping, counting, confirming, retracting. */
export interface AlertCandidate {
  detector: string
  /** Forta's alertId: detector name in capitals, with the variant where there are several. */
  alertId: string
  name: string
  description: string
  severity: Severity
  type: AlertType
  stage: Stage | null
  protocol: string | null
  /** Account id of whom or what it is about. */
  accountId: string
  addresses: readonly string[]
  labels: readonly AlertLabel[]
  /** Candidates with one key within the cool-down are one alert. */
  uniqueKey: string
  height: number
  blockHash: Hex
  blockTimestampSec: number
  txHash: Hex | null
  /** Place within the block; -1 for what holds of the whole block. */
  logIndex: number
  /** Calibrated probability 0..1 where a model gives one. */
  probability: number | null
  reasons: readonly Reason[]
  modelSha256: string | null
  usdAtRisk: number | null
  affectedMarkets: readonly string[]
  /** Block time within which a further candidate of the key updates the alert instead of opening another. */
  cooldownSec: number
  /** Block time within which a further candidate that is no more severe is dropped altogether. */
  quietSec: number
}

/** Where a fact stands. Ids of accounts and assets include the chain. */
export interface FactRef {
  id: string
  height: number
  blockHash: Hex
  timestampSec: number
  txHash: Hex
  logIndex: number
  subIndex: number
}

export interface LiquidationFact extends FactRef {
  protocol: string
  accountId: string
  liquidatorId: string
  marketId: string | null
  debtAssetId: string
  debtAmount: bigint
  collateralAssetId: string | null
  collateralAmount: bigint | null
}

export interface AdminFact extends FactRef {
  kind: string
  targetId: string
  actorId: string | null
  detail: Readonly<Record<string, string>>
}

export interface FlashLoanFact extends FactRef {
  protocol: string
  initiatorId: string
  receiverId: string
  assetId: string
  amount: bigint
}

export interface SwapFact extends FactRef {
  protocol: string
  poolId: string
  recipientId: string
  amount0: bigint
  amount1: bigint
}

/** A verified token transfer that spent another's approval: the transaction was not sent by the owner. */
export interface SpendFact extends FactRef {
  assetId: string
  ownerId: string
  toId: string
  amount: bigint
  /** Sender of the transaction. */
  senderId: string
}

/** A lending market that a block paused or froze. */
export interface MarketSwitchFact {
  marketId: string
  protocol: string
  pool: Hex
  assetId: string
  what: 'paused' | 'frozen'
  height: number
  blockHash: Hex
  timestampSec: number
}

/** Verified facts of the blocks (fromHeight, toHeight] in block order; prices and spends reach back further. */
export interface FactsView {
  chain: ChainSpec
  fromHeight: number
  toHeight: number
  liquidations: readonly LiquidationFact[]
  adminActions: readonly AdminFact[]
  flashLoans: readonly FlashLoanFact[]
  swaps: readonly SwapFact[]
  marketSwitches: readonly MarketSwitchFact[]
  /** From `lookbackBlocks` before the range on. */
  spends: readonly SpendFact[]
  /** What protocols go by. */
  prices: PriceLine
  /** What amounts are worth in US dollars, at any block of the view. */
  market: MarketLine
  /** Hash and time of every block that holds one of the facts or prices. */
  blocks: ReadonlyMap<number, { hash: Hex; timestampSec: number }>
  /** Decimals and symbol by asset id, null where unknown. */
  assets: ReadonlyMap<string, { symbol: string | null; decimals: number | null }>
}

/** A score as detectors see it. */
export interface ScoreView {
  value: number
  modelName: string
  modelVersion: string
  modelSha256: string
  /** As they are stored with the score. */
  reasons: readonly Reason[]
  /** Reasons for an alert, computed when asked for: exact where the model can be explained exactly. */
  evidence?: () => readonly Reason[]
}

/** One account's standing in one lending pool at the round. Money in US dollars. */
export interface StandingView {
  /** `${chainId}:${account}:${pool}` */
  subjectId: string
  accountId: string
  protocol: string
  pool: Hex
  /** null without debt. */
  healthFactor: number | null
  collateralUsd: number
  debtUsd: number
  badDebtUsd: number
  /** How sure the prices are that the money rests on, 0 to 1. */
  priceConfidence: number
  /** Markets in which the account holds or owes anything. */
  marketIds: readonly string[]
  score: ScoreView | null
}

/** An account with an `illicit` score at the round, and what it did with listed protocols in the round's window. */
export interface AccountView {
  accountId: string
  score: ScoreView
  /** How unusual it is among its kind; absent or null where the novelty model was silent. Weighs, never triggers. */
  novelty?: ScoreView | null
  touches: readonly { protocol: string; marketId: string | null; txHash: Hex; height: number }[]
}

/** A lending market in which something is owed, with its systemic score. Money in US dollars. */
export interface MarketView extends Omit<MarketScore, 'shares' | 'value' | 'contributions'> {
  score: ScoreView
}

/** One scoring round: the state at block `at`, complete subjects only. */
export interface RoundView {
  chain: ChainSpec
  at: AsOf
  standings: readonly StandingView[]
  accounts: readonly AccountView[]
  markets: readonly MarketView[]
}

export interface FactDetector {
  on: 'facts'
  name: string
  /** What it finds, in a sentence for people. */
  description: string
  /** Finds among the view's facts; candidates lie in (fromHeight, toHeight]. */
  detect(view: FactsView): AlertCandidate[]
}

export interface RoundDetector {
  on: 'round'
  name: string
  description: string
  /** Judges one round; candidates lie at the round's block. */
  detect(view: RoundView): AlertCandidate[]
}

export type Detector = FactDetector | RoundDetector
