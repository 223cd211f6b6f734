/**
 * Pyth's contract of one chain, and the prices of it that we believe. Ids are the same on every chain. Addresses and ids: Pyth's
 * published lists. Every price here is in USD with eight decimals.
 */
import type { Hex, PythFeedSpec, WatchedContract } from './types'

const IDS = {
  'BTC / USD': '0xe62df6c8b4a85fe1a67db44dc12de5db330f7ac66b72dc658afedf0f4a415b43',
  'ETH / USD': '0xff61491a931112ddf1bd8147cd1b641375f79f5825126d665480874634fd0ace',
  'USDC / USD': '0xeaa020c61cc479712813461ce153894a96a6c00b21ed0cfc2798d1f9a9e9c94a',
  'USDT / USD': '0x2b89b9dc8fdf9f34709a5b106b472f0f39bb6ca9ce04b0fd7f2e971688e2e53b',
} as const

/** Facts only begin where coverage does, so the block of deployment does not matter. */
export function pythContract(address: Hex): WatchedContract {
  return { address, protocol: 'pyth', role: 'pyth', label: 'Pyth', deployedAtBlock: 0 }
}

/** One entry for each named price, for the token that it prices. */
export function pythFeeds(tokens: Partial<Record<keyof typeof IDS, Hex>>): PythFeedSpec[] {
  return Object.entries(tokens).map(([description, asset]) => ({
    id: IDS[description as keyof typeof IDS],
    asset,
    expo: -8,
    description,
  }))
}
