/** Blocks as the text of a gateway's answer. Concatenated rather than stringified: every field is checked hex or a number. */
import type { SourceBlock } from '../processor/block'
import type { RawLog, RawTransaction } from '../protocols/types'

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

function blockText({ ref, logs, transactions }: SourceBlock): string {
  let text = `{"header":{"number":${ref.height},"hash":"${ref.hash}","parentHash":"${ref.parentHash}","timestamp":${ref.timestampSec}},"logs":[`
  for (let i = 0; i < logs.length; i++) text += (i === 0 ? '' : ',') + logText(logs[i] as RawLog)
  return `${text}],"transactions":[${transactions.map(transactionText).join(',')}]}`
}

export function gatewayText(blocks: readonly SourceBlock[]): string {
  return `[${blocks.map(blockText).join(',')}]`
}
