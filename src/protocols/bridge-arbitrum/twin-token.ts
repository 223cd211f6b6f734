/**
 * The token on Arbitrum that the standard gateway made for one on Ethereum.
 *
 * The gateway has a factory deploy a proxy by CREATE2 with a salt of its own address and the token's, so the address follows:
 *   last 20 bytes of keccak(0xff · factory · keccak(gateway, keccak(l1Token)) · hash of the proxy's creation code)
 * Worked case: WBTC 0x2260…c599 gives 0x2f2a2543b76a4166549f7aab2e75bef0aefc5b0f.
 */
import { keccak256 } from 'viem/utils'
import type { Hex } from '../../chains/types'

/** Hash of the creation code that the factory deploys, `cloneableProxyHash` of the gateway. */
const PROXY_CODE_HASH = '4b11cb57b978697e0aec0c18581326376d6463fd3f6699cbe78ee5935617082d'

export function twinTokenOf(l1Token: Hex, gateway: Hex, beaconProxyFactory: Hex): Hex {
  const tokenSalt = keccak256(`0x${padded(l1Token)}`)
  const salt = keccak256(`0x${padded(gateway)}${tokenSalt.slice(2)}`)
  const made = keccak256(`0xff${beaconProxyFactory.slice(2)}${salt.slice(2)}${PROXY_CODE_HASH}`)
  return `0x${made.slice(26)}`
}

function padded(address: Hex): string {
  return address.slice(2).padStart(64, '0')
}
