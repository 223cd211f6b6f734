/** Uniswap's Permit2, which has one address on every chain that carries it. */
import type { WatchedContract } from './types'

export function permit2Contract(deployedAtBlock: number): WatchedContract {
  return {
    address: '0x000000000022d473030f116ddee9f6b43ac78ba3',
    protocol: 'permit2',
    role: 'permit2',
    label: 'Permit2',
    deployedAtBlock,
  }
}
