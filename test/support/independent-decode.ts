/**
 * A second opinion on what a capture holds: viem's own decoder over ABI items written here, reading the file's JSON as
 * it is. Shares no code with src/protocols or src/source.
 */
import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { type AbiEvent, decodeEventLog, type Hex, parseAbiItem, toEventSelector } from 'viem'
import { type Args, big, ITEMS, type JsonLog, type Read } from './independent-events'

export interface JsonLine {
  chainId: number
  block: {
    number: Hex
    hash: Hex
    parentHash: Hex
    timestamp: Hex
    transactions: {
      hash: Hex
      from: Hex
      to: Hex | null
      value: Hex
      input: Hex
      nonce: Hex
      transactionIndex: Hex
    }[]
  }
  receipts: {
    transactionHash: Hex
    status?: Hex
    gasUsed: Hex
    contractAddress: Hex | null
    logs: JsonLog[]
  }[]
}

const BY_TOPIC = new Map<Hex, { item: AbiEvent; read: Read }[]>()
for (const [text, read] of ITEMS) {
  const item = parseAbiItem(text) as AbiEvent
  const topic = toEventSelector(item)
  BY_TOPIC.set(topic, [...(BY_TOPIC.get(topic) ?? []), { item, read }])
}

/** Lines of a gzipped capture. */
export function captureLines(path: string): JsonLine[] {
  const text = gunzipSync(readFileSync(path)).toString('utf8')
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as JsonLine)
}

/**
 * Rows by table that the file's logs amount to, keyed `height:logIndex:subIndex`.
 * @param underlying the asset of a Compound market, whose events do not name it
 */
export function decodeIndependently(
  lines: readonly JsonLine[],
  underlying: (market: string) => string,
): Map<string, Map<string, Record<string, string | null>>> {
  const tables = new Map<string, Map<string, Record<string, string | null>>>()
  for (const { chainId, block, receipts } of lines) {
    const account = (address: unknown) => `${chainId}:${String(address).toLowerCase()}`
    for (const log of receipts.flatMap((receipt) => receipt.logs)) {
      for (const { item, read } of BY_TOPIC.get(log.topics[0]) ?? []) {
        if (
          item.inputs.filter((input) => 'indexed' in input && input.indexed).length + 1 !==
          log.topics.length
        )
          continue
        let args: Args
        try {
          args = decodeEventLog({ abi: [item], topics: log.topics, data: log.data, strict: true })
            .args as unknown as Args
        } catch {
          continue
        }
        const counts = new Map<string, number>()
        for (const [table, values] of read(args ?? {}, log, account, underlying)) {
          const subIndex = counts.get(table) ?? 0
          counts.set(table, subIndex + 1)
          const rows = tables.get(table) ?? new Map()
          const sub =
            table === 'flash_loan' && item.name === 'Flash' && big(args.amount0) === 0n ? 1 : subIndex
          rows.set(`${Number(block.number)}:${Number(log.logIndex)}:${sub}`, {
            ...values,
            tx_hash: log.transactionHash,
            block_hash: block.hash,
          })
          tables.set(table, rows)
        }
      }
    }
  }
  return tables
}
