/**
 * Prices as of a block, joined in memory: the versions of every price, looked up by asset and height. Pure.
 *
 * A version holds from the end of its block on, so a fact of the block in which a price changed sees the new price.
 * `protocol` prices are what a lending contract itself uses; they are the only ones that value positions and alerts.
 */
import { toFloat } from '../features/float'

/** One version of an asset's price; `answer / 10^decimals` is money for one whole unit of the asset. */
export interface PricePoint {
  assetId: string
  source: string
  validFromBlock: number
  /** Time of that block. */
  timestampSec: number
  answer: bigint
  decimals: number
}

/** Prices of many assets over a range of blocks. */
export interface PriceLine {
  /**
   * Newest version at or below `height`, or undefined when the asset had no price then. With `feed`, an address, only
   * prices that this feed gave count.
   */
  at(assetId: string, height: number, feed?: string): PricePoint | undefined
  /** Every version of an asset, oldest first. */
  history(assetId: string): readonly PricePoint[]
  assets(): readonly string[]
}

/** Orders points by asset and block. Of two sources in one block the one whose name sorts last wins, always. */
export function priceLine(points: readonly PricePoint[]): PriceLine {
  const byAsset = new Map<string, PricePoint[]>()
  for (const point of points) {
    const list = byAsset.get(point.assetId)
    if (list) list.push(point)
    else byAsset.set(point.assetId, [point])
  }
  for (const list of byAsset.values()) {
    list.sort((a, b) => a.validFromBlock - b.validFromBlock || (a.source < b.source ? -1 : 1))
  }
  const empty: readonly PricePoint[] = []
  return {
    at(assetId, height, feed) {
      const list = byAsset.get(assetId) ?? empty
      let low = 0
      let high = list.length
      while (low < high) {
        const middle = (low + high) >>> 1
        if (list[middle]!.validFromBlock <= height) low = middle + 1
        else high = middle
      }
      let found = low - 1
      while (feed !== undefined && found >= 0 && !isOf(list[found]!, feed)) found--
      return list[found]
    },
    history: (assetId) => byAsset.get(assetId) ?? empty,
    assets: () => [...byAsset.keys()].sort(),
  }
}

/** A price's source ends in the address of the feed that gave it. */
export function isOf(point: PricePoint, feed: string): boolean {
  return point.source.endsWith(feed)
}

/**
 * Money value of an amount, or null when the price, its sign or the asset's decimals leave it unknown. Exact in
 * integers until the one crossing to float.
 *
 * Worked: 2.5 WETH (18 decimals) at an answer of 150000000000 with 8 decimals → 3750.
 */
export function moneyOf(
  amount: bigint,
  assetDecimals: number | null,
  price: Pick<PricePoint, 'answer' | 'decimals'> | undefined,
): number | null {
  if (price === undefined || assetDecimals === null || price.answer <= 0n) return null
  return toFloat(amount * price.answer, assetDecimals + price.decimals)
}
