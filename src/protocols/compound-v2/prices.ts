/**
 * Prices that a comptroller goes by: `getUnderlyingPrice(cToken)` of its oracle, whose mantissa has 36 − decimals of the
 * underlying as its scale. Oracles of Compound announce prices in ways of their own or not at all, so they are called.
 */

import type { Hex } from '../../chains/types'
import type { PriceCall } from '../lending-risk'
import { selectorOf } from '../log-shape'
import type { MarketState } from '../types'

const GET_UNDERLYING_PRICE = selectorOf('getUnderlyingPrice(address)')

/** The call for one cToken; none while its comptroller has no oracle. */
export function compoundV2PriceCalls(market: MarketState): PriceCall[] {
  const { priceFeed, cToken, decimals } = market.state
  if (market.kind === 'pool' || typeof priceFeed !== 'string' || typeof cToken !== 'string') return []
  if (typeof decimals !== 'number' || decimals > 18) return []
  return [
    {
      asset: market.asset,
      source: priceFeed,
      to: priceFeed as Hex,
      data: `${GET_UNDERLYING_PRICE}${cToken.slice(2).padStart(64, '0')}`,
      decimals: 36 - decimals,
      read: positiveWord,
    },
  ]
}

/** Zero is how these oracles say that they have no price. */
function positiveWord(result: Hex): bigint | undefined {
  if (!/^0x[0-9a-fA-F]{64}$/.test(result)) return undefined
  const value = BigInt(result)
  return value > 0n ? value : undefined
}
