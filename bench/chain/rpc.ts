/** Blocks, logs and receipts of the bench chain in JSON-RPC shape, and the filter of eth_getLogs. */
import type { Hex } from '../../src/chains/types'
import { TOKEN, TRANSFER_TOPIC } from '../spec'
import { type ChainBlock, type ChainLog, type ChainTransaction, topicOf } from './blocks'

const ZERO_WORD: Hex = `0x${'0'.repeat(64)}`
const ZERO_ADDRESS: Hex = `0x${'0'.repeat(40)}`
const EMPTY_UNCLES: Hex = '0x1dcc4de8dec75d7aab85b567b6ccd41ad312451b948a7413f0a142fd40d49347'

export const quantity = (value: number): Hex => `0x${value.toString(16)}`

function word(value: number): Hex {
  return `0x${value.toString(16).padStart(64, '0')}`
}

export interface RpcLog {
  address: Hex
  topics: Hex[]
  data: Hex
  logIndex: Hex
  [field: string]: unknown
}

export function toRpcLog(block: ChainBlock, log: ChainLog): RpcLog {
  return {
    address: TOKEN,
    topics: [TRANSFER_TOPIC, topicOf(log.from), topicOf(log.to)],
    data: word(log.amount),
    blockHash: block.hash,
    blockNumber: quantity(block.height),
    blockTimestamp: quantity(block.timestampSec),
    transactionHash: block.transactions[log.txIndex]?.hash,
    transactionIndex: quantity(log.txIndex),
    logIndex: quantity(log.logIndex),
    removed: false,
  }
}

function toRpcTransaction(block: ChainBlock, tx: ChainTransaction): object {
  return {
    type: '0x0',
    hash: tx.hash,
    blockHash: block.hash,
    blockNumber: quantity(block.height),
    transactionIndex: quantity(tx.index),
    from: tx.from,
    to: TOKEN,
    nonce: quantity(block.height),
    gas: '0x30d40',
    gasPrice: '0x3b9aca00',
    value: '0x0',
    input: '0xa9059cbb',
    r: '0x1',
    s: '0x1',
    v: '0x1b',
  }
}

export function toRpcReceipts(block: ChainBlock): object[] {
  return block.transactions.map((tx) => ({
    type: '0x0',
    status: '0x1',
    transactionHash: tx.hash,
    transactionIndex: quantity(tx.index),
    blockHash: block.hash,
    blockNumber: quantity(block.height),
    from: tx.from,
    to: TOKEN,
    contractAddress: null,
    gasUsed: '0x5208',
    cumulativeGasUsed: quantity(0x5208 * (tx.index + 1)),
    effectiveGasPrice: '0x3b9aca00',
    logsBloom: block.bloom,
    logs: block.logs.filter((log) => log.txIndex === tx.index).map((log) => toRpcLog(block, log)),
  }))
}

/** Header as eth_subscribe sends it, without transactions. */
export function toRpcHeader(block: ChainBlock): Record<string, unknown> {
  return {
    number: quantity(block.height),
    hash: block.hash,
    parentHash: block.parentHash,
    timestamp: quantity(block.timestampSec),
    logsBloom: block.bloom,
    stateRoot: ZERO_WORD,
    transactionsRoot: ZERO_WORD,
    receiptsRoot: ZERO_WORD,
    sha3Uncles: EMPTY_UNCLES,
    miner: ZERO_ADDRESS,
    difficulty: '0x0',
    totalDifficulty: '0x0',
    gasLimit: '0x1c9c380',
    gasUsed: quantity(0x5208 * block.transactions.length),
    extraData: '0x',
    mixHash: ZERO_WORD,
    nonce: '0x0000000000000000',
    baseFeePerGas: '0x8',
    size: '0x400',
  }
}

export function toRpcBlock(block: ChainBlock, full: boolean): Record<string, unknown> {
  const transactions = block.transactions.map((tx) => (full ? toRpcTransaction(block, tx) : tx.hash))
  return { ...toRpcHeader(block), uncles: [], transactions }
}

export interface LogQuery {
  address?: Hex | Hex[]
  topics?: (Hex | Hex[] | null)[]
}

function accepts(wanted: Hex | Hex[] | null | undefined, value: Hex | undefined): boolean {
  if (wanted === undefined || wanted === null) return true
  const list = Array.isArray(wanted) ? wanted : [wanted]
  return list.length === 0 || (value !== undefined && list.some((entry) => entry.toLowerCase() === value))
}

/** Logs of a block that a query of eth_getLogs selects. */
export function selectLogs(block: ChainBlock, query: LogQuery): RpcLog[] {
  if (!accepts(query.address, TOKEN)) return []
  return block.logs
    .map((log) => toRpcLog(block, log))
    .filter((log) => (query.topics ?? []).every((wanted, i) => accepts(wanted, log.topics[i])))
}
