/**
 * Bloom filters of block headers (Yellow Paper, 4.3.1): each emitter and topic sets three of 2048 bits, chosen by the
 * first three 16-bit words of its Keccak hash. A bit that is not set proves absence; three that are set prove nothing.
 */
import { type Hex, keccak256 } from 'viem'
import type { LogFilter } from '../processor/filters'

export const BLOOM_BYTES = 256

interface Bit {
  byte: number
  mask: number
}

/** Emitters and event topics repeat; the cache is emptied when hostile variety fills it. */
const MAX_CACHED = 50_000
const cache = new Map<string, readonly Bit[]>()

function bitsOf(value: string): readonly Bit[] {
  const known = cache.get(value)
  if (known) return known
  const hash = keccak256(value as Hex, 'bytes')
  const bits = [0, 2, 4].map((i) => {
    const bit = (((hash[i] ?? 0) << 8) | (hash[i + 1] ?? 0)) & 2047
    return { byte: BLOOM_BYTES - 1 - (bit >> 3), mask: 1 << (bit & 7) }
  })
  if (cache.size >= MAX_CACHED) cache.clear()
  cache.set(value, bits)
  return bits
}

export function emptyBloom(): Uint8Array {
  return new Uint8Array(BLOOM_BYTES)
}

/** Reads a header's logsBloom; undefined when it is not 256 bytes of hex (some chains leave it out). */
export function readBloom(hex: unknown): Uint8Array | undefined {
  if (typeof hex !== 'string' || hex.length !== 2 + 2 * BLOOM_BYTES) return undefined
  const bytes = Buffer.from(hex.slice(2), 'hex')
  return bytes.length === BLOOM_BYTES ? bytes : undefined
}

export function addToBloom(bloom: Uint8Array, value: string): void {
  for (const { byte, mask } of bitsOf(value)) bloom[byte] = (bloom[byte] ?? 0) | mask
}

/** False proves that the block has no log with this emitter or topic. */
export function mayContain(bloom: Uint8Array, value: string): boolean {
  return bitsOf(value).every(({ byte, mask }) => ((bloom[byte] ?? 0) & mask) !== 0)
}

/** False proves that no log of the block matches the filters. */
export function mayMatch(bloom: Uint8Array, filters: readonly LogFilter[]): boolean {
  return filters.some(
    ({ address, topic0 }) =>
      topic0.some((topic) => mayContain(bloom, topic)) &&
      (address === undefined || address.some((emitter) => mayContain(bloom, emitter))),
  )
}

/** Emitter or topic of a log that the bloom proves absent; undefined when all may be there. */
export function absentFrom(
  bloom: Uint8Array,
  log: { address: string; topics: readonly string[] },
  allTopics: boolean,
): string | undefined {
  const values = allTopics ? [log.address, ...log.topics] : [log.address, ...log.topics.slice(0, 1)]
  return values.find((value) => !mayContain(bloom, value))
}
