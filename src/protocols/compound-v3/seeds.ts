/** Which comet a log speaks for. Comets and their configurators are believed when the chain file lists them. */
import type { Hex, WatchedContract } from '../../chains/types'
import { listedAs, seenFromBirth } from '../trust'
import type { DecodeContext, Decoded, Fact, LogRef, RawLog } from '../types'
import type { CometSeed, CompoundV3Event, NewEvent } from './events'

/** The comet that emitted the log. */
export function cometOf(log: RawLog, context: DecodeContext): CometSeed | undefined {
  const entry = listedAs(log, context, 'compound-v3', 'comet')
  return entry && seedOf(entry, context)
}

/** The comet that a configurator's event is about, when it is that configurator's. */
export function configuredComet(log: RawLog, comet: Hex, context: DecodeContext): CometSeed | undefined {
  if (listedAs(log, context, 'compound-v3', 'configurator') === undefined) return undefined
  const entry = context.listed(comet)
  const ours = entry?.protocol === 'compound-v3' && entry.role === 'comet'
  return ours && entry.links?.configurator === log.address ? seedOf(entry, context) : undefined
}

function seedOf(entry: WatchedContract, context: DecodeContext): CometSeed | undefined {
  const base = entry.links?.base
  if (base === undefined) return undefined
  const poolId = `${context.chain.id}:${entry.address}`
  const quote = entry.links?.quote ?? null
  return { poolId, pool: entry.address, base, quote, complete: seenFromBirth(entry, context) }
}

/** One event for the fold, and the facts given. */
export function emit(log: RawLog, event: NewEvent, facts: Fact[] = []): Decoded {
  const ref: LogRef = { block: log.block, logIndex: log.logIndex, txHash: log.txHash }
  return { facts, events: [{ protocol: 'compound-v3', ref, ...event } as CompoundV3Event] }
}
