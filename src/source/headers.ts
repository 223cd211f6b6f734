/** Headers, transactions and receipts as nodes return them → what the processor needs of them, checked. */
import type { Hex } from '../chains/types'
import type { BlockRef, RawTransaction } from '../protocols/types'
import { readBloom } from './bloom'
import { isAddress, isWord } from './hex-text'
import { EndpointLie, RpcFailure } from './rpc-error'

export interface RpcHeader {
  number: string
  hash: string
  parentHash: string
  timestamp: string
  logsBloom?: string
  receiptsRoot?: string
  transactions: (string | Record<string, unknown>)[]
}

export interface Header {
  ref: BlockRef
  bloom: Uint8Array | undefined
  receiptsRoot: Hex | undefined
  /** Hashes, or whole transactions when they were asked for. */
  transactions: readonly (string | Record<string, unknown>)[]
}

const QUANTITY = /^0x[0-9a-f]{1,64}$/i

function malformed(what: string): EndpointLie {
  return new EndpointLie('malformed', what)
}

function wordOf(value: unknown, name: string): Hex {
  if (isWord(value)) return value
  throw malformed(`${name} is ${(JSON.stringify(value) ?? 'absent').slice(0, 80)}`)
}

function naturalOf(value: unknown, name: string): number {
  const number = typeof value === 'string' && /^0x[0-9a-f]{1,14}$/i.test(value) ? Number(value) : Number.NaN
  if (Number.isSafeInteger(number)) return number
  throw malformed(`${name} is ${(JSON.stringify(value) ?? 'absent').slice(0, 80)}`)
}

/**
 * Reads a header.
 * @param wanted height that was asked for; undefined for `latest` or by hash
 * @throws RpcFailure (behind) when there is none, EndpointLie when it is not what was asked for
 */
export function readHeader(value: unknown, chainId: number, wanted?: number): Header {
  if (value === null || value === undefined) throw new RpcFailure('behind', `has no block ${wanted ?? ''}`)
  const source = value as RpcHeader
  const height = naturalOf(source.number, 'block.number')
  if (wanted !== undefined && height !== wanted) {
    throw new EndpointLie('outside-request', `gave block ${height} for block ${wanted}`)
  }
  return {
    ref: {
      chainId,
      height,
      hash: wordOf(source.hash, 'block.hash'),
      parentHash: wordOf(source.parentHash, 'block.parentHash'),
      timestampSec: naturalOf(source.timestamp, 'block.timestamp'),
    },
    bloom: readBloom(source.logsBloom),
    receiptsRoot: isWord(source.receiptsRoot) ? source.receiptsRoot : undefined,
    transactions: Array.isArray(source.transactions) ? source.transactions : [],
  }
}

/** A receipt in JSON-RPC shape; logs in full. */
export interface RpcReceipt {
  transactionHash: string
  transactionIndex: string
  blockHash: string
  type?: string
  status?: string | null
  root?: string
  cumulativeGasUsed: string
  gasUsed: string
  contractAddress?: string | null
  logsBloom?: string
  logs: { address: string; topics: string[]; data: string; logIndex: string; [field: string]: unknown }[]
  [field: string]: unknown
}

function quantityOf(value: unknown, name: string): bigint {
  if (typeof value === 'string' && QUANTITY.test(value)) return BigInt(value)
  throw malformed(`${name} is ${(JSON.stringify(value) ?? 'absent').slice(0, 80)}`)
}

function addressOf(value: unknown, name: string): Hex | undefined {
  if (value === null || value === undefined) return undefined
  const lower = typeof value === 'string' ? value.toLowerCase() : ''
  if (isAddress(lower)) return lower
  throw malformed(`${name} is ${JSON.stringify(value).slice(0, 80)}`)
}

/** Reads a whole transaction, with what its receipt adds. */
export function readTransaction(
  value: string | Record<string, unknown>,
  ref: BlockRef,
  receipt: RpcReceipt | undefined,
): RawTransaction {
  if (typeof value === 'string') throw malformed('a transaction came without its fields')
  const from = addressOf(value.from, 'transaction.from')
  if (from === undefined) throw malformed('a transaction has no sender')
  const to = addressOf(value.to, 'transaction.to')
  const created = addressOf(receipt?.contractAddress, 'receipt.contractAddress')
  // The first four bytes are all that is kept of the call data, as evm-processor does.
  const input = typeof value.input === 'string' ? value.input.slice(0, 10).toLowerCase() : '0x'
  const status = receipt?.status
  return {
    block: ref,
    txIndex: naturalOf(value.transactionIndex, 'transaction.transactionIndex'),
    hash: wordOf(value.hash, 'transaction.hash'),
    from,
    valueWei: quantityOf(value.value ?? '0x0', 'transaction.value'),
    input: input as Hex,
    ...(to && { to }),
    ...(value.nonce !== undefined && { nonce: naturalOf(value.nonce, 'transaction.nonce') }),
    ...(created && { contractAddress: created }),
    ...(receipt && { gasUsed: quantityOf(receipt.gasUsed, 'receipt.gasUsed') }),
    ...(status !== undefined && status !== null && { status: naturalOf(status, 'receipt.status') }),
  }
}
