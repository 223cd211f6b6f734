/**
 * Strict reading of a log's topics and data words.
 *
 * Most events consist of static words, so a decoder states the shape it needs (topics, words) and slices. What does
 * not fit its ABI type (dirty upper bytes of an address, a bool that is neither 0 nor 1, an integer beyond its
 * width) is refused with `UndecodableLog`: it was not written by the contract the topic0 promises.
 */
import { keccak256, stringToBytes } from 'viem/utils'
import type { Hex } from '../chains/types'
import { type RawLog, UndecodableLog } from './types'

/** topic0 of an event: keccak-256 of its canonical signature. */
export function topicOf(signature: string): Hex {
  return keccak256(stringToBytes(signature))
}

/** First four bytes of the keccak-256 of a function's canonical signature. */
export function selectorOf(signature: string): Hex {
  return topicOf(signature).slice(0, 10) as Hex
}

/** Number of whole 32-byte words in the data. */
export function wordCount(log: RawLog): number {
  return Math.floor((log.data.length - 2) / 64)
}

/** True when the log has exactly this many topics (topic0 included) and at least this many data words. */
export function hasShape(log: RawLog, topics: number, words: number): boolean {
  return log.topics.length === topics && wordCount(log) >= words
}

/** Throws UndecodableLog unless `hasShape`. */
export function expectShape(log: RawLog, name: string, topics: number, words: number): void {
  if (log.topics.length !== topics) {
    throw new UndecodableLog(`${name}: expected ${topics} topics, found ${log.topics.length}`)
  }
  if (wordCount(log) < words) {
    const bytes = Math.floor((log.data.length - 2) / 2)
    throw new UndecodableLog(`${name}: expected ${words * 32} bytes of data, found ${bytes}`)
  }
}

/** Indexed address; index 1 is the first indexed argument. */
export function topicAddress(log: RawLog, index: number): Hex {
  return asAddress(wholeTopic(log, index))
}

/** Indexed unsigned integer of the given width. */
export function topicUint(log: RawLog, index: number, bits = 256): bigint {
  return asUint(topic(log, index), bits)
}

/** Indexed signed integer of the given width. */
export function topicInt(log: RawLog, index: number, bits = 256): bigint {
  return asInt(topic(log, index), bits)
}

/** Indexed bytes32, lower case. */
export function topicBytes32(log: RawLog, index: number): Hex {
  return `0x${topic(log, index).toLowerCase()}`
}

/** Address in data word `index` (0 is the first). */
export function wordAddress(log: RawLog, index: number): Hex {
  return asAddress(`0x${word(log, index)}`)
}

/** Unsigned integer of the given width in data word `index`. */
export function wordUint(log: RawLog, index: number, bits = 256): bigint {
  return asUint(word(log, index), bits)
}

/** Signed integer of the given width in data word `index`. */
export function wordInt(log: RawLog, index: number, bits = 256): bigint {
  return asInt(word(log, index), bits)
}

/** Boolean in data word `index`. */
export function wordBool(log: RawLog, index: number): boolean {
  return asUint(word(log, index), 1) === 1n
}

/** Dynamic `uint256[]` whose offset stands in data word `index`. Throws when it does not lie within the data. */
export function wordUintArray(log: RawLog, index: number): bigint[] {
  const offset = asUint(word(log, index), 256)
  if (offset % 32n !== 0n || offset > BigInt(log.data.length))
    throw new UndecodableLog('array offset out of range')
  const start = Number(offset / 32n)
  const length = asUint(word(log, start), 256)
  if (length > BigInt(wordCount(log) - start - 1)) throw new UndecodableLog('array longer than the data')
  return Array.from({ length: Number(length) }, (_, item) => asUint(word(log, start + 1 + item), 256))
}

/**
 * Dynamic `bytes` or `string` whose offset stands in data word `index`: its length, and its first bytes up to a limit, so
 * that no one can make us keep much. Throws when it does not lie within the data.
 */
export function wordBytes(log: RawLog, index: number, maxBytes: number): { length: number; head: Hex } {
  const offset = asUint(word(log, index), 256)
  if (offset % 32n !== 0n || offset > BigInt(log.data.length))
    throw new UndecodableLog('bytes offset out of range')
  const start = Number(offset / 32n)
  const length = asUint(word(log, start), 256)
  const at = 2 + (start + 1) * 64
  if (length * 2n > BigInt(log.data.length - at)) throw new UndecodableLog('bytes longer than the data')
  const head = log.data.slice(at, at + 2 * Math.min(Number(length), maxBytes)).toLowerCase()
  if (!/^[0-9a-f]*$/.test(head)) throw new UndecodableLog('not hexadecimal')
  return { length: Number(length), head: `0x${head}` }
}

/** Dynamic `address[]` whose offset stands in data word `index`. */
export function wordAddressArray(log: RawLog, index: number): Hex[] {
  return wordUintArray(log, index).map((value) => asAddress(`0x${value.toString(16).padStart(64, '0')}`))
}

function wholeTopic(log: RawLog, index: number): Hex {
  const hex = log.topics[index]
  if (hex === undefined || hex.length !== 66)
    throw new UndecodableLog(`topic ${index} is missing or not 32 bytes`)
  return hex
}

function topic(log: RawLog, index: number): string {
  return wholeTopic(log, index).slice(2)
}

function word(log: RawLog, index: number): string {
  const at = 2 + index * 64
  if (log.data.length < at + 64) throw new UndecodableLog(`data word ${index} is missing`)
  return log.data.slice(at, at + 64)
}

const ADDRESS = /^0x0{24}[0-9a-fA-F]{40}$/
const WORD_DIGITS = 64

/**
 * Addresses by the word they were read from. The same few occur over and over; one string for each saves checking it
 * again, and memory, and lets maps keyed by address reuse its hash.
 */
const addresses = new Map<Hex, Hex>()
const MAX_ADDRESSES = 200_000

function asAddress(padded: Hex): Hex {
  const known = addresses.get(padded)
  if (known !== undefined) return known
  if (!ADDRESS.test(padded))
    throw new UndecodableLog('a word that should be an address has dirty upper bytes')
  const address: Hex = `0x${padded.slice(26).toLowerCase()}`
  if (addresses.size >= MAX_ADDRESSES) addresses.clear()
  addresses.set(padded, address)
  return address
}

function asUint(hex: string, bits: number): bigint {
  const value = hex.length === WORD_DIGITS ? parseHex(hex) : undefined
  if (value === undefined) throw new UndecodableLog('not hexadecimal')
  if (bits < 256 && value >> BigInt(bits) !== 0n) throw new UndecodableLog(`value exceeds ${bits} bits`)
  return value
}

function parseHex(digits: string): bigint | undefined {
  try {
    return BigInt(`0x${digits}`)
  } catch {
    return undefined
  }
}

function asInt(hex: string, bits: number): bigint {
  const value = BigInt.asIntN(256, asUint(hex, 256))
  if (BigInt.asIntN(bits, value) !== value) throw new UndecodableLog(`value exceeds int${bits}`)
  return value
}
