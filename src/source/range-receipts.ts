/** One block whose logs are too many for any eth_getLogs answer: read from its receipts instead. */
import type { Hex } from '../chains/types'
import type { RawLog } from '../protocols/types'
import type { Endpoint } from './endpoint'
import { readHeader, readTransaction } from './headers'
import { quantity } from './log-request'
import { checkBloom, type FetchOptions, type OneRange } from './range'
import { logsOfReceipts, readReceipts } from './receipts-read'

export async function fetchBlockByReceipts(
  endpoint: Endpoint,
  height: number,
  options: FetchOptions,
): Promise<OneRange> {
  const full = options.transactions !== 'none'
  const header = readHeader(
    await endpoint.call('eth_getBlockByNumber', [quantity(height), full]),
    options.chainId,
    height,
  )
  const { ref } = header
  const receipts = (await readReceipts(endpoint, [{ header, txIndexes: undefined }])).get(height) ?? []
  const logs = logsOfReceipts(receipts, options.request).map(
    (log): RawLog => ({
      block: ref,
      logIndex: Number(log.logIndex),
      txIndex: Number(log.transactionIndex),
      txHash: String(log.transactionHash) as Hex,
      address: log.address.toLowerCase() as Hex,
      topics: log.topics as Hex[],
      data: log.data as Hex,
    }),
  )
  checkBloom(header, logs)
  const wanted = new Set(logs.map(({ txIndex }) => txIndex))
  const transactions = full
    ? header.transactions.flatMap((tx, i) =>
        options.transactions === 'all' || wanted.has(i)
          ? [readTransaction(tx, ref, options.receipts ? receipts[i] : undefined)]
          : [],
      )
    : []
  return {
    from: height,
    to: height,
    blocks: [{ ref, logs, transactions }],
    parentHash: ref.parentHash,
    lastHash: ref.hash,
    endpoint: endpoint.name,
    headers: new Map([[height, header]]),
    suspects: [],
  }
}
