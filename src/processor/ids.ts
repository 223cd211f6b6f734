/** Row ids, derived from content alone, so that every run of every machine writes the same ones. */
import type { Hex } from '../chains/types'
import type { BlockRef, PriceState } from '../protocols/types'

/** `1:0xabc…` for an account. */
export function accountId(chainId: number, address: Hex): string {
  return `${chainId}:${address}`
}

/** `1:0xabc…` for a token. */
export function assetId(chainId: number, address: Hex): string {
  return `${chainId}:${address}`
}

/** `1:17686110:0x310a2806`: the prefix of everything that stands in a block. */
export function blockId(block: BlockRef): string {
  return `${block.chainId}:${block.height}:${block.hash.slice(0, 10)}`
}

/** Id of an account's position: the account's id and the market's without its chain. */
export function positionId(chainId: number, account: Hex, marketId: string): string {
  return `${chainId}:${account}${marketId.slice(marketId.indexOf(':'))}`
}

/** One price per asset, kind and source. */
export function priceId(chainId: number, price: Pick<PriceState, 'asset' | 'kind' | 'source'>): string {
  return `${chainId}:${price.asset}:${price.kind}:${price.source}`
}

// Dates beyond the year 9999 have no ISO-8601 form that every reader takes; a contract may emit any uint256.
const MAX_TIMESTAMP_SEC = 253_402_300_799n

/** ISO-8601 of a time in seconds; what exceeds the year 9999 becomes its last second. */
export function isoTime(sec: number | bigint): string {
  const bounded =
    typeof sec === 'number' || sec <= MAX_TIMESTAMP_SEC ? Number(sec) : Number(MAX_TIMESTAMP_SEC)
  return new Date(Math.max(0, bounded) * 1000).toISOString()
}
