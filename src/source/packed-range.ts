/**
 * A fetched range in columns, for the way between threads: a structured clone of half a million small objects costs
 * more than the JSON they came from. Emitters, events and transaction hashes repeat and travel once.
 */
import type { Hex } from '../chains/types'
import type { SourceBlock } from '../processor/block'
import type { BlockRef, RawLog, RawTransaction } from '../protocols/types'
import type { FetchedRange } from './types'

export interface PackedRange {
  meta: Omit<FetchedRange, 'blocks'>
  chainId: number
  /** Four numbers a block: height, seconds, logs, transactions. */
  blocks: Float64Array
  /** Hash and parent hash of each block. */
  hashes: string[]
  /** Six numbers a log: index, transaction's index, its hash, address and first topic in `words`, further topics. */
  logs: Float64Array
  words: string[]
  /** Further topics of each log, then its data. */
  texts: string[]
  transactions: Omit<RawTransaction, 'block'>[]
}

const PER_BLOCK = 4
const PER_LOG = 6
/** Stands for a log without topics. */
const NONE = -1

export function packRange({ blocks, ...meta }: FetchedRange): PackedRange {
  const logCount = blocks.reduce((sum, block) => sum + block.logs.length, 0)
  const packed: PackedRange = {
    meta: {
      from: meta.from,
      to: meta.to,
      parentHash: meta.parentHash,
      lastHash: meta.lastHash,
      endpoint: meta.endpoint,
    },
    chainId: blocks[0]?.ref.chainId ?? 0,
    blocks: new Float64Array(blocks.length * PER_BLOCK),
    hashes: [],
    logs: new Float64Array(logCount * PER_LOG),
    words: [],
    texts: [],
    transactions: [],
  }
  const indexOf = new Map<string, number>()
  const word = (text: string): number => {
    let index = indexOf.get(text)
    if (index === undefined) {
      index = packed.words.push(text) - 1
      indexOf.set(text, index)
    }
    return index
  }
  let at = 0
  blocks.forEach(({ ref, logs, transactions }, i) => {
    packed.blocks.set([ref.height, ref.timestampSec, logs.length, transactions.length], i * PER_BLOCK)
    packed.hashes.push(ref.hash, ref.parentHash)
    for (const log of logs) {
      const [first, ...more] = log.topics
      packed.logs[at++] = log.logIndex
      packed.logs[at++] = log.txIndex
      packed.logs[at++] = word(log.txHash)
      packed.logs[at++] = word(log.address)
      packed.logs[at++] = first === undefined ? NONE : word(first)
      packed.logs[at++] = more.length
      for (const topic of more) packed.texts.push(topic)
      packed.texts.push(log.data)
    }
    for (const { block: _, ...tx } of transactions) packed.transactions.push(tx)
  })
  return packed
}

/** The range that was packed. */
export function unpackRange(packed: PackedRange): FetchedRange {
  const { meta, chainId, words, texts, logs: numbers } = packed
  let log = 0
  let text = 0
  let transaction = 0
  const blocks: SourceBlock[] = []
  for (let b = 0; b < packed.blocks.length; b += PER_BLOCK) {
    const [height = 0, timestampSec = 0, logCount = 0, txCount = 0] = packed.blocks.subarray(b, b + PER_BLOCK)
    const hashAt = (b / PER_BLOCK) * 2
    const ref: BlockRef = {
      chainId,
      height,
      hash: packed.hashes[hashAt] as Hex,
      parentHash: packed.hashes[hashAt + 1] as Hex,
      timestampSec,
    }
    const logs: RawLog[] = []
    for (let i = 0; i < logCount; i++, log += PER_LOG) {
      const first = numbers[log + 4] as number
      const more = numbers[log + 5] as number
      const topics = first === NONE ? [] : [words[first] as Hex]
      for (let t = 0; t < more; t++) topics.push(texts[text++] as Hex)
      logs.push({
        block: ref,
        logIndex: numbers[log] as number,
        txIndex: numbers[log + 1] as number,
        txHash: words[numbers[log + 2] as number] as Hex,
        address: words[numbers[log + 3] as number] as Hex,
        topics,
        data: texts[text++] as Hex,
      })
    }
    const transactions: RawTransaction[] = []
    for (let i = 0; i < txCount; i++) {
      const tx = packed.transactions[transaction++]
      if (tx) transactions.push({ ...tx, block: ref })
    }
    blocks.push({ ref, logs, transactions })
  }
  return { ...meta, blocks }
}
