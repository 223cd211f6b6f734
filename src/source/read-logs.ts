/**
 * Logs as a node returned them → checked logs grouped by block. Every log is looked at once, so this is where the time
 * of a range goes: strings are compared rather than parsed where neighbours repeat them, and nothing is made twice.
 *
 * Refused (EndpointLie): logs outside the range or filters asked for, of another block than their neighbours at the
 * same height, twice, out of order, removed, or misshapen.
 */
import type { Hex } from '../chains/types'
import type { BlockRef, RawLog } from '../protocols/types'
import { isAddress, isBytes, isWord } from './hex-text'
import type { LogCall } from './log-request'
import { EndpointLie } from './rpc-error'

/** A log in JSON-RPC shape. Nodes differ in their extra fields. */
export interface RpcLog {
  address: string
  topics: string[]
  data: string
  blockNumber: string
  blockHash: string
  blockTimestamp?: string | null
  transactionHash: string
  transactionIndex: string
  logIndex: string
  removed?: boolean
}

export interface LogBlock {
  /** `parentHash` is `0x` until a header or a neighbour tells it. */
  ref: BlockRef
  /** The node said the time beside the log; else `timestampSec` is 0 until the header tells it. */
  timed: boolean
  logs: RawLog[]
}

const MAX_TOPICS = 4

function lie(
  kind: 'outside-request' | 'disorder' | 'hash-mismatch' | 'malformed',
  what: string,
): EndpointLie {
  return new EndpointLie(kind, `eth_getLogs: ${what}`)
}

function shown(value: unknown): string {
  return (JSON.stringify(value) ?? 'absent').slice(0, 80)
}

/** A small number; `0x` or what is not hex gives NaN, which every check below refuses. */
function natural(hex: unknown): number {
  return typeof hex === 'string' && hex.length > 2 && hex.length < 16 ? Number(hex) : Number.NaN
}

function isWellShaped(log: RpcLog): boolean {
  const { topics } = log
  if (!isAddress(log.address) || !isBytes(log.data)) return false
  if (!Array.isArray(topics) || topics.length > MAX_TOPICS) return false
  for (const topic of topics) if (!isWord(topic)) return false
  return true
}

/** Some nodes write addresses with their checksum. */
function lowered(log: RpcLog): RpcLog {
  const lower = {
    ...log,
    address: String(log.address).toLowerCase(),
    topics: Array.isArray(log.topics) ? log.topics.map((topic) => String(topic).toLowerCase()) : [],
    data: String(log.data).toLowerCase(),
  }
  if (isWellShaped(lower)) return lower
  throw lie(
    'malformed',
    `log with data ${shown(log.data)}, topics ${shown(log.topics)}, address ${shown(log.address)}`,
  )
}

interface Asked {
  chainId: number
  from: number
  to: number
}

function openBlock(log: RpcLog, height: number, asked: Asked): LogBlock {
  if (!(height >= asked.from && height <= asked.to)) {
    const range = `${asked.from} to ${asked.to}`
    throw lie('outside-request', `a log of block ${shown(log.blockNumber)}, asked for ${range}`)
  }
  if (!isWord(log.blockHash)) throw lie('malformed', `blockHash ${shown(log.blockHash)}`)
  const seconds = natural(log.blockTimestamp)
  const timed = Number.isSafeInteger(seconds)
  const hash = log.blockHash as Hex
  const ref = {
    chainId: asked.chainId,
    height,
    hash,
    parentHash: '0x' as Hex,
    timestampSec: timed ? seconds : 0,
  }
  return { ref, timed, logs: [] }
}

/**
 * Reads the answer to one call.
 * @throws EndpointLie
 */
export function readLogs(result: unknown, call: LogCall, asked: Asked): LogBlock[] {
  if (!Array.isArray(result)) throw lie('malformed', `no list but ${shown(result)}`)
  const blocks: LogBlock[] = []
  let block: LogBlock | undefined
  let number = ''
  let txHash = ''
  let txIndexHex = ''
  let txIndex = 0
  let previous = -1
  for (const given of result as RpcLog[]) {
    if (typeof given !== 'object' || given === null) throw lie('malformed', `log ${shown(given)}`)
    const log = isWellShaped(given) ? given : lowered(given)
    if (block === undefined || log.blockNumber !== number) {
      const height = natural(log.blockNumber)
      if (block && !(height > block.ref.height)) {
        throw lie('disorder', `block ${height} after block ${block.ref.height}`)
      }
      block = openBlock(log, height, asked)
      blocks.push(block)
      number = log.blockNumber
      previous = -1
    } else if (log.blockHash !== block.ref.hash) {
      const { height, hash } = block.ref
      throw lie(
        'hash-mismatch',
        `block ${height} is ${hash} in one log and ${shown(log.blockHash)} in another`,
      )
    }
    const logIndex = natural(log.logIndex)
    if (!(logIndex > previous)) {
      throw lie('disorder', `log ${shown(log.logIndex)} of block ${block.ref.height} after log ${previous}`)
    }
    previous = logIndex
    if (log.transactionHash !== txHash) {
      txHash = log.transactionHash
      if (!isWord(txHash)) throw lie('malformed', `transactionHash ${shown(txHash)}`)
    }
    if (log.transactionIndex !== txIndexHex) {
      txIndexHex = log.transactionIndex
      txIndex = natural(txIndexHex)
      if (!Number.isSafeInteger(txIndex)) throw lie('malformed', `transactionIndex ${shown(txIndexHex)}`)
    }
    checkWanted(log, call, block.ref.height)
    block.logs.push({
      block: block.ref,
      logIndex,
      txIndex,
      txHash: txHash as Hex,
      address: log.address as Hex,
      topics: log.topics as Hex[],
      data: log.data as Hex,
    })
  }
  return blocks
}

function checkWanted(log: RpcLog, call: LogCall, height: number): void {
  const topic0 = log.topics[0]
  if (topic0 === undefined || !call.topics.has(topic0)) {
    throw lie('outside-request', `block ${height}: topic ${shown(topic0)} was not asked for`)
  }
  if (call.addresses && !call.addresses.has(log.address)) {
    throw lie('outside-request', `block ${height}: emitter ${log.address} was not asked for`)
  }
  if (log.removed === true) throw lie('disorder', `block ${height}: a log of an orphaned block`)
}

/** Joins the answers to several calls of one range; a log that two of them return is kept once. */
export function mergeLogBlocks(answers: readonly LogBlock[][]): LogBlock[] {
  const only = answers[0]
  if (answers.length === 1 && only) return only
  const byHeight = new Map<number, LogBlock>()
  for (const block of answers.flat()) {
    const known = byHeight.get(block.ref.height)
    if (known === undefined) {
      byHeight.set(block.ref.height, block)
      continue
    }
    if (known.ref.hash !== block.ref.hash) {
      throw lie('hash-mismatch', `block ${block.ref.height} is ${known.ref.hash} and ${block.ref.hash}`)
    }
    const byIndex = new Map(known.logs.map((log) => [log.logIndex, log]))
    for (const log of block.logs)
      if (!byIndex.has(log.logIndex)) byIndex.set(log.logIndex, { ...log, block: known.ref })
    known.logs = [...byIndex.values()].sort((a, b) => a.logIndex - b.logIndex)
  }
  return [...byHeight.values()].sort((a, b) => a.ref.height - b.ref.height)
}
