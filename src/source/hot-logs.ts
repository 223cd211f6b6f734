/**
 * Wanted logs of a block of the hot tail. They are asked for by the hash of the block that was served: between two calls
 * the chain may fork, and logs of another block at the same height would look like a block without logs.
 */
import type { LogFilter } from '../processor/filters'
import { mayMatch } from './bloom'
import type { Endpoints } from './endpoints'
import type { Header } from './headers'
import type { Heads } from './heads'
import type { Slot } from './hot-blocks'
import { type Pass, Refusal } from './hot-pass'
import { type LogCall, type LogRequest, logParams, logParamsByHash } from './log-request'
import { checkBloom } from './range'
import { readLogs } from './read-logs'
import { EndpointLie } from './rpc-error'
import { parseJson } from './transport'

export interface HotLogs {
  chainId: number
  endpoints: Endpoints
  heads: Heads
  pass: Pass
  filters: () => readonly LogFilter[]
  request: () => LogRequest
}

interface TextLog {
  blockNumber: string
  logIndex: string
}

/** Refuses logs of another block, that were not asked for, or that the bloom excludes. */
function checkLogs(result: unknown, call: LogCall, { ref, bloom, ...header }: Header): void {
  const { chainId, height, hash } = ref
  for (const block of readLogs(result, call, { chainId, from: height, to: height })) {
    if (block.ref.hash !== hash) {
      throw new EndpointLie('hash-mismatch', `gave logs of ${block.ref.hash} for block ${hash}`)
    }
    checkBloom({ ref, bloom, ...header }, block.logs)
  }
}

async function logsByHash(hot: HotLogs, call: LogCall, header: Header): Promise<TextLog[]> {
  let found: TextLog[] = []
  await hot.pass('eth_getLogs', logParamsByHash(call, header.ref.hash), (response) => {
    const { result } = parseJson(response) as { result?: unknown }
    checkLogs(result, call, header)
    found = result as TextLog[]
  })
  return found
}

/** The bloom speaks of a log that did not come: another endpoint is asked before the block is taken as empty. */
async function confirmEmpty(hot: HotLogs, header: Header): Promise<void> {
  const suspect = hot.heads.current()?.endpoint
  const other = hot.endpoints.healthy().find((endpoint) => endpoint !== suspect)
  if (!suspect || !other) return
  const { height, hash } = header.ref
  for (const call of hot.request().calls) {
    const result = await other.call('eth_getLogs', logParamsByHash(call, hash)).catch(() => [])
    if (!Array.isArray(result) || result.length === 0) continue
    checkLogs(result, call, header)
    const told = `gave no log of block ${height}, of which ${other.name} has ${result.length}`
    suspect.failed(new EndpointLie('missing-logs', told))
    throw new Refusal(-32000, `logs of block ${height} were left out; ask again`)
  }
}

/** Wanted logs of one block in order, as the text of a list. */
export async function logsOfBlock(hot: HotLogs, { header }: Slot): Promise<string> {
  const found = await Promise.all(hot.request().calls.map((call) => logsByHash(hot, call, header)))
  const logs = found.flat().sort((a, b) => Number(a.logIndex) - Number(b.logIndex))
  const unique = logs.filter((log, i) => log.logIndex !== logs[i - 1]?.logIndex)
  if (unique.length === 0 && header.bloom && mayMatch(header.bloom, hot.filters())) {
    await confirmEmpty(hot, header)
  }
  return JSON.stringify(unique)
}

/** Wanted logs of a long range, which is not the hot tail's business but may be asked for. */
export async function logsOfRange(hot: HotLogs, from: number, to: number): Promise<string> {
  const lists = await Promise.all(
    hot.request().calls.map((call) => hot.pass('eth_getLogs', logParams(call, from, to))),
  )
  if (lists.length === 1) return lists[0] as string
  const logs = lists.flatMap((list) => JSON.parse(list) as TextLog[])
  const order = (a: TextLog, b: TextLog): number =>
    Number(a.blockNumber) - Number(b.blockNumber) || Number(a.logIndex) - Number(b.logIndex)
  const sorted = logs.sort(order)
  return JSON.stringify(sorted.filter((log, i) => i === 0 || order(log, sorted[i - 1] as TextLog) !== 0))
}
