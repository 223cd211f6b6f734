/**
 * Decoding ahead of the writer: ranges are decoded in the order in which they will be written, before those in front of them
 * are. What earlier ranges announce is foreseen (discover.ts); whom they met need not be inserted again.
 */
import { setImmediate } from 'node:timers/promises'
import type { ChainSpec, Hex } from '../chains/types'
import { inTransaction, type Pool } from '../db/pool'
import type { Protocol } from '../protocols/types'
import type { BlockRange, SourceBlock } from './block'
import { planCoverage } from './coverage'
import { loadMemory, MAX_KNOWN_ACCOUNTS, type Memory } from './memory'
import { type DecodedRange, openRange, type RangeOptions } from './range'

const BLOCKS_PER_TURN = 256

/** What decoding needs of the committed chain. The memory is a copy of its own: ranges are decoded ahead of the store. */
export async function readAhead(
  {
    chain,
    protocols,
    pool,
    ranges,
  }: { chain: ChainSpec; protocols: readonly Protocol[]; pool: Pool; ranges: readonly BlockRange[] },
  batch: { from: number; to: number },
): Promise<{ memory: Memory; coverageFrom(protocol: string, height: number): number }> {
  return inTransaction(pool, async (tx) => {
    const coverage = await planCoverage(tx, { chainId: chain.id, protocols, ranges, batch })
    return { memory: await loadMemory(tx, chain, protocols, 0), coverageFrom: coverage.from }
  })
}

/** Decodes ranges in the order in which they will be written. */
export function rangeDecoder(
  options: Omit<RangeOptions, 'known' | 'mayBeUndone'>,
): (blocks: readonly SourceBlock[]) => Promise<DecodedRange> {
  // Account → the range that met it first. To a range, those count as known that an earlier one will have inserted.
  const metBy = new Map<Hex, number>()
  let ordinal = 0
  return async (blocks) => {
    const own = ordinal++
    if (metBy.size > MAX_KNOWN_ACCOUNTS) metBy.clear()
    const known = { has: (account: Hex) => (metBy.get(account) ?? own) < own }
    const range = openRange({ ...options, known, mayBeUndone: () => false })
    for (const [i, block] of blocks.entries()) {
      range.add(block)
      if (i % BLOCKS_PER_TURN === BLOCKS_PER_TURN - 1) await setImmediate()
    }
    for (const account of range.facts.met.accounts.keys()) {
      if (!metBy.has(account)) metBy.set(account, own)
    }
    return range
  }
}
