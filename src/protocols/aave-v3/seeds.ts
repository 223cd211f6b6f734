/** Which market an emitter speaks for, and what a fold needs to create it. */
import type { Hex, WatchedContract } from '../../chains/types'
import { listedAs, seenFromBirth } from '../trust'
import type { DecodeContext, Decoded, LogRef, RawLog } from '../types'
import type { AaveEvent, MarketSeed } from './events'
import { rulesOf } from './rules'

type Without<T> = T extends unknown ? Omit<T, 'protocol' | 'ref'> : never

/** The listed pool that a listed configurator or oracle belongs to. */
export function poolOf(log: RawLog, context: DecodeContext, role: string): WatchedContract | undefined {
  const pool = listedAs(log, context, 'aave-v3', role)?.links?.pool
  const entry = pool && context.listed(pool)
  return entry && entry.protocol === 'aave-v3' && entry.role === 'pool' ? entry : undefined
}

/** The reserve of an asset in a listed pool. */
export function seedOf(pool: WatchedContract, asset: Hex, context: DecodeContext): MarketSeed {
  const decimals = context.token(asset)?.decimals ?? null
  const seed = poolSeed(pool, context)
  return { ...seed, id: `${seed.id}:${asset}`, asset, decimals, complete: seed.complete && decimals !== null }
}

/** The pool itself as a market: it carries e-mode categories, and positions in it the users' choice of one. */
export function poolSeed(pool: WatchedContract, context: DecodeContext): MarketSeed {
  const revision = pool.revision ?? 0
  const complete = seenFromBirth(pool, context) && rulesOf(revision) !== undefined
  const id = `${context.chain.id}:${pool.address}`
  return { id, pool: pool.address, asset: pool.address, revision, decimals: 0, complete }
}

/** One event for the fold, and no fact. */
export function emit(log: RawLog, event: Without<AaveEvent>): Decoded {
  const ref: LogRef = { block: log.block, logIndex: log.logIndex, txHash: log.txHash }
  return { facts: [], events: [{ protocol: 'aave-v3', ref, ...event } as AaveEvent] }
}
