/** Which price an Aave market goes by: the answer of the feed that its oracle reads for the asset. */
import type { Hex } from '../../chains/types'
import type { MarketState, PriceState } from '../types'

/**
 * Asset → price for `accountData`, from protocol prices as the state keeps them (`kind: 'protocol'`, source: feed).
 * Markets without a feed, or whose feed is not followed, get none; the account is then incomplete.
 */
export function oraclePrices(
  markets: Iterable<MarketState>,
  priceOf: (asset: Hex, feed: string) => Pick<PriceState, 'answer'> | undefined,
): Map<Hex, bigint> {
  const prices = new Map<Hex, bigint>()
  for (const { asset, state } of markets) {
    if (typeof state.priceFeed !== 'string') continue
    const price = priceOf(asset, state.priceFeed)
    if (price !== undefined) prices.set(asset, price.answer)
  }
  return prices
}
