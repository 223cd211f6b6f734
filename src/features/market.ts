/**
 * Feature group `market`: the state of each lending market at block B: how its asset's price behaved, how much of it is
 * lent, and how much of the asset could be sold on the chain's exchanges. The subject is the market's id.
 *
 * The price is the one that the market's own protocol uses (its volatility and falls are the same in any unit of account).
 * Amounts are those of the indexes of the market's newest event; interest since then is left out.
 */
import type { ChainSpec, Hex } from '../chains/types'
import { ewmaVolatility, type ValuePoint } from '../models/liquidation/features'
import type { MarketPrice } from '../prices/market'
import { isOf, type PriceLine } from '../prices/price-line'
import { PROTOCOLS } from '../protocols/registry'
import type { MarketState } from '../protocols/types'
import { toFloat } from './float'
import { marketColumns } from './market-schema'
import { featureTable } from './table'
import type { AsOf, FeatureTable, Withheld } from './types'

const WINDOW_SEC = 30 * 86_400
const DAY_SEC = 86_400
/** Depth is the sale that moves a pool's price by two per cent. */
const DEPTH_BPS = 200n
const RAY_DECIMALS = 27
const BPS = 10_000

export interface MarketInput {
  at: AsOf
  /** As of block B, exchange pools among them, without rows of ticks. */
  markets: readonly (MarketState & { decimals: number | null })[]
  /** By market id: all accounts' positions, scaled by the market's indexes. */
  totals: ReadonlyMap<string, { scaledSupply: bigint; scaledDebt: bigint; complete: boolean }>
  prices: PriceLine
  /** US dollars, by listed token. */
  marketPrices: ReadonlyMap<Hex, MarketPrice>
  chain: Pick<ChainSpec, 'tokens' | 'contracts'>
}

/** Rows → table. A market that began before its coverage is withheld. */
export function computeMarkets(input: MarketInput): FeatureTable {
  const withheld: Withheld[] = []
  const rows: { subjectId: string; values: number[] }[] = []
  const depths = new Map<Hex, number>()
  for (const market of input.markets) {
    if (market.kind !== 'reserve') continue
    if (!market.complete) {
      withheld.push({ subjectId: market.id, reason: 'the market began before its coverage' })
      continue
    }
    const depth = depths.get(market.asset) ?? depthUsd(market.asset, input)
    depths.set(market.asset, depth)
    const price = priceValues(priceHistory(market, input), input.at.timestampSec)
    rows.push({ subjectId: market.id, values: [...price, ...amountValues(market, input), depth] })
  }
  return featureTable('market', marketColumns, rows, withheld)
}

/** Prices by the feed that the market names; by the only one there is, where it names none. */
function priceHistory(market: MarketState, { at, prices }: MarketInput): ValuePoint[] {
  const points = prices.history(`${at.chainId}:${market.asset}`)
  const named = Object.values(market.state).filter((value) => /^0x[0-9a-f]{40}$/i.test(String(value)))
  const own = points.filter((point) => named.some((value) => isOf(point, String(value))))
  const source =
    own.at(-1)?.source ?? (new Set(points.map((point) => point.source)).size === 1 ? points[0]?.source : '')
  return points
    .filter((point) => point.source === source && point.validFromBlock <= at.height && point.answer > 0n)
    .map((point) => ({ timeSec: point.timestampSec, value: toFloat(point.answer, point.decimals) }))
}

/** Volatility, change over a day, distance from the window's peak, greatest fall within the window. */
export function priceValues(history: readonly ValuePoint[], nowSec: number): number[] {
  const last = history.at(-1)
  if (last === undefined) return [Number.NaN, Number.NaN, Number.NaN, Number.NaN]
  const dayAgo = history.findLast((point) => point.timeSec <= nowSec - DAY_SEC)
  const first = history.findLastIndex((point) => point.timeSec <= nowSec - WINDOW_SEC)
  let [peak, deepest] = [0, 0]
  for (const { value } of history.slice(Math.max(0, first))) {
    peak = Math.max(peak, value)
    deepest = Math.max(deepest, 1 - value / peak)
  }
  return [
    history.length < 2 ? Number.NaN : ewmaVolatility(history, nowSec),
    dayAgo === undefined ? Number.NaN : Math.log(last.value / dayAgo.value),
    1 - last.value / peak,
    deepest,
  ]
}

function amountValues(
  market: MarketState & { decimals: number | null },
  { totals, marketPrices }: MarketInput,
): number[] {
  const total = totals.get(market.id) ?? { scaledSupply: 0n, scaledDebt: 0n, complete: true }
  const supplied = amountOf(total.scaledSupply, market.state.liquidityIndexRay)
  const borrowed = amountOf(total.scaledDebt, market.state.borrowIndexRay)
  const price = marketPrices.get(market.asset)
  const usd = (amount: number) =>
    price === undefined || market.decimals === null
      ? Number.NaN
      : (amount / 10 ** market.decimals) * toFloat(price.answer, price.decimals)
  const known = (value: number) => (total.complete ? value : Number.NaN)
  return [
    // What is owed where nothing is supplied is not used of anything.
    known(supplied === 0 ? Number.NaN : borrowed / supplied),
    known(usd(supplied)),
    known(usd(borrowed)),
    price === undefined ? Number.NaN : price.confidenceBps / BPS,
  ]
}

/** Base units at an index; NaN where the market keeps none. */
function amountOf(scaled: bigint, index: unknown): number {
  if (typeof index !== 'string' || !/^\d+$/.test(index)) return scaled === 0n ? 0 : Number.NaN
  return toFloat(scaled * BigInt(index), RAY_DECIMALS)
}

/**
 * What sales of an asset fetch until its price has fallen by two per cent in every pool that a listed factory announced,
 * in US dollars; of pools that keep ranges, by the liquidity in force. NaN where no pool's other token has a price.
 */
function depthUsd(asset: Hex, { markets, chain, marketPrices }: MarketInput): number {
  let sum = Number.NaN
  const pools = markets
    .filter((market) => market.kind === 'pool' && market.complete && isAnnounced(market, chain))
    .sort((a, b) => (a.id < b.id ? -1 : 1))
  for (const { protocol, state, asset: token0, asset1: token1 } of pools) {
    const quote = token0 === asset ? token1 : token1 === asset ? token0 : null
    const price = quote === null ? undefined : marketPrices.get(quote)
    const decimals = chain.tokens.find((token) => token.address === quote)?.decimals
    const depth = price === undefined ? undefined : PROTOCOLS[protocol]?.amm?.depth(state, DEPTH_BPS)
    if (price === undefined || decimals === undefined || depth === undefined) continue
    const out = token0 === asset ? depth.down.token1Out : depth.up.token0Out
    sum = (Number.isNaN(sum) ? 0 : sum) + toFloat(out * price.answer, decimals + price.decimals)
  }
  return sum
}

function isAnnounced({ protocol, state }: MarketState, { contracts }: MarketInput['chain']): boolean {
  return contracts.some(
    ({ role, protocol: its, address }) => role === 'factory' && its === protocol && address === state.factory,
  )
}
