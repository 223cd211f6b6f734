/**
 * The memory that weigh.wat works in: a tile's prices asset by asset, what it makes of them, and amounts to weigh by them.
 * WebAssembly has vectors of two float64, which JavaScript has not; the sums are the same to the bit.
 */
import { WEIGH_WASM } from './weigh-wasm'

/** Scenarios in a row. weigh.wat has the same. */
export const TILE_SCENARIOS = 128

const ROW_BYTES = 8 * TILE_SCENARIOS
const PAGE_BYTES = 65_536

/** What weigh() returns, added up. */
export const SOME_BELOW = 1
export const SOME_NEAR = 2

/** An amount is a number of an asset: as limit and seizable in dollars for each of its price. */
export interface Amounts {
  asset: Int32Array
  limit: Float64Array
  seizable: Float64Array
}

export interface Scales extends Amounts {
  /** Assets × tile. */
  prices: Float64Array
  /** Of the amounts weighed last, and how often a limit was below 0 since it was filled: rows of the tile. */
  net: Float64Array
  fetched: Float64Array
  below: Float64Array
  /** Amounts from … to − 1, at least one, into net: counts what is below 0, and says whether any is, or is near it. */
  weighLimit(from: number, to: number, near: number): number
  /** The same into fetched, not counted. */
  weighSeizable(from: number, to: number): number
}

type Weigh = (
  ...[rows, weights, count, out, below, near]: [number, number, number, number, number, number]
) => number

/** Node's types have no WebAssembly. */
declare const WebAssembly: {
  Memory: new (size: { initial: number }) => { buffer: ArrayBuffer }
  Module: new (bytes: Uint8Array) => object
  Instance: new (module: object, imports: object) => { exports: { weigh: Weigh } }
}

let compiled: object | undefined

/** A memory of its own for these amounts and the rows of so many assets. */
export function scalesFor(amounts: Amounts, assets: number): Scales {
  const count = amounts.asset.length
  const place = placeFor(assets, count)
  const memory = new WebAssembly.Memory({ initial: Math.ceil(place.end / PAGE_BYTES) })
  compiled ??= new WebAssembly.Module(Buffer.from(WEIGH_WASM, 'base64'))
  const { weigh } = new WebAssembly.Instance(compiled, { plimsoll: { memory } }).exports
  const numbers = (at: number, length: number) => new Float64Array(memory.buffer, at, length)
  new Int32Array(memory.buffer, place.rows, count).set(amounts.asset.map((asset) => asset * ROW_BYTES))
  const [limit, seizable] = [numbers(place.limit, count), numbers(place.seizable, count)]
  limit.set(amounts.limit)
  seizable.set(amounts.seizable)
  const { rows, net, fetched, below, spare } = place
  return {
    ...{ asset: amounts.asset, limit, seizable },
    prices: numbers(0, assets * TILE_SCENARIOS),
    net: numbers(net, TILE_SCENARIOS),
    fetched: numbers(fetched, TILE_SCENARIOS),
    below: numbers(below, TILE_SCENARIOS),
    weighLimit: (from, to, near) =>
      weigh(rows + 4 * from, place.limit + 8 * from, to - from, net, below, near),
    weighSeizable: (from, to) =>
      weigh(rows + 4 * from, place.seizable + 8 * from, to - from, fetched, spare, 0),
  }
}

/** Addresses: prices, four rows, weights, and addresses of price rows. */
function placeFor(assets: number, amounts: number) {
  const net = assets * ROW_BYTES
  const limit = net + 4 * ROW_BYTES
  const seizable = limit + 8 * amounts
  const rows = seizable + 8 * amounts
  return {
    ...{ net, fetched: net + ROW_BYTES, below: net + 2 * ROW_BYTES, spare: net + 3 * ROW_BYTES },
    ...{ limit, seizable, rows, end: rows + 4 * amounts },
  }
}
