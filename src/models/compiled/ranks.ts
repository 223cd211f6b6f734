/**
 * Which thresholds of its column a number lies above, as one whole number: its rank. A split then compares two small
 * integers, and a subtraction's sign bit says which side a row goes to, without a branch that a processor could guess
 * wrong. Exact: x <= cut[r] if and only if rank(x) <= r, where rank(x) counts the cuts below x. Pure.
 *
 * The search compares float32 numbers by their bits, which order as integers once those of negative numbers are flipped.
 * Halved, so that no difference of two overflows; cuts that halving cannot tell from x are looked at one by one after.
 */

/** Where missing values take the split's true side they read the first of their column's two codes, else the second. */
const BELOW_ALL = -1
export const ABOVE_ALL = 2 ** 20

const LARGEST_KEY = 0x7fffffff
const INFINITY_BITS = 0x7f800000
const NEGATIVE_ZERO_BITS = -0x80000000

export interface Ranks {
  /** Rank of a cut among those of its column. */
  rankOfCut(column: number, cut: number): number
  /** Codes of the `rowCount` rows from `firstRow` on, two a column, into `codes` from its beginning. */
  encode(rows: Float32Array, options: { firstRow: number; rowCount: number; codes: Int32Array }): void
}

/** @param cuts thresholds of each column, float32 numbers in any order, at most 2^20 - 1 a column */
export function createRanks(cuts: readonly (readonly number[])[]): Ranks {
  const columns = cuts.map((own) => [...new Set(own.map((cut) => cut + 0))].sort((a, b) => a - b))
  const sizes = columns.map((own) => 2 ** Math.ceil(Math.log2(own.length + 1)))
  const starts = Int32Array.from(columns, (_, c) => sizes.slice(0, c).reduce((sum, size) => sum + size, 0))
  const firstSteps = Int32Array.from(sizes, (size) => size >> 1)
  const keys = new Int32Array(sizes.reduce((sum, size) => sum + size, 0)).fill(LARGEST_KEY)
  columns.forEach((own, c) => {
    keys.set(keysOf(Float32Array.from(own)), starts[c]!)
  })
  const halves = keys.map((key) => key >> 1)
  return {
    rankOfCut: (column, cut) => columns[column]!.indexOf(cut + 0),
    encode: (rows, options) => encode({ starts, firstSteps, keys, halves }, rows, options),
  }
}

function keysOf(numbers: Float32Array): Int32Array {
  return new Int32Array(numbers.buffer).map(keyOf)
}

/** Orders as the numbers do whose bits they are; both zeros are one. */
function keyOf(bits: number): number {
  return bits === NEGATIVE_ZERO_BITS ? 0 : bits ^ ((bits >> 31) & LARGEST_KEY)
}

interface Tables {
  starts: Int32Array
  firstSteps: Int32Array
  keys: Int32Array
  halves: Int32Array
}

function encode(
  { starts, firstSteps, keys, halves }: Tables,
  rows: Float32Array,
  { firstRow, rowCount, codes }: { firstRow: number; rowCount: number; codes: Int32Array },
): void {
  const width = starts.length
  const bitsOf = new Int32Array(rows.buffer, rows.byteOffset, rows.length)
  let at = firstRow * width
  let to = 0
  for (let row = 0; row < rowCount; row++) {
    for (let column = 0; column < width; column++, at++, to += 2) {
      const bits = bitsOf[at]!
      if ((bits & LARGEST_KEY) > INFINITY_BITS) {
        codes[to] = BELOW_ALL
        codes[to + 1] = ABOVE_ALL
        continue
      }
      const key = keyOf(bits)
      const half = key >> 1
      const start = starts[column]!
      let place = start
      for (let step = firstSteps[column]!; step > 0; step >>= 1) {
        place += step & ((halves[place + step - 1]! - half) >> 31)
      }
      while (keys[place]! < key) place++
      codes[to] = place - start
      codes[to + 1] = place - start
    }
  }
}
