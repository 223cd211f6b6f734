/** Every chain we know, by the name that settings use. A new chain is one file and one line here. */
import { harbor } from './harbor'
import { lagoon } from './lagoon'
import type { ChainSpec } from './types'

export const CHAINS: Readonly<Record<string, ChainSpec>> = {
  harbor,
  lagoon,
}

/** The chain with this EIP-155 id, or undefined. */
export function chainById(id: number): ChainSpec | undefined {
  return Object.values(CHAINS).find((chain) => chain.id === id)
}
