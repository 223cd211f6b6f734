/** Which deployment an emitter belongs to, and what an ilk takes as collateral: only what the chain file lists. */
import type { Hex, WatchedContract } from '../../chains/types'
import { seenFromBirth } from '../trust'
import type { DecodeContext, Decoded, Fact, LogRef, RawLog } from '../types'
import type { IlkSeed, MakerEvent, NewEvent } from './events'

/** The vat that a listed contract of Maker's belongs to: itself, or the one it links to. */
export function vatOf(log: RawLog, context: DecodeContext, role: string): WatchedContract | undefined {
  const entry = context.listed(log.address)
  if (entry?.protocol !== 'maker' || entry.role !== role) return undefined
  if (role === 'vat') return entry
  const vat = entry.links?.vat && context.listed(entry.links.vat)
  return vat && vat.protocol === 'maker' && vat.role === 'vat' ? vat : undefined
}

/** The seed of an ilk; undefined for a vat whose DAI is not listed. */
export function seedOf(vat: WatchedContract, ilk: Hex, context: DecodeContext): IlkSeed | undefined {
  const dai = vat.links?.dai
  if (dai === undefined) return undefined
  const join = context.chain.contracts.find(
    ({ protocol, role, links }) => protocol === 'maker' && role === 'gemJoin' && links?.ilk === ilk,
  )
  const gem = join?.links?.gem
  const decimals = (gem && context.token(gem)?.decimals) ?? null
  return {
    poolId: `${context.chain.id}:${ilk}`,
    ilk,
    gem: gem ?? vat.address,
    dai,
    vat: vat.address,
    vatId: `${context.chain.id}:${vat.address}`,
    decimals,
    complete: decimals !== null && decimals <= 18 && seenFromBirth(vat, context),
  }
}

/** One event for the fold, and the facts given. */
export function emit(log: RawLog, event: NewEvent, facts: Fact[] = []): Decoded {
  const ref: LogRef = { block: log.block, logIndex: log.logIndex, txHash: log.txHash }
  return { facts, events: [{ protocol: 'maker', ref, ...event } as MakerEvent] }
}
