/**
 * An asset's market price in US dollars from exchange pools. Pure.
 *
 * A pool counts when a listed factory announced it, it trades for a listed token whose own price is known from a feed,
 * it has had a price throughout the window, and to move it costs enough. Each block end in the window is one vote for
 * the pool's price (so that a halted chain gives nobody a longer say), each counted pool votes with its depth, and both
 * elections are decided by the median:
 *   pool price = median over block ends,  price = median over pools, weighted by depth
 * What forgery moves is bounded thereby. Whoever sets the price in fewer than half of the window's blocks, however far,
 * leaves the pool's price between the least and the greatest of the other blocks; whoever rules pools with less than
 * half of the depth leaves the answer between the least and the greatest of the other pools' prices. Depth is the
 * lesser of what was usual over the window and, where liquidity lies in ranges, of what the ranges around the price now
 * hold, so neither a block's worth of liquidity nor a narrow range buys votes. What a surprising spot price does do is
 * lower the confidence. The price of a crash that is real arrives after half the window; feeds come first for that.
 */
import type { ChainSpec, Hex } from '../chains/types'
import { askPool, type DexPool, type PoolAnswer, PRICE_SCALE } from './dex-pool'
import { medianVote } from './votes'

const BPS = 10_000n
const ANSWER_DECIMALS = 18
/** A price that nothing else confirms is worth this much of what it would be. */
const SINGLE_POOL_BPS = 7_000n

/** US dollars for one whole quote token, answer / 10^decimals, from a feed (never from pools). */
export interface QuotePrice {
  answer: bigint
  decimals: number
  ageSec: number
  /** 0 to 10000. */
  confidenceBps: number
}

export interface DexRules {
  /** Time that votes; in blocks of the chain's block time, at least 3. */
  windowSec: number
  /** Depth is the trade that moves the price by this much. */
  depthBps: number
  /** Least depth with which a pool counts, whole US dollars. */
  depthFloorUsd: number
}

/** Half an hour; a pool with about 2 million dollars over its whole curve on either side passes. */
export const DEX_RULES: DexRules = { windowSec: 1_800, depthBps: 200, depthFloorUsd: 20_000 }

export interface DexPriceInput {
  asset: Hex
  /** Of the asset. */
  decimals: number
  chain: Pick<ChainSpec, 'tokens' | 'contracts' | 'blockTimeSec'>
  /** The block asked about. */
  head: { height: number; timestampSec: number }
  /** All that may trade the asset; those that do not count are passed over. */
  pools: readonly DexPool[]
  /** By address of a listed token, lower case. */
  quotes: ReadonlyMap<Hex, QuotePrice>
  rules?: Partial<DexRules>
}

export interface DexPrice {
  source: 'dex'
  /** US dollars for one whole token, answer / 10^decimals; above zero, rounded down. */
  answer: bigint
  decimals: number
  /**
   * 0 to 10000: the quote's own, less what the pools' prices stray from the answer (mean by depth), less what the
   * newest spot prices do, less the part of the age beyond the window; with one pool alone 70 % of that.
   */
  confidenceBps: number
  /** Since the deciding pool last changed, or since its quote token was priced, whichever is longer. */
  ageSec: number
  /** Pools that were counted, by market id, with their own answers (18 decimals) and depths (whole US dollars). */
  pools: readonly { marketId: string; quote: Hex; answer: bigint; depthUsd: bigint }[]
}

interface Counted extends PoolAnswer {
  marketId: string
  quotePrice: QuotePrice
  /** Price and spot price in US dollars at ANSWER_DECIMALS; `weight` is the depth in whole US dollars. */
  value: bigint
  spot: bigint
  weight: bigint
}

/** Prices an asset from pools. @returns `unknown` with a reason for each pool when none counts */
export function dexPrice(input: DexPriceInput): DexPrice | { unknown: string } {
  const rules = { ...DEX_RULES, ...input.rules }
  const counted: Counted[] = []
  const reasons: string[] = []
  for (const pool of input.pools) {
    const answer = count(pool, input, rules)
    if ('unfit' in answer) reasons.push(`${pool.market.id} ${answer.unfit}`)
    else counted.push(answer)
  }
  const median = medianVote(counted)
  if (median === undefined) return { unknown: reasons.length > 0 ? reasons.join('; ') : 'no pool trades it' }
  const ageSec = Math.max(input.head.timestampSec - median.changedAtSec, median.quotePrice.ageSec)
  return {
    source: 'dex',
    answer: median.value,
    decimals: ANSWER_DECIMALS,
    confidenceBps: confidenceBps(counted, median, { ageSec, windowSec: rules.windowSec }),
    ageSec,
    pools: counted
      .map(({ marketId, quote, value, weight }) => ({
        marketId,
        quote: quote.address,
        answer: value,
        depthUsd: weight,
      }))
      .sort((a, b) => (a.marketId < b.marketId ? -1 : 1)),
  }
}

function count(pool: DexPool, input: DexPriceInput, rules: DexRules): Counted | { unfit: string } {
  const { asset, decimals, chain, head } = input
  const blocks = Math.max(3, Math.ceil(rules.windowSec / chain.blockTimeSec))
  const answer = askPool(pool, {
    asset,
    decimals,
    chain,
    afterHeight: head.height - blocks,
    toHeight: head.height,
    depthBps: BigInt(rules.depthBps),
  })
  if ('unfit' in answer) return answer
  const quotePrice = input.quotes.get(answer.quote.address)
  if (quotePrice === undefined || quotePrice.answer <= 0n)
    return { unfit: 'trades for a token without a price' }
  const dollars = 10n ** BigInt(quotePrice.decimals)
  const weight = (answer.depthQuote * quotePrice.answer) / (10n ** BigInt(answer.quote.decimals) * dollars)
  if (weight <= 0n || weight < BigInt(rules.depthFloorUsd)) return { unfit: `is moved by ${weight} dollars` }
  const inDollars = (scaled: bigint): bigint =>
    (scaled * quotePrice.answer * 10n ** BigInt(ANSWER_DECIMALS)) / (PRICE_SCALE * dollars)
  const [value, spot] = [inDollars(answer.priceScaled), inDollars(answer.spotScaled)]
  if (value === 0n) return { unfit: 'has a price too small to tell' }
  return { ...answer, marketId: pool.market.id, quotePrice, value, spot, weight }
}

function confidenceBps(
  counted: readonly Counted[],
  median: Counted,
  { ageSec, windowSec }: { ageSec: number; windowSec: number },
): number {
  const depth = counted.reduce((sum, { weight }) => sum + weight, 0n)
  const stray = (of: (pool: Counted) => bigint): bigint => {
    const sum = counted.reduce((total, pool) => total + strayBps(of(pool), median.value) * pool.weight, 0n)
    return sum / depth
  }
  const parts = [
    BigInt(median.quotePrice.confidenceBps),
    BPS - stray(({ value }) => value),
    BPS - stray(({ spot }) => spot),
    ageSec > windowSec ? (BigInt(Math.floor(windowSec)) * BPS) / BigInt(Math.ceil(ageSec)) : BPS,
    counted.length === 1 ? SINGLE_POOL_BPS : BPS,
  ]
  return Number(parts.reduce((product, part) => (product * part) / BPS, BPS))
}

/** How far a price is from another, at most all of it. */
function strayBps(price: bigint, from: bigint): bigint {
  const distance = price > from ? price - from : from - price
  const bps = (distance * BPS) / from
  return bps < BPS ? bps : BPS
}
