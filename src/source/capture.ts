/**
 * Capture files: real blocks as a node returned them, a line each: `{chainId, block, receipts}` in JSON-RPC shape,
 * plain or gzipped. Blocks ascend; they need not be consecutive.
 *
 * A capture is input from outside, so everything the processor relies on is checked and a fault names its line: shapes
 * and lengths of hex, one chain, ascending heights, parent links of neighbours, and that receipts and logs belong to
 * their block. What a chain is known to leave out is allowed: receipts (early Cronos), fields of transactions, gaps in
 * log indexes.
 */
import type { Hex } from '../chains/types'
import { messageOf, PlimsollError } from '../errors'
import { type LineLimits, readLines } from './lines'

/** A block in the shape a gateway serves: numbers as JSON numbers, quantities as 0x-hex. */
export interface CaptureBlock {
  chainId: number
  header: { number: number; hash: Hex; parentHash: Hex; timestamp: number }
  transactions: CaptureTransaction[]
  logs: CaptureLog[]
}

export interface CaptureTransaction {
  transactionIndex: number
  hash: Hex
  from: Hex
  to?: Hex
  input: Hex
  value: Hex
  nonce?: number
  /** From the receipt, where there is one. */
  gasUsed?: Hex
  status?: number
  contractAddress?: Hex
}

export interface CaptureLog {
  logIndex: number
  transactionIndex: number
  transactionHash: Hex
  address: Hex
  topics: Hex[]
  data: Hex
}

export const CAPTURE_LIMITS: LineLimits = {
  maxLineBytes: 128 * 1024 * 1024,
  maxUnpackedBytes: 16 * 1024 ** 3,
}

/** A field that is not as it should be; the reader adds file and line. */
class Fault extends Error {}

type Json = Record<string, unknown>

function object(value: unknown, name: string): Json {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Json
  throw new Fault(`${name} is not an object`)
}

function list(value: unknown, name: string): unknown[] {
  if (Array.isArray(value)) return value
  throw new Fault(`${name} is not a list`)
}

function hex(source: Json, key: string, name: string, bytes?: number): Hex {
  const value = source[key]
  if (typeof value !== 'string' || !/^0x(?:[0-9a-fA-F]{2})*$/.test(value)) {
    throw new Fault(`${name}.${key} is not whole bytes of 0x-hex: ${show(value)}`)
  }
  if (bytes !== undefined && value.length !== 2 + 2 * bytes) {
    throw new Fault(`${name}.${key} has ${(value.length - 2) / 2} bytes, not ${bytes}`)
  }
  return value.toLowerCase() as Hex
}

function optionalHex(source: Json, key: string, name: string, bytes: number): Hex | undefined {
  return source[key] === null || source[key] === undefined ? undefined : hex(source, key, name, bytes)
}

function quantity(source: Json, key: string, name: string): Hex {
  const value = source[key]
  if (typeof value === 'string' && /^0x[0-9a-fA-F]{1,64}$/.test(value)) return value.toLowerCase() as Hex
  throw new Fault(`${name}.${key} is not a 0x quantity: ${show(value)}`)
}

function natural(source: Json, key: string, name: string): number {
  const value = Number(quantity(source, key, name))
  if (Number.isSafeInteger(value)) return value
  throw new Fault(`${name}.${key} is too large: ${show(source[key])}`)
}

function show(value: unknown): string {
  return (JSON.stringify(value) ?? 'absent').slice(0, 80)
}

function readTransaction(value: unknown, index: number): CaptureTransaction {
  const name = `transactions[${index}]`
  const source = object(value, name)
  const to = optionalHex(source, 'to', name, 20)
  const nonce =
    source.nonce === undefined || source.nonce === null ? undefined : natural(source, 'nonce', name)
  return {
    transactionIndex: natural(source, 'transactionIndex', name),
    hash: hex(source, 'hash', name, 32),
    from: hex(source, 'from', name, 20),
    ...(to && { to }),
    input: source.input === undefined ? '0x' : hex(source, 'input', name),
    value: source.value === undefined ? '0x0' : quantity(source, 'value', name),
    ...(nonce !== undefined && { nonce }),
  }
}

function readLog(value: unknown, name: string, blockHash: Hex): CaptureLog {
  const source = object(value, name)
  if (source.blockHash !== undefined && hex(source, 'blockHash', name, 32) !== blockHash) {
    throw new Fault(`${name} belongs to another block: ${show(source.blockHash)}`)
  }
  const topics = list(source.topics, `${name}.topics`)
  if (topics.length > 4) throw new Fault(`${name} has ${topics.length} topics`)
  return {
    logIndex: natural(source, 'logIndex', name),
    transactionIndex: natural(source, 'transactionIndex', name),
    transactionHash: hex(source, 'transactionHash', name, 32),
    address: hex(source, 'address', name, 20),
    topics: topics.map((topic, i) => hex({ topic }, 'topic', `${name}.topics[${i}]`, 32)),
    data: hex(source, 'data', name),
  }
}

function readReceipt(
  value: unknown,
  index: number,
  block: CaptureBlock,
  byHash: ReadonlyMap<Hex, CaptureTransaction>,
): void {
  const name = `receipts[${index}]`
  const source = object(value, name)
  if (hex(source, 'blockHash', name, 32) !== block.header.hash)
    throw new Fault(`${name} belongs to another block`)
  const hash = hex(source, 'transactionHash', name, 32)
  const tx = byHash.get(hash)
  if (tx === undefined) throw new Fault(`${name} is of a transaction that the block does not hold: ${hash}`)
  tx.gasUsed = quantity(source, 'gasUsed', name)
  if (source.status !== undefined && source.status !== null) tx.status = natural(source, 'status', name)
  const created = optionalHex(source, 'contractAddress', name, 20)
  if (created) tx.contractAddress = created
  for (const [i, entry] of list(source.logs, `${name}.logs`).entries()) {
    block.logs.push(readLog(entry, `${name}.logs[${i}]`, block.header.hash))
  }
}

/** Reads one parsed line. Throws Fault. */
function readBlock(value: unknown): CaptureBlock {
  const line = object(value, 'the line')
  if (typeof line.chainId !== 'number' || !Number.isSafeInteger(line.chainId) || line.chainId <= 0) {
    throw new Fault(`chainId is not a positive number: ${show(line.chainId)}`)
  }
  const source = object(line.block, 'block')
  const block: CaptureBlock = {
    chainId: line.chainId,
    header: {
      number: natural(source, 'number', 'block'),
      hash: hex(source, 'hash', 'block', 32),
      parentHash: hex(source, 'parentHash', 'block', 32),
      timestamp: natural(source, 'timestamp', 'block'),
    },
    transactions: list(source.transactions, 'block.transactions').map(readTransaction),
    logs: [],
  }
  const byHash = new Map(block.transactions.map((tx) => [tx.hash, tx]))
  list(line.receipts ?? [], 'receipts').forEach((receipt, i) => {
    readReceipt(receipt, i, block, byHash)
  })
  block.logs.forEach((log, i) => {
    const previous = block.logs[i - 1]
    if (previous && log.logIndex <= previous.logIndex)
      throw new Fault(`log index ${log.logIndex} does not ascend`)
  })
  return block
}

function checkOrder(block: CaptureBlock, previous: CaptureBlock): void {
  if (block.chainId !== previous.chainId) {
    throw new Fault(`chain ${block.chainId} follows chain ${previous.chainId}; a capture holds one chain`)
  }
  const { number, parentHash } = block.header
  if (number <= previous.header.number) {
    throw new Fault(`block ${number} does not ascend (after ${previous.header.number})`)
  }
  if (number === previous.header.number + 1 && parentHash !== previous.header.hash) {
    throw new Fault(
      `block ${number} names parent ${parentHash}, but block ${number - 1} is ${previous.header.hash}`,
    )
  }
}

/**
 * Blocks of a capture in order, streamed.
 * @throws PlimsollError (exit code 2) with file and line at the first fault
 */
export async function* readCapture(
  path: string,
  limits: LineLimits = CAPTURE_LIMITS,
): AsyncIterable<CaptureBlock & { line: number; bytes: number }> {
  let previous: CaptureBlock | undefined
  for await (const { number, text } of readLines(path, limits)) {
    let block: CaptureBlock
    try {
      block = readBlock(JSON.parse(text))
      if (previous) checkOrder(block, previous)
    } catch (error) {
      throw new PlimsollError(`${path}, line ${number}: ${messageOf(error)}`, {
        hint: 'record it again with `plimsoll capture`',
        cause: error,
        exitCode: 2,
      })
    }
    previous = block
    yield { ...block, line: number, bytes: text.length }
  }
}
