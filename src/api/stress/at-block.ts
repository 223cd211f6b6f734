/** What is computed from the state of a block alone: once a block, shared by all who ask, and for the newest block at most every ten seconds. */
import type { Pool } from '../../db/pool'
import type { AsOfChains } from '../../systemic/book'
import { readAsOf } from './heads'
import type { Answers, Job } from './messages'
import type { ChainBlock } from './request'
import type { Thread } from './thread'

type Kind = 'risk' | 'exposure'

/** A job without its blocks. */
export type Asked<K extends Kind> = Omit<Job & { kind: K }, 'asOf'> & { kind: K }

export interface BlockDesk {
  /** @param block absent: the newest of every chain, or the one before it while it is fresh */
  ask<K extends Kind>(asked: Asked<K>, block?: readonly ChainBlock[] | null): Promise<Answers[K]>
}

/** A chain's newest block changes faster than its risk: this long an answer stands for the newest. */
const FRESH_MS = 10_000
const MAX_REMEMBERED = 16

interface Entry {
  atMs: number
  promise: Promise<Answers[Kind]>
}

export function openBlockDesk(pool: Pool, thread: Thread): BlockDesk {
  const known = new Map<string, Entry>()
  const newest = new Map<string, Entry>()

  function entryAt(asked: Asked<Kind>, asOf: AsOfChains): Entry {
    const key = JSON.stringify([asked, Object.entries(asOf).map(([chainId, { hash }]) => [chainId, hash])])
    const found = known.get(key)
    if (found !== undefined) return found
    const promise: Promise<Answers[Kind]> = thread.ask({ ...asked, asOf } as Job & { kind: Kind })
    const entry = { atMs: Date.now(), promise }
    // A failure is nobody's answer the next time.
    promise.catch(() => {
      known.delete(key)
      for (const [what, one] of newest) if (one === entry) newest.delete(what)
    })
    remember(known, key, entry)
    return entry
  }

  return {
    async ask<K extends Kind>(asked: Asked<K>, block?: readonly ChainBlock[] | null) {
      if (block) return entryAt(asked, await readAsOf(pool, block)).promise as Promise<Answers[K]>
      const what = JSON.stringify(asked)
      let entry = newest.get(what)
      if (entry === undefined || Date.now() - entry.atMs > FRESH_MS) {
        entry = entryAt(asked, await readAsOf(pool, null))
        remember(newest, what, entry)
      }
      return entry.promise as Promise<Answers[K]>
    },
  }
}

function remember(entries: Map<string, Entry>, key: string, entry: Entry): void {
  entries.delete(key)
  if (entries.size >= MAX_REMEMBERED) entries.delete(entries.keys().next().value!)
  entries.set(key, entry)
}
