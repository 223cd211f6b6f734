/**
 * The market directory during one attempt at a batch: what is committed, and on top what this batch discovered.
 * Nothing of the memory below it changes, so an attempt that fails leaves no trace.
 */
import type { Hex } from '../chains/types'
import type { MarketDirectory, MarketState, RawLog } from '../protocols/types'
import type { Memory } from './memory'

export interface Discovery {
  market: MarketState
  emitters: ReadonlyArray<{ address: Hex; role: string }>
}

/** A market as a log announced it, or announced something new about it. */
export interface Announcement {
  market: MarketState
  height: number
  logIndex: number
}

/** Markets discovered ahead of their turn. */
export interface Foreseen {
  byEmitter: ReadonlyMap<Hex, Announcement & { role: string }>
  /** Announcements of each market, in order. */
  byId: ReadonlyMap<string, readonly Announcement[]>
}

export interface WorkingDirectory extends MarketDirectory {
  /** The log that is being decoded: what is announced later is not known yet. */
  at(log: RawLog): void
  /** Discoveries since the last call, in order. */
  takeDiscoveries(): Discovery[]
  /** Emitters of everything discovered. */
  newEmitters: ReadonlyMap<Hex, { marketId: string; role: string }>
}

/** A directory over the memory; discoveries stay in the overlay. */
export function createDirectory(memory: Memory, foreseen?: Foreseen): WorkingDirectory {
  const markets = new Map<string, MarketState>()
  const newEmitters = new Map<Hex, { marketId: string; role: string }>()
  let fresh: Discovery[] = []
  let now = { height: 0, logIndex: 0 }

  const isPast = (at: Announcement): boolean =>
    at.height < now.height || (at.height === now.height && at.logIndex < now.logIndex)

  function get(id: string): MarketState | undefined {
    const own = markets.get(id)
    if (own !== undefined) return own
    const ahead = foreseen?.byId.get(id)?.findLast(isPast)
    return ahead?.market ?? memory.markets.get(id)?.value
  }

  return {
    newEmitters,
    get,
    at(log) {
      now = { height: log.block.height, logIndex: log.logIndex }
    },
    byEmitter(address) {
      const entry = newEmitters.get(address) ?? memory.emitters.get(address)
      const market = entry && get(entry.marketId)
      if (entry && market) return { market, role: entry.role }
      const ahead = foreseen?.byEmitter.get(address)
      const announced = ahead && isPast(ahead) ? get(ahead.market.id) : undefined
      return ahead && announced && { market: announced, role: ahead.role }
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
