/** Spot price of a constant-product pair, x·y = k: what an infinitesimal trade pays, before fees. */
import { mulDivDown, WAD } from '../../math/fixed-point'
import type { MarketState } from '../types'

/**
 * Price of one whole token 0 in whole tokens 1, as a wad rounded down; null while a side is empty or decimals are
 * unknown. A spot price can be moved within a transaction: use it to see manipulation, never as the truth.
 */
export function spotPriceWad(market: MarketState): bigint | null {
  const { reserve0, reserve1, decimals0, decimals1 } = market.state
  if (typeof decimals0 !== 'number' || typeof decimals1 !== 'number') return null
  const [base, quote] = [BigInt(reserve0 ?? 0), BigInt(reserve1 ?? 0)]
  if (base === 0n || quote === 0n) return null
  return mulDivDown(quote * 10n ** BigInt(decimals0), WAD, base * 10n ** BigInt(decimals1))
}
