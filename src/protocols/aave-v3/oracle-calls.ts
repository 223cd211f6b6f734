/**
 * Prices that no event announces: AaveOracle's own answer, `getAssetPrice`, for assets whose source is not a feed that
 * the chain file follows (capped and synchronised adapters, proxies of aggregators). It includes the oracle's fallback.
 */
import { encodeFunctionData, parseAbi } from 'viem/utils'
import type { ChainSpec, Hex } from '../../chains/types'
import type { PriceCall } from '../lending-risk'
import type { MarketState } from '../types'

const ABI = parseAbi(['function getAssetPrice(address) view returns (uint256)'])

/** The call for one reserve's price; none where events tell it, or no source is known yet. */
export function oracleCalls(market: MarketState, chain: ChainSpec): readonly PriceCall[] {
  const source = market.state.priceFeed
  if (market.kind !== 'reserve' || typeof source !== 'string') return []
  if (chain.feeds.some(({ address }) => address === source)) return []
  const oracle = chain.contracts.find(
    (entry) =>
      entry.protocol === market.protocol && entry.role === 'oracle' && entry.links?.pool === market.pool,
  )
  if (oracle === undefined) return []
  const data = encodeFunctionData({ abi: ABI, functionName: 'getAssetPrice', args: [market.asset] })
  const decimals = market.protocol === 'aave-v2' ? 18 : 8
  return [{ asset: market.asset, source: source as Hex, to: oracle.address, data, decimals, read }]
}

/** A positive price in one word; Aave refuses to reckon with any other. */
function read(result: Hex): bigint | undefined {
  if (!/^0x[0-9a-fA-F]{64}$/.test(result)) return undefined
  const price = BigInt(result)
  return price > 0n ? price : undefined
}
