/**
 * How far the prices are to be believed that a position's dollars rest on. Pure.
 *
 * Health is exact whatever this says: it is what the contract itself reckons. But the contract's price may be old, or far
 * from the market's, and then it is about to move. So each asset's protocol price is worth
 *
 *   freshness of the protocol price × confidence of the market price × (0.5 where the two are more than 5 % apart)
 *
 * with 0.97 in place of the second where there is no market price, for then it stands alone. A position has the mean over
 * its assets by value; where its pool reckons in a token, no more than the confidence of that token's market price.
 */
import type { ChainSpec, Hex } from '../chains/types'
import { type MissingPrice, priceEveryBlocks, sourceKey } from './calls'
import { agree, BPS, freshForSec, freshnessBps, type MarketPrice, timesBps } from './market'

const ALONE_BPS = 9_700
const APART_BPS = 500n
const CONTRADICTED_BPS = 5_000
/** A called price is stale when this many rounds brought no answer. */
const ROUNDS_LATE = 3
const LEAST_LATE_SEC = 600

/** The newest round of calls as of a block. */
export interface CalledRound {
  timestampSec: number
  missing: readonly MissingPrice[]
}

type FeedsChain = Pick<ChainSpec, 'feeds' | 'blockTimeSec' | 'scoreEveryBlocks' | 'priceEveryBlocks'>

/** Age of protocol prices at a block: how long feeds have been silent, and silent oracles unanswered. */
export function protocolFreshness(options: {
  chain: FeedsChain
  atSec: number
  round: CalledRound | undefined
}): (price: { asset: Hex; source: string; timestampSec: number }) => number {
  const { chain, atSec, round } = options
  const feeds = new Map(chain.feeds.map((feed) => [feed.address as string, feed]))
  const missing = new Map((round?.missing ?? []).map((one) => [sourceKey(one), one]))
  const lateSec = Math.max(LEAST_LATE_SEC, ROUNDS_LATE * priceEveryBlocks(chain) * chain.blockTimeSec)
  return ({ asset, source, timestampSec }) => {
    const feed = feeds.get(source)
    if (feed !== undefined)
      return freshnessBps(Math.max(0, atSec - timestampSec), freshForSec('chainlink', feed.heartbeatSec))
    if (round === undefined) return BPS
    const absent = missing.get(sourceKey({ asset, source }))
    const answeredSec = absent?.lastAnswerSec ?? round.timestampSec
    return freshnessBps(Math.max(0, atSec - answeredSec), lateSec)
  }
}

/**
 * Confidence in one asset's protocol price. `usd` is that price in dollars, where it can be told; `freshBps` as
 * protocolFreshness gives it.
 */
export function priceTrustBps(
  freshBps: number,
  market: MarketPrice | undefined,
  usd: { answer: bigint; decimals: number } | undefined,
): number {
  if (market === undefined) return timesBps(freshBps, ALONE_BPS)
  const apart = usd !== undefined && !agree(usd, market, APART_BPS)
  const trust = timesBps(freshBps, market.confidenceBps)
  return apart ? timesBps(trust, CONTRADICTED_BPS) : trust
}

/** Mean of confidences by value, rounded down; full where nothing is worth anything. */
export function meanTrustBps(parts: readonly { value: bigint; trustBps: number }[]): number {
  const total = parts.reduce((sum, { value }) => sum + value, 0n)
  if (total === 0n) return BPS
  return Number(parts.reduce((sum, { value, trustBps }) => sum + value * BigInt(trustBps), 0n) / total)
}
