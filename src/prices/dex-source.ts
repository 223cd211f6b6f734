/**
 * Exchange pools as a source of market prices at any block of a range. Pure.
 *
 * Only listed tokens get a price, and only pools between listed tokens count: anybody can make a pair of a listed factory
 * for a token of their own, fill it, and call the result a price. How forged and short-lived prices are kept out of what
 * the pools say is dex.ts's; that a block sees nothing later than itself is held here.
 */
import type { ChainSpec, Hex } from '../chains/types'
import type { MarketState } from '../protocols/types'
import { DEX_RULES, dexPrice, type QuotePrice } from './dex'
import type { DexPool } from './dex-pool'
import type { MarketPrice } from './market'
import type { BlockTime, DexSource } from './market-line'

/** A pool's or tick row's state from the end of a block on. */
export interface MarketVersion {
  height: number
  timestampSec: number
  market: MarketState
}

/** Blocks before the first one asked about whose versions `dexSource` needs. */
export function dexLookbackBlocks({ blockTimeSec }: Pick<ChainSpec, 'blockTimeSec'>): number {
  return Math.max(3, Math.ceil(DEX_RULES.windowSec / blockTimeSec))
}

/** Pools over versions in any order. */
export function dexSource(
  chain: Pick<ChainSpec, 'tokens' | 'contracts' | 'blockTimeSec'>,
  versions: readonly MarketVersion[],
): DexSource {
  const rows = new Map<string, MarketVersion[]>()
  for (const version of versions) {
    const list = rows.get(version.market.id)
    if (list) list.push(version)
    else rows.set(version.market.id, [version])
  }
  for (const list of rows.values()) list.sort((a, b) => a.height - b.height)
  const decimalsOf = new Map(chain.tokens.map((token) => [token.address, token.decimals]))

  return (asset, block, feedPrice) => {
    const decimals = decimalsOf.get(asset)
    if (decimals === undefined) return undefined
    const pools = poolsAt(rows, asset, block)
    if (pools.length === 0) return undefined
    const found = dexPrice({
      asset,
      decimals,
      chain,
      head: block,
      pools,
      quotes: quotesOf(chain, asset, feedPrice),
    })
    if ('unknown' in found) return undefined
    const { source, answer, ageSec, confidenceBps } = found
    return { source, answer, decimals: found.decimals, ageSec, ownBps: confidenceBps }
  }
}

function poolsAt(rows: ReadonlyMap<string, MarketVersion[]>, asset: Hex, { height }: BlockTime): DexPool[] {
  const pools: DexPool[] = []
  const ticks = new Map<Hex, MarketState[]>()
  for (const list of rows.values()) {
    const first = list[0]!.market
    if (first.asset !== asset && first.asset1 !== asset) continue
    const seen = list.filter((version) => version.height <= height)
    const market = seen.at(-1)?.market
    if (market === undefined) continue
    if (market.kind === 'ticks') ticks.set(market.pool, [...(ticks.get(market.pool) ?? []), market])
    else {
      const versions = seen.map((version) => ({ ...version, state: version.market.state }))
      pools.push({ market, ticks: [], versions })
    }
  }
  return pools.map((pool) => ({ ...pool, ticks: ticks.get(pool.market.pool) ?? [] }))
}

/** Fresh prices by feeds of the other listed tokens. */
function quotesOf(
  { tokens }: Pick<ChainSpec, 'tokens'>,
  asset: Hex,
  feedPrice: (asset: Hex) => MarketPrice | undefined,
): Map<Hex, QuotePrice> {
  const quotes = new Map<Hex, QuotePrice>()
  for (const { address } of tokens) {
    const price = address === asset ? undefined : feedPrice(address)
    if (price !== undefined && !price.stale) quotes.set(address, price)
  }
  return quotes
}
