/** Spot price of a constant-product pair, x·y = k: what an infinitesimal trade pays, before fees. */
import { WAD } from '../../math/fixed-point'
import { priceOfWholeDown } from '../amm'
import type { MarketState } from '../types'
import { uniswapV2Amm } from './depth'

/**
 * Price of one whole token 0 in whole tokens 1, as a wad rounded down; null while a side is empty or decimals are
 * unknown. A spot price can be moved within a transaction: use it to see manipulation, never as the truth.
 */
export function spotPriceWad(market: MarketState): bigint | null {
  const { decimals0, decimals1 } = market.state
  if (typeof decimals0 !== 'number' || typeof decimals1 !== 'number') return null
  const price = uniswapV2Amm.spotPrice(market.state)
  return price === undefined ? null : priceOfWholeDown(price, { decimals0, decimals1, scale: WAD })
}
