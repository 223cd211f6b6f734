/**
 * What the value of a feed is.
 *
 * Metric `market-risk`: the debt-weighted mean of the liquidation scores of everybody who owes in a market, at one
 * finalized block, 0..1 scaled to 8 decimals. The subject is a lending pool (all its debt) or an asset (the debt
 * in that asset alone). Debt that no collateral stands behind counts as 1: the model has no opinion on it, but it is lost.
 *
 * Metric `systemic-risk`: the systemic score of the same subject (src/systemic/market-score.ts), rounded down. Its confidence
 * is that of the prices behind the debts.
 *
 * Whoever signs computes it again from the state at that block, so it must be the same
 * number each time: scores become integers first, the mean is integer arithmetic rounded down.
 */
import type { Hex } from 'viem'

/** Names of the metrics on the contract. */
export const MARKET_RISK = 'market-risk'
export const SYSTEMIC_RISK = 'systemic-risk'
export const ONE_E8 = 100_000_000n
const BPS = 10_000n

/** What a feed is about. `subject` is a lower-case address on `subjectChainId`. */
export interface FeedSubject {
  subjectChainId: bigint
  subject: Hex
  metric: string
}

/** A value at a block and what stands behind it. `value` has 8 decimals, `observedAt` is unix seconds. */
export interface MeasuredValue {
  value: bigint
  confidenceBps: number
  modelHash: Hex
  complete: boolean
  blockHash: Hex
  observedAt: bigint
}

/**
 * Computes a feed's value from the state at the end of block `height`, the same in every process. Undefined when
 * there is nothing to compute it from: an unknown subject or metric, or a block that is not stored.
 */
export type ValueSource = (feed: FeedSubject, height: bigint) => Promise<MeasuredValue | undefined>

/** One debtor of a market: what is owed, in any unit common to the market, and the score, 0..1. */
export interface ScoredDebt {
  debt: bigint
  /** Undefined when the model has no score for it, because its state is incomplete or the model abstains. */
  score: number | undefined
  /** How sure the prices are that the score rests on, 0 to 10000 (docs/prices.md); absent: wholly. */
  priceConfidenceBps?: number
}

/**
 * Debt-weighted mean of the scores, rounded down, and the confidence in it: the share of the debt that is scored, each debt
 * counting for as much as its prices are to be believed. A stale price thus withholds a value before it falsifies one.
 * No debt at all: value 0 with full confidence, for nothing can be liquidated. Debt, but no score: undefined.
 * @throws RangeError for a score outside 0..1, a negative debt or a confidence outside 0..10000
 */
export function debtWeightedRisk(
  debts: readonly ScoredDebt[],
): { value: bigint; confidenceBps: number } | undefined {
  let total = 0n
  let scored = 0n
  let weighted = 0n
  let believed = 0n
  for (const { debt, score, priceConfidenceBps = Number(BPS) } of debts) {
    if (debt < 0n) throw new RangeError(`negative debt ${debt}`)
    total += debt
    if (score === undefined) continue
    if (!(score >= 0 && score <= 1)) throw new RangeError(`score ${score} is outside 0..1`)
    if (!(priceConfidenceBps >= 0 && priceConfidenceBps <= Number(BPS)))
      throw new RangeError(`confidence ${priceConfidenceBps} is outside 0..10000`)
    scored += debt
    believed += debt * BigInt(priceConfidenceBps)
    weighted += debt * BigInt(Math.round(score * Number(ONE_E8)))
  }
  if (total === 0n) return { value: 0n, confidenceBps: Number(BPS) }
  if (scored === 0n) return undefined
  return { value: weighted / scored, confidenceBps: Number(believed / total) }
}
