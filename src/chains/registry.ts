/** Every chain we know, by the name that settings use. A new chain is one file and one line here. */
import { arbitrum } from './arbitrum'
import { base } from './base'
import { bsc } from './bsc'
import { cronos } from './cronos'
import { ethereum } from './ethereum'
import { harbor } from './harbor'
import { hyperliquid } from './hyperliquid'
import { lagoon } from './lagoon'
import { optimism } from './optimism'
import { polygon } from './polygon'
import type { ChainSpec } from './types'

export const CHAINS: Readonly<Record<string, ChainSpec>> = {
  arbitrum,
  base,
  bsc,
  cronos,
  ethereum,
  harbor,
  hyperliquid,
  lagoon,
  optimism,
  polygon,
}

/** The chain with this EIP-155 id, or undefined. */
export function chainById(id: number): ChainSpec | undefined {
  return Object.values(CHAINS).find((chain) => chain.id === id)
}
