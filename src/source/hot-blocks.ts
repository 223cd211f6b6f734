/**
 * What is known of the newest blocks: for each height the hash and header that were announced or served, and answers
 * that were fetched as soon as the head was known, because the processor is about to ask for them.
 */

import type { Header } from './headers'
import type { Head } from './heads'

export interface Slot {
  hash: string
  header: Header
  /** Text of results by question, such as `receipts`. Rejected ones are asked for again. */
  answers: Map<string, Promise<string>>
}

export interface HotBlocks {
  at(height: number): Slot | undefined
  /** Takes a header as the block at its height; what contradicts it is forgotten. */
  put(header: Header): Slot
  onHead(head: Head): Slot
  clear(): void
}

/** Deeper than any reorg that the hot tail is asked about. */
const MAX_SLOTS = 512

export function hotBlocks(): HotBlocks {
  const slots = new Map<number, Slot>()

  function put(header: Header): Slot {
    const { height, hash, parentHash } = header.ref
    const known = slots.get(height)
    if (known?.hash === hash) return known
    const parent = slots.get(height - 1)
    if (parent && parent.hash !== parentHash) {
      for (const other of [...slots.keys()]) if (other < height) slots.delete(other)
    }
    // Whatever was built on another block at this height is orphaned.
    if (known) for (const other of [...slots.keys()]) if (other >= height) slots.delete(other)
    const slot: Slot = { hash, header, answers: new Map() }
    slots.set(height, slot)
    if (slots.size > MAX_SLOTS) {
      const oldest = Math.min(...slots.keys())
      slots.delete(oldest)
    }
    return slot
  }

  return {
    at: (height) => slots.get(height),
    put,
    onHead({ header }) {
      for (const height of [...slots.keys()]) if (height > header.ref.height) slots.delete(height)
      return put(header)
    },
    clear: () => slots.clear(),
  }
}
