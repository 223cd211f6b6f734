/**
 * Whether a contract was made by another one, told by its address alone.
 *
 * A pool configurator creates the proxies of its reserves' tokens with CREATE, so their addresses are the last 20
 * bytes of keccak(rlp([configurator, nonce])) for nonces 1, 2, 3 … (EIP-161 starts a contract at 1). A token's
 * Initialized event comes before the configurator announces the token; this lets a decoder believe it without
 * believing strangers who copy the event.
 */
import { getCreateAddress } from 'viem/utils'
import type { Hex } from '../../chains/types'

/** 128 reserves of three tokens each, the most that a pool can hold, and as many again for dropped ones. */
const MAX_NONCE = 768

const created = new Map<Hex, ReadonlySet<Hex>>()

/** Whether `maker`, a contract that creates nothing but tokens, could have created `address`. */
export function couldHaveMade(maker: Hex, address: Hex): boolean {
  let addresses = created.get(maker)
  if (addresses === undefined) {
    const nonces = Array.from({ length: MAX_NONCE }, (_, index) => BigInt(index + 1))
    addresses = new Set(nonces.map((nonce) => getCreateAddress({ from: maker, nonce }).toLowerCase() as Hex))
    created.set(maker, addresses)
  }
  return addresses.has(address)
}
