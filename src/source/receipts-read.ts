/** Receipts of blocks from an endpoint: by block where it knows how, else one transaction at a time. */
import type { Endpoint } from './endpoint'
import type { Header, RpcReceipt } from './headers'
import { isAddress } from './hex-text'
import { type LogRequest, quantity } from './log-request'
import { EndpointLie, RpcFailure } from './rpc-error'

export interface ReceiptsWanted {
  header: Header
  /** Indexes of the transactions that matter; all when undefined. */
  txIndexes: ReadonlySet<number> | undefined
}

const BY_BLOCK = 'eth_getBlockReceipts'

function hashOf(transaction: string | Record<string, unknown> | undefined): string {
  return typeof transaction === 'string' ? transaction : String(transaction?.hash)
}

function isReceipt(receipt: RpcReceipt | null): boolean {
  return (
    receipt !== null &&
    typeof receipt === 'object' &&
    Array.isArray(receipt.logs) &&
    receipt.logs.every((log) => isAddress(log?.address?.toLowerCase?.()) && Array.isArray(log.topics))
  )
}

/** Receipts must be those of the block, one for each of its transactions, in order. */
function checkBelong(
  { header }: ReceiptsWanted,
  receipts: readonly RpcReceipt[],
  indexes: readonly number[],
): void {
  const { height, hash } = header.ref
  if (receipts.length !== indexes.length) {
    throw new EndpointLie(
      'missing-logs',
      `block ${height} has ${indexes.length} transactions, but ${receipts.length} receipts were given`,
    )
  }
  receipts.forEach((receipt, i) => {
    const index = indexes[i] as number
    if (!isReceipt(receipt)) throw new EndpointLie('malformed', `block ${height}: receipt ${index} is none`)
    if (receipt.blockHash !== hash || receipt.transactionHash !== hashOf(header.transactions[index])) {
      throw new EndpointLie('hash-mismatch', `receipt ${index} of block ${height} belongs to another block`)
    }
  })
}

/**
 * Receipts by height. An endpoint that has none of them (an empty list for a block with transactions) is not accused:
 * some chains left them out early on; then the block is absent from the result.
 */
export async function readReceipts(
  endpoint: Endpoint,
  wanted: readonly ReceiptsWanted[],
): Promise<Map<number, RpcReceipt[]>> {
  const found = new Map<number, RpcReceipt[]>()
  if (wanted.length === 0) return found
  if (!endpoint.lacks.has(BY_BLOCK)) {
    try {
      const results = await endpoint.batch(
        wanted.map(({ header }) => ({ method: BY_BLOCK, params: [quantity(header.ref.height)] })),
      )
      wanted.forEach((want, i) => {
        const receipts = results[i]
        if (!Array.isArray(receipts))
          throw new RpcFailure('behind', `no receipts of block ${want.header.ref.height}`)
        if (receipts.length === 0) return
        checkBelong(want, receipts as RpcReceipt[], [...want.header.transactions.keys()])
        found.set(want.header.ref.height, receipts as RpcReceipt[])
      })
      return found
    } catch (error) {
      if (!(error instanceof RpcFailure && error.kind === 'unsupported')) throw error
      endpoint.lacks.add(BY_BLOCK)
    }
  }
  for (const want of wanted) {
    const indexes = [...want.header.transactions.keys()].filter((i) => want.txIndexes?.has(i) ?? true)
    const receipts = await endpoint.batch(
      indexes.map((i) => ({
        method: 'eth_getTransactionReceipt',
        params: [hashOf(want.header.transactions[i])],
      })),
    )
    checkBelong(want, receipts as RpcReceipt[], indexes)
    found.set(want.header.ref.height, receipts as RpcReceipt[])
  }
  return found
}

/** The wanted logs that receipts hold. */
export function logsOfReceipts(receipts: readonly RpcReceipt[], request: LogRequest): RpcReceipt['logs'] {
  return receipts.flatMap(({ logs }) =>
    logs.filter(({ address, topics }) => request.wants(address.toLowerCase(), topics[0]?.toLowerCase())),
  )
}
