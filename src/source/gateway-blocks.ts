/** Blocks as the text of a gateway's answer. Concatenated rather than stringified: every field is checked hex or a number. */
import type { SourceBlock } from '../processor/block'
import type { BlockRef, RawLog, RawTransaction } from '../protocols/types'

function logText(log: RawLog): string {
  const topics = log.topics.length === 0 ? '' : `"${log.topics.join('","')}"`
  return `{"logIndex":${log.logIndex},"transactionIndex":${log.txIndex},"transactionHash":"${log.txHash}","address":"${log.address}","data":"${log.data}","topics":[${topics}]}`
}

function transactionText(tx: RawTransaction): string {
  return JSON.stringify({
    transactionIndex: tx.txIndex,
    hash: tx.hash,
    from: tx.from,
    to: tx.to,
    value: `0x${tx.valueWei.toString(16)}`,
    sighash: tx.input,
    nonce: tx.nonce,
    gasUsed: tx.gasUsed === undefined ? undefined : `0x${tx.gasUsed.toString(16)}`,
    status: tx.status,
    contractAddress: tx.contractAddress,
  })
}

function headerText({ height, hash, parentHash, timestampSec }: BlockRef): string {
  return `{"number":${height},"hash":"${hash}","parentHash":"${parentHash}","timestamp":${timestampSec}}`
}

function blockText({ ref, logs, transactions }: SourceBlock): string {
  let text = `{"header":${headerText(ref)},"logs":[`
  for (let i = 0; i < logs.length; i++) text += (i === 0 ? '' : ',') + logText(logs[i] as RawLog)
  return `${text}],"transactions":[${transactions.map(transactionText).join(',')}]}`
}

export function gatewayText(blocks: readonly SourceBlock[]): string {
  return `[${blocks.map(blockText).join(',')}]`
}

/** The same without logs and transactions: where the blocks themselves are handed over in memory. */
export function headersText(blocks: readonly SourceBlock[]): string {
  return `[${blocks.map(({ ref }) => `{"header":${headerText(ref)}}`).join(',')}]`
}
