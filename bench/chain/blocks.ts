/**
 * A chain made of a seed: each block moves one token between a few hundred holders. A block's contents follow from its
 * hash, and its hash from its parent and the branch it stands on, so the same calls make the same chain everywhere, and
 * a fork's blocks differ from those they replace. Blooms are real, for a source that checks them.
 */
import { hexToBytes, keccak256, stringToHex } from 'viem'
import type { Hex } from '../../src/chains/types'
import { seededRandom } from '../../src/math/statistics'
import { TOKEN, TRANSFER_TOPIC } from '../spec'

export interface ChainLog {
  logIndex: number
  txIndex: number
  from: Hex
  to: Hex
  amount: number
}

export interface ChainTransaction {
  index: number
  hash: Hex
  from: Hex
}

export interface ChainBlock {
  height: number
  hash: Hex
  parentHash: Hex
  timestampSec: number
  logs: readonly ChainLog[]
  transactions: readonly ChainTransaction[]
  bloom: Hex
}

const HOLDERS = 400
const LOGS_PER_TRANSACTION = 4
const MAX_AMOUNT = 1_000_000
const BORN_SEC = 1_700_000_000
const BLOCK_TIME_SEC = 12

const HOLDER_LIST: readonly Hex[] = Array.from(
  { length: HOLDERS },
  (_, i): Hex => `0x${keccak256(stringToHex(`holder ${i}`)).slice(26)}`,
)

/** An address as a topic. */
export function topicOf(address: Hex): Hex {
  return `0x${address.slice(2).padStart(64, '0')}`
}

const bloomBits = new Map<Hex, readonly number[]>()

/** The three bits of a 2048-bit bloom that an address or topic sets (yellow paper, 4.3.1). */
function bitsOf(item: Hex): readonly number[] {
  const known = bloomBits.get(item)
  if (known) return known
  const hash = hexToBytes(keccak256(item))
  const bits = [0, 2, 4].map((at) => ((hash[at]! << 8) | hash[at + 1]!) & 2047)
  bloomBits.set(item, bits)
  return bits
}

function bloomOf(logs: readonly ChainLog[]): Hex {
  const bloom = Buffer.alloc(256)
  for (const { from, to } of logs) {
    for (const item of [TOKEN, TRANSFER_TOPIC, topicOf(from), topicOf(to)]) {
      for (const bit of bitsOf(item)) bloom[255 - (bit >> 3)]! |= 1 << (bit & 7)
    }
  }
  return `0x${bloom.toString('hex')}`
}

/**
 * The block that follows `parent` on a branch; the first one, at height 0, is empty.
 * @param branch counts forks: another branch gives another block
 */
export function makeBlock(
  parent: ChainBlock | undefined,
  { seed, branch, logCount }: { seed: number; branch: number; logCount: number },
): ChainBlock {
  const height = parent === undefined ? 0 : parent.height + 1
  const parentHash = parent?.hash ?? `0x${'0'.repeat(64)}`
  const hash = keccak256(stringToHex(`${seed}:${parentHash}:${branch}`))
  const random = seededRandom(Number.parseInt(hash.slice(2, 10), 16))
  const holder = (): Hex => HOLDER_LIST[Math.floor(random() * HOLDERS)]!
  const logs = Array.from(
    { length: parent === undefined ? 0 : logCount },
    (_, logIndex): ChainLog => ({
      logIndex,
      txIndex: Math.floor(logIndex / LOGS_PER_TRANSACTION),
      from: holder(),
      to: holder(),
      amount: 1 + Math.floor(random() * MAX_AMOUNT),
    }),
  )
  const transactions = Array.from(
    { length: Math.ceil(logs.length / LOGS_PER_TRANSACTION) },
    (_, index): ChainTransaction => ({
      index,
      hash: keccak256(stringToHex(`${hash}:${index}`)),
      from: HOLDER_LIST[index]!,
    }),
  )
  const timestampSec = BORN_SEC + height * BLOCK_TIME_SEC
  return { height, hash, parentHash, timestampSec, logs, transactions, bloom: bloomOf(logs) }
}
