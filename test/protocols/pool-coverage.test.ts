/** Pools announced before our coverage: known, so that their swaps are verified, but not whole. */
import { describe, expect, it } from 'vitest'
import { CHAINS } from '../../src/chains/registry'
import type { Hex } from '../../src/chains/types'
import {
  createContext,
  createMemoryDirectory,
  createMemoryState,
  foldLogs,
} from '../../src/protocols/memory-state'
import { PROTOCOLS_BY_TOPIC } from '../../src/protocols/registry'
import type { RawLog } from '../../src/protocols/types'
import { block, log } from '../support/logs'

const ethereum = CHAINS.ethereum!
const factory = (protocol: string) =>
  ethereum.contracts.find((contract) => contract.protocol === protocol && contract.role === 'factory')!
    .address
const [usdc, weth] = ['USDC', 'WETH'].map(
  (symbol) => ethereum.tokens.find((t) => t.symbol === symbol)!.address,
)
const [pair, pool]: [Hex, Hex] = [`0x${'9a'.repeat(20)}`, `0x${'f0'.repeat(20)}`]
const COVERED_FROM = 100

const announcedAt = (height: number): RawLog[] => {
  const at = { block: block(1, height) }
  return [
    log(
      factory('uniswap-v2'),
      'PairCreated(address,address,address,uint256)',
      [usdc!, weth!],
      [pair, 1n],
      at,
    ),
    log(
      factory('uniswap-v3'),
      'PoolCreated(address,address,uint24,int24,address)',
      [usdc!, weth!, 500n],
      [10n, pool],
      at,
    ),
  ]
}
const later = { block: block(1, 150) }
const sync = log(pair, 'Sync(uint112,uint112)', [], [5n, 7n], later)
const swap = log(
  pool,
  'Swap(address,address,int256,int256,uint160,uint128,int24)',
  [pair, pair],
  [5n, 0n, 2n ** 96n, 42n, 0n],
  later,
)

function fold(...logs: RawLog[]) {
  const state = createMemoryState()
  const context = createContext(ethereum, createMemoryDirectory(), () => COVERED_FROM)
  const { facts } = foldLogs(logs, PROTOCOLS_BY_TOPIC, state, context)
  const complete = () => [pair, pool].map((address) => state.market(`1:${address}`)?.complete)
  return { facts, complete: complete() }
}

describe('a pool whose announcement is older than what was covered', () => {
  it('is incomplete, one announced within coverage is not', () => {
    expect(fold(...announcedAt(COVERED_FROM - 1)).complete).toEqual([false, false])
    expect(fold(...announcedAt(COVERED_FROM)).complete).toEqual([true, true])
  })

  it('becomes complete when all its state is told at once: a pair by a Sync, a pool with ticks never', () => {
    const { facts, complete } = fold(...announcedAt(COVERED_FROM - 1), sync, swap)
    expect(complete).toEqual([true, false])
    expect(facts).toMatchObject([{ table: 'swap', verified: true }])
  })
})
