/** The contract of a chain's wrapped native coin, where deposits and withdrawals are no Transfers (WETH9 and its copies). */
import type { Hex, WatchedContract } from './types'

export function wrappedNativeContract(address: Hex, deployedAtBlock = 0): WatchedContract {
  return { address, protocol: 'wrapped-native', role: 'token', label: 'Wrapped native coin', deployedAtBlock }
}
