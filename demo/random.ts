/**
 * A small deterministic random source (sfc32 seeded by FNV-1a hashes of its key).
 *
 * Every turn of the world draws from a source keyed by seed, chain, block and purpose. Nothing has to be
 * remembered between turns, so a world that resumes from a saved state goes on exactly as its height says.
 */
export type Random = {
  /** Uniform in [0, 1). */
  float: () => number
  /** Uniform integer in [0, below); `below` ≥ 1. */
  int: (below: number) => number
  chance: (probability: number) => boolean
  /** Uniform in [low, high). */
  between: (low: number, high: number) => number
  /** A uniformly drawn element. Throws on an empty list. */
  pick: <T>(items: readonly T[]) => T
}

/** The source for a key; equal keys give equal sequences on every machine. */
export function randomFor(...key: (string | number | bigint)[]): Random {
  const text = key.join('/')
  const next = sfc32(fnv1a(text, 1), fnv1a(text, 2), fnv1a(text, 3), 1)
  for (let round = 0; round < 12; round++) next()
  const float = () => next() / 4294967296
  const int = (below: number) => Math.floor(float() * below)
  return {
    float,
    int,
    chance: (probability) => float() < probability,
    between: (low, high) => low + (high - low) * float(),
    pick: (items) => {
      if (items.length === 0) throw new Error('cannot pick from an empty list')
      return items[int(items.length)]!
    },
  }
}

function fnv1a(text: string, salt: number): number {
  let hash = 0x811c9dc5 ^ salt
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  }
  return hash >>> 0
}

function sfc32(a: number, b: number, c: number, d: number): () => number {
  let [x, y, z, counter] = [a | 0, b | 0, c | 0, d | 0]
  return () => {
    const sum = (((x + y) | 0) + counter) | 0
    counter = (counter + 1) | 0
    x = y ^ (y >>> 9)
    y = (z + (z << 3)) | 0
    z = ((z << 21) | (z >>> 11)) + sum
    return sum >>> 0
  }
}
