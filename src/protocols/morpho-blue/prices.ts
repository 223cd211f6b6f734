/**
 * A market's oracle announces nothing: it is asked `price()`. The answer is the price of one base unit of collateral in base
 * units of the loan token, times 10³⁶. As `PriceState` keeps it, of one whole token in whole loan tokens, that is the same
 * integer with 36 + loan decimals − collateral decimals; health uses the integer as it is.
 */
import type { ChainSpec, Hex } from '../../chains/types'
import type { PriceCall } from '../lending-risk'
import { topicOf } from '../log-shape'
import type { MarketState } from '../types'
import { NO_ADDRESS } from './state'

const PRICE: Hex = `0x${topicOf('price()').slice(2, 10)}`
const SCALE_DECIMALS = 36
const ANSWER = /^0x[0-9a-fA-F]{64}$/

/** The call for a market's own row; none where decimals are unknown, since then no money can be told from the answer. */
export function morphoPriceCalls(market: MarketState, _chain: ChainSpec): readonly PriceCall[] {
  const { oracle, collateralToken, loanDecimals, collateralDecimals } = market.state
  if (typeof oracle !== 'string' || oracle === NO_ADDRESS || collateralToken === NO_ADDRESS) return []
  if (typeof loanDecimals !== 'number' || typeof collateralDecimals !== 'number') return []
  const decimals = SCALE_DECIMALS + loanDecimals - collateralDecimals
  if (decimals < 0) return []
  return [
    {
      asset: collateralToken as Hex,
      source: oracle,
      to: oracle as Hex,
      data: PRICE,
      decimals,
      read: (result) => (ANSWER.test(result) ? BigInt(result) : undefined),
    },
  ]
}
