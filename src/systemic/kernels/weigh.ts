/**
 * The memory that weigh.wat works in: rows of float64, and columns of weights by which some of them are added up.
 * WebAssembly has vectors of two float64, which JavaScript has not; the sums are the same to the bit.
 */
import { WEIGH_WASM } from './weigh-wasm'

const PAGE_BYTES = 65_536

/** What `weigh` returns, added up. */
export const SOME_BELOW = 1
export const SOME_NEAR = 2

export interface Weights {
  /** How many rows, and places in each: a multiple of 8. */
  rows: number
  width: number
  /** By weight: the row that it is for. */
  row: Int32Array
  /** As long as `row`, each with sums of its own. */
  columns: readonly Float64Array[]
}

export interface Weigher {
  /** Rows × width. */
  rows: Float64Array
  /** By column: the last sums, and how often the sum of a place was below 0 since this was filled. */
  sums: readonly Float64Array[]
  below: readonly Float64Array[]
  /** The column's weights from … to − 1, at least one, times their rows: says whether a sum is below 0, or within `near` of it. */
  weigh(column: number, from: number, to: number, near: number): number
}

type Weigh = (
  ...[rows, weights, count, bytes, out, below, near]: [number, number, number, number, number, number, number]
) => number

/** Node's types have no WebAssembly. */
declare const WebAssembly: {
  Memory: new (size: { initial: number }) => { buffer: ArrayBuffer }
  Module: new (bytes: Uint8Array) => object
  Instance: new (module: object, imports: object) => { exports: { weigh: Weigh } }
}

let compiled: object | undefined

/** A memory of its own for these weights. */
export function weigher({ rows, width, row, columns }: Weights): Weigher {
  const bytes = 8 * width
  const count = row.length
  const sumsAt = rows * bytes
  const belowAt = sumsAt + columns.length * bytes
  const weightsAt = belowAt + columns.length * bytes
  const addressesAt = weightsAt + columns.length * 8 * count
  const memory = new WebAssembly.Memory({ initial: Math.ceil((addressesAt + 4 * count) / PAGE_BYTES) })
  compiled ??= new WebAssembly.Module(Buffer.from(WEIGH_WASM, 'base64'))
  const { weigh } = new WebAssembly.Instance(compiled, { plimsoll: { memory } }).exports
  const numbers = (at: number, length: number) => new Float64Array(memory.buffer, at, length)
  new Int32Array(memory.buffer, addressesAt, count).set(row.map((one) => one * bytes))
  columns.forEach((column, c) => {
    numbers(weightsAt + c * 8 * count, count).set(column)
  })
  return {
    rows: numbers(0, rows * width),
    sums: columns.map((_, c) => numbers(sumsAt + c * bytes, width)),
    below: columns.map((_, c) => numbers(belowAt + c * bytes, width)),
    weigh: (column, from, to, near) =>
      weigh(
        addressesAt + 4 * from,
        weightsAt + 8 * (column * count + from),
        to - from,
        bytes,
        sumsAt + column * bytes,
        belowAt + column * bytes,
        near,
      ),
  }
}
