/** What the processor hands to the handler: a block with the logs and transactions that were asked for. */
import type { BlockRef, RawLog, RawTransaction } from '../protocols/types'

export interface SourceBlock {
  ref: BlockRef
  /** In log order. */
  logs: readonly RawLog[]
  /** In transaction order. */
  transactions: readonly RawTransaction[]
}

/** Inclusive heights. */
export interface BlockRange {
  from: number
  /** Endless when undefined. */
  to: number | undefined
}
