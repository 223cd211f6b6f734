/** Whom a decoder believes: emitters that the chain file lists, or that a listed factory announced. */
import type { Hex, WatchedContract } from '../chains/types'
import type { DecodeContext, Decoded, RawLog } from './types'

/** What a decoder returns for a log that says nothing it records. */
export const NOTHING: Decoded = { facts: [], events: [] }

/** Whether the chain file or a listed factory vouches for the address at all. */
export function vouchedFor(address: Hex, context: DecodeContext): boolean {
  return (
    context.token(address) !== undefined ||
    context.listed(address) !== undefined ||
    context.feed(address) !== undefined ||
    context.markets.byEmitter(address) !== undefined
  )
}

/** The chain file's entry when it lists this emitter in this role of this protocol. */
export function listedAs(
  log: RawLog,
  context: DecodeContext,
  protocol: string,
  role: string,
): WatchedContract | undefined {
  const entry = context.listed(log.address)
  return entry?.protocol === protocol && entry.role === role ? entry : undefined
}

/** Whether everything since the contract's deployment has been or will be seen. */
export function seenFromBirth(contract: WatchedContract, context: DecodeContext): boolean {
  return contract.deployedAtBlock >= context.coverageFrom(contract.protocol)
}
