/**
 * Market prices as of any block of a range, from versions in memory. Pure.
 *
 * A version holds from the end of its block on, so what is asked of a block sees the versions of that block and nothing
 * later. Feeds come straight from their versions; the exchanges' price is worked out from pools by `dex`, which is handed
 * the feeds' prices of the tokens that pools trade against.
 */
import type { ChainSpec, Hex } from '../chains/types'
import { type MarketCandidate, type MarketPrice, marketPrice } from './market'

/** A version of a feed's market price. */
export interface MarketPoint {
  asset: Hex
  source: string
  validFromBlock: number
  /** When the source says that it was so, unix seconds. */
  updatedAtSec: number
  answer: bigint
  decimals: number
}

export interface BlockTime {
  height: number
  timestampSec: number
}

/** What exchanges say of an asset at a block, given the feeds' prices of other tokens. */
export type DexSource = (
  asset: Hex,
  block: BlockTime,
  feedPrice: (asset: Hex) => MarketPrice | undefined,
) => MarketCandidate | undefined

export interface MarketLine {
  /** Price at the end of a block; undefined when no source has one. */
  at(asset: Hex, block: BlockTime): MarketPrice | undefined
}

/** Prices over the versions given; they must reach back to the one that held at the first block asked about. */
export function marketLine(input: {
  chain: Pick<ChainSpec, 'feeds'>
  points: readonly MarketPoint[]
  dex?: DexSource | undefined
}): MarketLine {
  const { dex } = input
  const heartbeats = new Map(input.chain.feeds.map(({ asset, heartbeatSec }) => [asset, heartbeatSec]))
  const bySource = groupPoints(input.points)
  const known = new Map<string, MarketPrice | undefined>()

  function fromFeeds(asset: Hex, { height, timestampSec }: BlockTime): MarketCandidate[] {
    const candidates: MarketCandidate[] = []
    for (const [source, points] of bySource.get(asset) ?? []) {
      const point = newestAt(points, height)
      if (point === undefined) continue
      const { answer, decimals, updatedAtSec } = point
      const heartbeatSec = source === 'chainlink' ? heartbeats.get(asset) : undefined
      const ageSec = Math.max(0, timestampSec - updatedAtSec)
      candidates.push({ source, answer, decimals, ageSec, heartbeatSec, ownBps: 10_000 })
    }
    return candidates
  }

  return {
    at(asset, block) {
      const key = `${asset}@${block.height}`
      if (known.has(key)) return known.get(key)
      const candidates = fromFeeds(asset, block)
      const traded = dex?.(asset, block, (quote) => marketPrice(fromFeeds(quote, block)))
      const price = marketPrice(traded === undefined ? candidates : [...candidates, traded])
      known.set(key, price)
      return price
    },
  }
}

function groupPoints(points: readonly MarketPoint[]): Map<Hex, Map<string, MarketPoint[]>> {
  const groups = new Map<Hex, Map<string, MarketPoint[]>>()
  for (const point of points) {
    const sources = groups.get(point.asset) ?? new Map<string, MarketPoint[]>()
    groups.set(point.asset, sources)
    const list = sources.get(point.source)
    if (list) list.push(point)
    else sources.set(point.source, [point])
  }
  for (const sources of groups.values())
    for (const list of sources.values()) list.sort((a, b) => a.validFromBlock - b.validFromBlock)
  return groups
}

/** Newest point at or below a height, by bisection. */
function newestAt(points: readonly MarketPoint[], height: number): MarketPoint | undefined {
  let [low, high] = [0, points.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if (points[middle]!.validFromBlock <= height) low = middle + 1
    else high = middle
  }
  return points[low - 1]
}
