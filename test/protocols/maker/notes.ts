/** Notes of Maker's contracts made by hand, in the shape that vat.sol and lib.sol give them. */
import { encodeFunctionData, parseAbi } from 'viem'
import { CHAINS } from '../../../src/chains/registry'
import type { Hex } from '../../../src/chains/types'
import { bytes32Of } from '../../../src/protocols/maker/note'
import { createContext, createMemoryState } from '../../../src/protocols/memory-state'
import type { RawLog } from '../../../src/protocols/types'
import { block, log, word } from '../../support/logs'
import { strictFold } from '../../support/strict-fold'

export const ethereum = CHAINS.ethereum!
export const contractOf = (role: string): Hex =>
  ethereum.contracts.find((entry) => entry.protocol === 'maker' && entry.role === role)!.address
export const [VAT, SPOTTER, JUG, DOG, MANAGER] = ['vat', 'spotter', 'jug', 'dog', 'cdpManager'].map(
  contractOf,
) as [Hex, Hex, Hex, Hex, Hex]
export const tokenOf = (symbol: string): Hex =>
  ethereum.tokens.find((token) => token.symbol === symbol)!.address
export const [WETH, WBTC, DAI] = ['WETH', 'WBTC', 'DAI'].map(tokenOf) as [Hex, Hex, Hex]
export const [ETH_B, WBTC_A] = ['ETH-B', 'WBTC-A'].map(bytes32Of) as [Hex, Hex]
export const [RAY, WAD] = [10n ** 27n, 10n ** 18n]
export const STRANGER_URN: Hex = `0x${'a1'.repeat(20)}`

export const ABI = parseAbi([
  'function init(bytes32)',
  'function frob(bytes32, address, address, address, int256, int256)',
  'function fork(bytes32, address, address, int256, int256)',
  'function grab(bytes32, address, address, address, int256, int256)',
  'function fold(bytes32, address, int256)',
  'function file(bytes32, bytes32, uint256)',
  'function file(bytes32, uint256)',
  'function give(uint256, address)',
])

/** The note that a call leaves: four topics, and seven words of calldata as bytes. */
export function note(
  address: Hex,
  functionName: (typeof ABI)[number]['name'],
  args: readonly (bigint | Hex)[],
  atSec = 1_600_000_000,
): RawLog {
  const calldata = encodeFunctionData({ abi: ABI, functionName, args } as never) as Hex
  const selector = calldata.slice(0, 10).padEnd(66, '0') as Hex
  const words = calldata.slice(10).padEnd(6 * 64, '0')
  const indexed = [0, 1, 2].map((i): Hex => `0x${words.slice(i * 64, (i + 1) * 64)}`)
  return {
    block: block(1, 10_000_000, atSec),
    logIndex: 0,
    txIndex: 0,
    txHash: `0x${'11'.repeat(32)}`,
    address,
    topics: [selector, ...indexed],
    data: `0x${word(32)}${word(224)}${calldata.slice(2).padEnd(7 * 64, '0')}`,
  }
}

export const frob = (ilk: Hex, urn: Hex, dink: bigint, dart: bigint) =>
  note(VAT, 'frob', [ilk, urn, urn, urn, dink, dart])

/** What a spell and a poke do to an ilk: ratio, then price and the spot that follows. */
export function priced(ilk: Hex, valueWad: bigint, matRay: bigint): RawLog[] {
  const spot = (valueWad * 10n ** 9n * RAY) / matRay
  return [
    note(SPOTTER, 'file', [ilk, bytes32Of('mat'), matRay]),
    note(VAT, 'file', [ilk, bytes32Of('spot'), spot]),
    log(SPOTTER, 'Poke(bytes32,bytes32,uint256)', [], [ilk, valueWad, spot]),
  ]
}

export function createFold() {
  const state = createMemoryState()
  const context = createContext(ethereum)
  return { state, fold: (...logs: RawLog[]) => strictFold(logs, state, context) }
}
