/** Follows a chain block by block through every decoder and fold, in memory, and reads Aave accounts from it. */
import { CHAINS } from '../../src/chains/registry'
import type { ChainSpec, Hex } from '../../src/chains/types'
import { oraclePrices } from '../../src/protocols/aave-v3/prices'
import type { AccountDataInput } from '../../src/protocols/aave-v3/risk'
import type { RiskInput } from '../../src/protocols/lending-risk'
import { createContext, createMemoryState, type FoldResult, foldLogs } from '../../src/protocols/memory-state'
import { PROTOCOLS_BY_TOPIC } from '../../src/protocols/registry'
import type { BlockRef } from '../../src/protocols/types'
import { blockLogs } from './chain-logs'

export function followChain(client: Parameters<typeof blockLogs>[0], chainName: string) {
  const chain = CHAINS[chainName]
  if (chain === undefined) throw new Error(`no chain ${chainName}`)
  return followSpec(client, chain)
}

/** The same for a chain that no registry lists. */
export function followSpec(client: Parameters<typeof blockLogs>[0], chain: ChainSpec) {
  const state = createMemoryState()
  const context = createContext(chain)
  let head: BlockRef | undefined
  const seen: FoldResult = { facts: [], undecodable: [] }

  return {
    chain,
    state,
    context,
    seen,
    /** Folds every block up to the height. */
    async advanceTo(height: number): Promise<void> {
      for (let next = (head?.height ?? -1) + 1; next <= height; next++) {
        const { block, logs } = await blockLogs(client, chain.id, next)
        const folded = foldLogs(logs, PROTOCOLS_BY_TOPIC, state, context)
        seen.facts.push(...folded.facts)
        seen.undecodable.push(...folded.undecodable)
        head = block
      }
    },
    /** Every account that ever held a position in the pool. */
    holders(pool: Hex): Hex[] {
      const held = [...state.positions.values()].filter((position) => position.pool === pool)
      return [...new Set(held.map(({ account }) => account))]
    },
    /** One account's part of the state, as a protocol's arithmetic is given it. */
    stateOf(account: Hex, pool: Hex): Omit<RiskInput, 'timestampSec'> {
      const markets = new Map([...state.markets].filter(([, market]) => market.pool === pool))
      const positions = [...state.positions.values()].filter(
        (position) => position.account === account && position.pool === pool,
      )
      return { markets, positions, price: (asset, source) => state.prices.get(`${asset}|protocol|${source}`) }
    },
    /** Input of the pure computation for one account at the head's time. */
    inputOf(account: Hex, pool: Hex): AccountDataInput {
      const markets = new Map([...state.markets].filter(([, market]) => market.pool === pool))
      const positions = [...state.positions.values()].filter(
        (position) => position.account === account && position.pool === pool,
      )
      const prices = oraclePrices(markets.values(), (asset, feed) =>
        state.prices.get(`${asset}|protocol|${feed}`),
      )
      return { revision: 1, positions, markets, prices, timestampSec: head?.timestampSec ?? 0 }
    },
  }
}
