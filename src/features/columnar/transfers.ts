/**
 * Native-coin transfers as columns of plain numbers: what the columnar halves of feature groups read. Accounts are codes
 * of a dictionary, so a row is a few machine words, and no object exists for it.
 *
 * Wei exceed 2⁵³, so a value is three words of 32 bits: value = word2 · 2⁶⁴ + word1 · 2³² + word0, below 2⁹⁶ (7.9e28 wei;
 * all ether that exists is some 1.2e26). Sums of words are exact in doubles as long as fewer than 2²¹ rows are added up.
 */

/** Parallel columns in block order, the order of transactions within a block kept. */
export interface TransferColumns {
  count: number
  /** Code of the sender. */
  from: Int32Array
  /** Code of the recipient; CREATED where the transaction created a contract. */
  to: Int32Array
  word0: Uint32Array
  word1: Uint32Array
  word2: Uint32Array
  /** Seconds since the epoch. */
  timeSec: Uint32Array
}

/** Recipient code of a transaction without one. */
export const CREATED = -1

const WORD_BITS = 32n
const WORD_MASK = 0xffff_ffffn
const VALUE_LIMIT = 1n << 96n

/** Empty columns for so many rows. */
export function transferColumns(
  count: number,
  buffer: (bytes: number) => ArrayBufferLike = plain,
): TransferColumns {
  const int32 = () => new Int32Array(buffer(count * 4)) as Int32Array<ArrayBuffer>
  const uint32 = () => new Uint32Array(buffer(count * 4)) as Uint32Array<ArrayBuffer>
  return {
    count,
    from: int32(),
    to: int32(),
    word0: uint32(),
    word1: uint32(),
    word2: uint32(),
    timeSec: uint32(),
  }
}

/** One row, as a reader has it. */
export interface TransferRow {
  from: number
  to: number
  valueWei: bigint
  timeSec: number
}

/** Writes one row. @throws RangeError when the value does not fit 96 bits */
export function setTransfer(
  columns: TransferColumns,
  row: number,
  { from, to, valueWei, timeSec }: TransferRow,
): void {
  if (valueWei < 0n || valueWei >= VALUE_LIMIT)
    throw new RangeError(`a value of ${valueWei} wei is outside 0 to 2^96`)
  columns.from[row] = from
  columns.to[row] = to
  columns.word0[row] = Number(valueWei & WORD_MASK)
  columns.word1[row] = Number((valueWei >> WORD_BITS) & WORD_MASK)
  columns.word2[row] = Number(valueWei >> (2n * WORD_BITS))
  columns.timeSec[row] = timeSec
}

function plain(bytes: number): ArrayBuffer {
  return new ArrayBuffer(bytes)
}
