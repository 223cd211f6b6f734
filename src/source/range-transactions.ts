/** Transactions of a range, where they are asked for; with receipts, these are a second witness of the logs. */
import type { SourceBlock } from '../processor/block'
import type { Endpoint } from './endpoint'
import { type Header, type RpcReceipt, readTransaction } from './headers'
import type { FetchOptions } from './range'
import { logsOfReceipts, readReceipts } from './receipts-read'
import { EndpointLie } from './rpc-error'

/** Adds transactions, and checks logs against receipts where these are fetched anyway. */
export async function addTransactions(
  endpoint: Endpoint,
  blocks: readonly SourceBlock[],
  headers: ReadonlyMap<number, Header>,
  options: FetchOptions,
): Promise<SourceBlock[]> {
  const of = blocks.filter(({ ref, logs }) => {
    const header = headers.get(ref.height)
    return header && header.transactions.length > 0 && (options.transactions === 'all' || logs.length > 0)
  })
  const receipts = options.receipts
    ? await readReceipts(
        endpoint,
        of.map(({ ref, logs }) => ({
          header: headers.get(ref.height) as Header,
          txIndexes: options.transactions === 'all' ? undefined : new Set(logs.map((log) => log.txIndex)),
        })),
      )
    : new Map<number, RpcReceipt[]>()
  return blocks.map((block) => {
    const header = headers.get(block.ref.height)
    if (!header || !of.includes(block)) return block
    const found = receipts.get(block.ref.height)
    const byIndex = new Map(found?.map((receipt) => [Number(receipt.transactionIndex), receipt]))
    const wanted = options.transactions === 'all' ? undefined : new Set(block.logs.map((log) => log.txIndex))
    if (found) checkAgainstReceipts(block, found, options, found.length === header.transactions.length)
    const transactions = header.transactions.flatMap((tx, i) =>
      wanted === undefined || wanted.has(i) ? [readTransaction(tx, block.ref, byIndex.get(i))] : [],
    )
    return { ...block, transactions }
  })
}

/** Receipts are a second witness of the logs: both must tell the same. */
function checkAgainstReceipts(
  block: SourceBlock,
  receipts: readonly RpcReceipt[],
  options: FetchOptions,
  whole: boolean,
): void {
  const { ref } = block
  const told = logsOfReceipts(receipts, options.request)
  const byIndex = new Map(told.map((log) => [Number(log.logIndex), log]))
  for (const log of block.logs) {
    const same = byIndex.get(log.logIndex)
    if (same && same.address.toLowerCase() === log.address && same.data === log.data) continue
    throw new EndpointLie(
      'hash-mismatch',
      `log ${log.logIndex} of block ${ref.height} is not what its receipts say`,
    )
  }
  if (whole && told.length > block.logs.length) {
    const missing = told.find((log) => !block.logs.some(({ logIndex }) => logIndex === Number(log.logIndex)))
    throw new EndpointLie(
      'missing-logs',
      `eth_getLogs leaves out log ${missing?.logIndex} of block ${ref.height}`,
    )
  }
}
