/**
 * How deep an asset can be sold on a chain's exchanges: every indexed pool between listed tokens that a listed factory
 * announced, in US dollars, joined into one depth.
 *
 * Pools of one asset are kept at one price by arbitrage, so a sale is spread over them and their liquidity adds up range by
 * range: L(p) = Σ Lᵢ(p). The fee is the pools' mean, weighted by liquidity at today's price. The other token of each pool
 * is taken to hold its dollar value while the sale lasts.
 */
import type { ChainSpec, Hex } from '../chains/types'
import type { MarketState } from '../protocols/types'
import { tickTable } from '../protocols/uniswap-v3/ticks'
import { concentratedDepth, constantProductDepth, type PriceDepth } from './depth'
import { badInput } from './network'

type Ranges = Extract<PriceDepth, { kind: 'ranges' }>

export interface ExchangePools {
  chain: Pick<ChainSpec, 'tokens' | 'contracts'>
  /** Rows of kind `pool` and `ticks`, as of one block. */
  rows: readonly MarketState[]
  /** US dollars for one whole token; undefined where unknown. */
  priceUsd(asset: Hex): number | undefined
}

/** Depth of each of the assets; `unmoved` where no pool tells. */
export function depthsOf(
  assets: readonly Hex[],
  pools: ExchangePools,
): { depths: ReadonlyMap<Hex, PriceDepth>; unused: { id: string; reason: string }[] } {
  const unused = new Map<string, string>()
  const depths = new Map<Hex, PriceDepth>()
  for (const asset of assets) {
    const known: Ranges[] = []
    for (const row of pools.rows) {
      if (row.kind !== 'pool' || (row.asset !== asset && row.asset1 !== asset)) continue
      const depth = poolDepth(row, asset, pools)
      if ('reason' in depth) unused.set(row.id, depth.reason)
      else known.push(depth)
    }
    depths.set(asset, mergeDepths(known, pools.priceUsd(asset) ?? 1))
  }
  return { depths, unused: [...unused].map(([id, reason]) => ({ id, reason })) }
}

/** Why an exchange pool's row is not believed, or undefined. */
export function doubtOf(row: MarketState, { contracts }: Pick<ChainSpec, 'contracts'>): string | undefined {
  if (!row.complete) return 'it began before its coverage'
  const isAnnounced = contracts.some(
    ({ role, protocol, address }) =>
      role === 'factory' && protocol === row.protocol && address === row.state.factory,
  )
  return isAnnounced ? undefined : 'no listed factory announced it'
}

function poolDepth(row: MarketState, asset: Hex, pools: ExchangePools): Ranges | { reason: string } {
  const doubt = doubtOf(row, pools.chain)
  if (doubt !== undefined) return { reason: doubt }
  const { tokens } = pools.chain
  const quote = row.asset === asset ? row.asset1 : row.asset
  const quoteUsd = quote === null ? undefined : pools.priceUsd(quote)
  if (quoteUsd === undefined) return { reason: `its other token ${quote} has no price` }
  const decimalsOf = (token: Hex | null) => tokens.find(({ address }) => address === token)?.decimals
  const [decimals0, decimals1] = [decimalsOf(row.asset), decimalsOf(row.asset1)]
  if (decimals0 === undefined || decimals1 === undefined)
    return { reason: 'it trades a token that is not listed' }
  const scales = { decimals0, decimals1, sells: row.asset === asset ? (0 as const) : (1 as const) }
  try {
    const depth =
      row.protocol === 'uniswap-v3' ? concentrated(row, scales, pools.rows) : constantProduct(row, scales)
    return inDollars(depth as Ranges, quoteUsd)
  } catch (error) {
    // A pool that cannot be is named in the book, and does not end what the others allow.
    return { reason: error instanceof Error ? error.message : String(error) }
  }
}

interface Scales {
  decimals0: number
  decimals1: number
  sells: 0 | 1
}

function concentrated(row: MarketState, scales: Scales, rows: readonly MarketState[]): PriceDepth {
  const own = rows.filter((other) => other.kind === 'ticks' && other.pool === row.pool)
  const { initialized, net } = tickTable(own)
  const ticks = initialized.map((tick) => ({ tick, liquidityNet: Number(net.get(tick)) }))
  return concentratedDepth({ ...scales, ticks, fee: Number(row.state.feePips ?? 0) / 1e6 })
}

function constantProduct(row: MarketState, { decimals0, decimals1, sells }: Scales): PriceDepth {
  const { reserve0, reserve1 } = row.state
  if (typeof reserve0 !== 'string' || typeof reserve1 !== 'string')
    throw badInput('its reserves are not known')
  const [units0, units1] = [Number(reserve0) / 10 ** decimals0, Number(reserve1) / 10 ** decimals1]
  const [reserve, quote] = sells === 0 ? [units0, units1] : [units1, units0]
  return constantProductDepth({ reserve, price: reserve > 0 ? quote / reserve : 0, fee: 0.003 })
}

/** Prices in quote tokens → dollars. With √p scaled by s, so is the liquidity: q = L·(1/√p′ − 1/√p). */
function inDollars({ sqrtLow, sqrtHigh, liquidity, fee }: Ranges, quoteUsd: number): Ranges {
  const scale = Math.sqrt(quoteUsd)
  return {
    kind: 'ranges',
    sqrtLow: sqrtLow.map((root) => root * scale),
    sqrtHigh: sqrtHigh.map((root) => root * scale),
    liquidity: liquidity.map((amount) => amount * scale),
    fee,
  }
}

/** One depth of several, all in one currency; `unmoved` of none. */
export function mergeDepths(depths: readonly Ranges[], price: number): PriceDepth {
  const [first] = depths
  if (first === undefined) return { kind: 'unmoved' }
  if (depths.length === 1) return first
  const roots = [...new Set(depths.flatMap(({ sqrtLow, sqrtHigh }) => [...sqrtLow, ...sqrtHigh]))]
  roots.sort((a, b) => a - b)
  const sums = new Float64Array(roots.length)
  for (const { sqrtLow, sqrtHigh, liquidity } of depths)
    for (let k = 0; k < liquidity.length; k++)
      for (let at = indexOf(roots, sqrtLow[k]!); roots[at]! < sqrtHigh[k]!; at++) sums[at]! += liquidity[k]!
  const filled = [...sums.keys()].filter((at) => sums[at]! > 0)
  return {
    kind: 'ranges',
    sqrtLow: Float64Array.from(filled, (at) => roots[at]!),
    sqrtHigh: Float64Array.from(filled, (at) => roots[at + 1]!),
    liquidity: Float64Array.from(filled, (at) => sums[at]!),
    fee: meanFee(depths, Math.sqrt(price)),
  }
}

function meanFee(depths: readonly Ranges[], root: number): number {
  const weights = depths.map(({ sqrtLow, sqrtHigh, liquidity }) =>
    liquidity.reduce((sum, amount, k) => sum + (sqrtLow[k]! <= root && root < sqrtHigh[k]! ? amount : 0), 0),
  )
  const all = weights.reduce((a, b) => a + b, 0)
  if (all === 0) return depths.reduce((sum, { fee }) => sum + fee, 0) / depths.length
  return depths.reduce((sum, { fee }, i) => sum + (fee * weights[i]!) / all, 0)
}

function indexOf(sorted: readonly number[], value: number): number {
  let [low, high] = [0, sorted.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if (sorted[middle]! < value) low = middle + 1
    else high = middle
  }
  return low
}
