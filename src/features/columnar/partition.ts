/**
 * Rows of one side laid out by groups of neighbouring accounts, block order kept within a group. A pass over one group
 * then touches a megabyte of accumulators instead of all of them, which is most of the difference between waiting for
 * memory at every row and not (radix partitioning: Manegold, Boncz, Kersten, "Optimizing main-memory join on modern
 * hardware", TKDE 14(4), 2002).
 */
import { FOR_RECIPIENT, FOR_SENDER } from './places'
import type { TransferColumns } from './transfers'

/** Accounts of a group: 2¹⁴ records of 64 bytes are a megabyte. */
export const GROUP_BITS = 14
/** Words of a row: account, counterparty, three words of value, time. */
export const ROW_WORDS = 6

export interface Partition {
  /** `ROW_WORDS` words a row. */
  words: Uint32Array
  /** First row of each group, and one past the last. */
  starts: Int32Array
}

/** @param counts bits of src/features/columnar/places.ts; rows that do not count for the side are left out */
export function partitionSide(
  columns: TransferColumns,
  { side, counts, accounts }: { side: 'sent' | 'received'; counts: Uint8Array; accounts: number },
): Partition {
  const { from, to, word0, word1, word2, timeSec, count: rows } = columns
  const bit = side === 'sent' ? FOR_SENDER : FOR_RECIPIENT
  const own = side === 'sent' ? from : to
  const other = side === 'sent' ? to : from
  const starts = groupStarts(own, { counts, bit, rows, groups: Math.ceil(accounts / 2 ** GROUP_BITS) })
  const cursors = starts.slice()
  const words = new Uint32Array(starts.at(-1)! * ROW_WORDS)
  for (let row = 0; row < rows; row++) {
    if ((counts[row]! & bit) === 0) continue
    const account = own[row]!
    const group = account >>> GROUP_BITS
    const place = cursors[group]!
    cursors[group] = place + 1
    const at = place * ROW_WORDS
    words[at] = account
    words[at + 1] = other[row]!
    words[at + 2] = word0[row]!
    words[at + 3] = word1[row]!
    words[at + 4] = word2[row]!
    words[at + 5] = timeSec[row]!
  }
  return { words, starts }
}

function groupStarts(
  own: Int32Array,
  { counts, bit, rows, groups }: { counts: Uint8Array; bit: number; rows: number; groups: number },
): Int32Array {
  const starts = new Int32Array(groups + 1)
  for (let row = 0; row < rows; row++) {
    if ((counts[row]! & bit) === 0) continue
    const after = (own[row]! >>> GROUP_BITS) + 1
    starts[after] = starts[after]! + 1
  }
  for (let group = 0; group < groups; group++) starts[group + 1] = starts[group + 1]! + starts[group]!
  return starts
}
