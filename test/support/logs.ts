/** Raw logs made by hand, for decoder tests. */
import type { Hex } from '../../src/chains/types'
import { topicOf } from '../../src/protocols/log-shape'
import type { BlockRef, RawLog } from '../../src/protocols/types'

/** An address that no chain file lists. */
export const STRANGER: Hex = `0x${'5a'.repeat(20)}`

export function block(chainId: number, height = 100, timestampSec = 1_700_000_000): BlockRef {
  const hash = (value: number): Hex => `0x${value.toString(16).padStart(64, '0')}`
  return { chainId, height, hash: hash(height), parentHash: hash(height - 1), timestampSec }
}

/** A 32-byte word, without 0x. Negative numbers in two's complement. */
export function word(value: bigint | number | boolean | Hex): string {
  if (typeof value === 'string') return value.slice(2).padStart(64, '0')
  return BigInt.asUintN(256, BigInt(value)).toString(16).padStart(64, '0')
}

type Value = Parameters<typeof word>[0]

/** A log of an event: indexed arguments become topics, the others data words. */
export function log(
  address: Hex,
  signature: string,
  indexed: readonly Value[],
  words: readonly Value[],
  at: { block?: BlockRef; logIndex?: number } = {},
): RawLog {
  return {
    block: at.block ?? block(31337),
    logIndex: at.logIndex ?? 0,
    txIndex: 0,
    txHash: `0x${'11'.repeat(32)}`,
    address,
    topics: [topicOf(signature), ...indexed.map((value): Hex => `0x${word(value)}`)],
    data: `0x${words.map(word).join('')}`,
  }
}
