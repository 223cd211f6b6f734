/**
 * The market directory during one attempt at a batch: what is committed, and on top what this batch discovered.
 * Nothing of the memory below it changes, so an attempt that fails leaves no trace.
 */
import type { Hex } from '../chains/types'
import type { MarketDirectory, MarketState } from '../protocols/types'
import type { Memory } from './memory'

export interface Discovery {
  market: MarketState
  emitters: ReadonlyArray<{ address: Hex; role: string }>
}

export interface WorkingDirectory extends MarketDirectory {
  /** Discoveries since the last call, in order. */
  takeDiscoveries(): Discovery[]
  /** Emitters of everything discovered. */
  newEmitters: ReadonlyMap<Hex, { marketId: string; role: string }>
}

/** A directory over the memory; discoveries stay in the overlay. */
export function createDirectory(memory: Memory): WorkingDirectory {
  const markets = new Map<string, MarketState>()
  const newEmitters = new Map<Hex, { marketId: string; role: string }>()
  let fresh: Discovery[] = []

  const get = (id: string): MarketState | undefined => markets.get(id) ?? memory.markets.get(id)?.value
  return {
    newEmitters,
    get,
    byEmitter(address) {
      const entry = newEmitters.get(address) ?? memory.emitters.get(address)
      const market = entry && get(entry.marketId)
      return entry && market && { market, role: entry.role }
    },
    add(market, emitters) {
      markets.set(market.id, market)
      for (const { address, role } of emitters) newEmitters.set(address, { marketId: market.id, role })
      fresh.push({ market, emitters })
    },
    takeDiscoveries() {
      const taken = fresh
      fresh = []
      return taken
    },
  }
}
