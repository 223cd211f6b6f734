/** Prices that a comet goes by: the last answer of each asset's price feed, eight decimals. Feeds are proxies or constants that emit nothing. */
import type { Hex } from '../../chains/types'
import type { PriceCall } from '../lending-risk'
import { selectorOf } from '../log-shape'
import type { MarketState } from '../types'

const LATEST_ROUND_DATA = selectorOf('latestRoundData()')
const DECIMALS = 8

/** The call for the base asset or one collateral; none before it is configured. */
export function compoundV3PriceCalls({ kind, asset, state }: MarketState): PriceCall[] {
  if (kind === 'pool' || state.configured !== true || typeof state.priceFeed !== 'string') return []
  const feed = state.priceFeed as Hex
  return [{ asset, source: feed, to: feed, data: LATEST_ROUND_DATA, decimals: DECIMALS, read: answerOf }]
}

/** latestRoundData() → (roundId, answer, startedAt, updatedAt, answeredInRound); a comet refuses answers of zero and less. */
function answerOf(result: Hex): bigint | undefined {
  if (!/^0x[0-9a-fA-F]{320}$/.test(result)) return undefined
  const answer = BigInt.asIntN(256, BigInt(`0x${result.slice(66, 130)}`))
  return answer > 0n ? answer : undefined
}
