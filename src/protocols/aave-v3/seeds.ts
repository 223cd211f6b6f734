/** Which market an emitter speaks for, and what a fold needs to create it. */
import type { Hex, WatchedContract } from '../../chains/types'
import { listedAs, seenFromBirth } from '../trust'
import type { DecodeContext, Decoded, LogRef, RawLog } from '../types'
import type { AaveEvent, AaveProtocol, MarketSeed } from './events'
import { rulesOf } from './rules'

type Without<T> = T extends unknown ? Omit<T, 'protocol' | 'ref'> : never

/** The listed pool that a listed configurator, oracle or addresses provider belongs to. */
export function poolOf(
  log: RawLog,
  context: DecodeContext,
  protocol: AaveProtocol,
  role: string,
): WatchedContract | undefined {
  const pool = listedAs(log, context, protocol, role)?.links?.pool
  return pool && listedPool(pool, context, protocol)
}

/** The chain file's entry of a pool of this protocol. */
export function listedPool(
  address: Hex,
  context: DecodeContext,
  protocol: AaveProtocol,
): WatchedContract | undefined {
  const entry = context.listed(address)
  return entry?.protocol === protocol && entry.role === 'pool' ? entry : undefined
}

/** The contract that the chain file links to a pool in a role, such as its configurator or its oracle. */
export function linkedTo(
  pool: WatchedContract,
  context: DecodeContext,
  role: string,
): WatchedContract | undefined {
  return context.chain.contracts.find((entry) => entry.role === role && entry.links?.pool === pool.address)
}

/** The reserve of an asset in a listed pool. */
export function seedOf(pool: WatchedContract, asset: Hex, context: DecodeContext): MarketSeed {
  const seed = poolSeed(pool, context)
  return { ...seed, id: `${seed.id}:${asset}`, asset, decimals: context.token(asset)?.decimals ?? null }
}

/** The pool itself as a market: it carries e-mode categories, and positions in it the users' choice of one. */
export function poolSeed(pool: WatchedContract, context: DecodeContext): MarketSeed {
  const revision = pool.revision ?? 0
  const protocol = pool.protocol as AaveProtocol
  const complete = seenFromBirth(pool, context) && rulesOf(revision, protocol) !== undefined
  const id = `${context.chain.id}:${pool.address}`
  const base = pool.links?.base ?? null
  return { id, protocol, pool: pool.address, asset: pool.address, revision, decimals: 0, base, complete }
}

/** One event for the fold, and no fact. */
export function emit(log: RawLog, event: Without<AaveEvent>): Decoded {
  const ref: LogRef = { block: log.block, logIndex: log.logIndex, txHash: log.txHash }
  return { facts: [], events: [{ protocol: event.market.protocol, ref, ...event } as AaveEvent] }
}

/** New fields of the pool's own row; nothing for a pool whose positions are incomplete anyway. */
export function poolChanged(
  log: RawLog,
  context: DecodeContext,
  pool: WatchedContract | undefined,
  changes: Record<string, string | number | boolean | null>,
): Decoded {
  const market = pool && poolSeed(pool, context)
  return market?.complete ? emit(log, { name: 'configured', market, changes }) : { facts: [], events: [] }
}
