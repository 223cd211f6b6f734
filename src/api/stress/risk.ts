/** The standing risk at a block: computed once a block, shared by all who ask, and for the newest at most every ten seconds. */
import type { Pool } from '../../db/pool'
import type { AsOfChains } from '../../systemic/book'
import type { SystemicRisk } from '../../systemic/systemic-risk'
import { readAsOf } from './heads'
import type { ChainBlock } from './request'
import type { Thread } from './thread'

export interface RiskDesk {
  /** @param block absent: the newest of every chain, or the one before it while it is fresh */
  ask(block?: readonly ChainBlock[] | null): Promise<SystemicRisk>
}

/** A chain's newest block changes faster than its risk: this long an answer stands for the newest. */
const FRESH_MS = 10_000
const MAX_REMEMBERED = 16

interface Entry {
  atMs: number
  promise: Promise<SystemicRisk>
}

export function openRisk(pool: Pool, thread: Thread): RiskDesk {
  const known = new Map<string, Entry>()
  let newest: Entry | undefined

  function entryAt(asOf: AsOfChains): Entry {
    const key = JSON.stringify(Object.entries(asOf).map(([chainId, { hash }]) => [chainId, hash]))
    const found = known.get(key)
    if (found !== undefined) return found
    const entry = { atMs: Date.now(), promise: thread.ask({ kind: 'risk', asOf }) }
    // A failure is nobody's answer the next time.
    entry.promise.catch(() => {
      known.delete(key)
      if (newest === entry) newest = undefined
    })
    if (known.size >= MAX_REMEMBERED) known.delete(known.keys().next().value!)
    known.set(key, entry)
    return entry
  }

  return {
    async ask(block) {
      if (block) return entryAt(await readAsOf(pool, block)).promise
      if (newest === undefined || Date.now() - newest.atMs > FRESH_MS)
        newest = entryAt(await readAsOf(pool, null))
      return newest.promise
    },
  }
}
