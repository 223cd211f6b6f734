/**
 * Answers to what evm-processor asks of the hot tail. What it asked of the last head is fetched for the next as soon as
 * that is announced, so that it waits for no round trip.
 */
import type { LogFilter } from '../processor/filters'
import type { Endpoints } from './endpoints'
import { type Header, type RpcReceipt, readHeader } from './headers'
import type { Heads } from './heads'
import { type HotBlocks, hotBlocks, type Slot } from './hot-blocks'
import { type HotLogs, logsOfBlock, logsOfRange } from './hot-logs'
import { passTo, Refusal } from './hot-pass'
import { type LogRequest, logRequest, quantity } from './log-request'
import { verifyReceipts } from './receipts'
import { parseJson } from './transport'
import type { Verification } from './types'

export interface HotOptions {
  chain: { id: number; name: string }
  endpoints: Endpoints
  heads: Heads
  filters: () => readonly LogFilter[]
  verify: Verification
  counters: { verifiedBlocks: number }
}

export interface HotAnswers {
  /** Result of a call as text. @throws Refusal, or what the endpoints fail with */
  answer(method: string, params: readonly unknown[]): Promise<string>
  /** Drops what was fetched with other filters. */
  forget(): void
  close(): void
}

/** What a processor reads; nothing that writes passes through. */
const READ_METHODS =
  /^(eth_(get\w+|call|gasPrice|feeHistory|syncing|protocolVersion)|net_version|web3_clientVersion|debug_trace\w+|trace_\w+)$/
/** Logs of more blocks than this are asked for by range. */
const MAX_BY_HASH = 32

interface Hot extends HotLogs {
  options: HotOptions
  blocks: HotBlocks
  /** What the processor asked of the last head. */
  habits: Set<string>
}

function heightOf(tag: unknown, head: number): number | undefined {
  if (tag === 'latest' || tag === undefined) return head
  return typeof tag === 'string' && /^0x[0-9a-f]{1,13}$/i.test(tag) ? Number(tag) : undefined
}

async function blockByNumber(hot: Hot, height: number, full: boolean): Promise<string> {
  let header: Header | undefined
  const text = await hot.pass('eth_getBlockByNumber', [quantity(height), full], (response) => {
    const { result } = parseJson(response) as { result?: unknown }
    header = result === null || result === undefined ? undefined : readHeader(result, hot.chainId, height)
  })
  if (header) hot.blocks.put(header)
  return text
}

async function receiptsByNumber({ options, blocks, pass }: Hot, height: number): Promise<string> {
  const header = blocks.at(height)?.header
  return pass('eth_getBlockReceipts', [quantity(height)], async (response) => {
    if (options.verify !== 'receipts') return
    const { result } = parseJson(response) as { result?: RpcReceipt[] | null }
    // Receipts of another block are not this header's business; evm-processor refuses them by their hash.
    if (!header || !result || result[0]?.blockHash !== header.ref.hash) return
    await verifyReceipts(header, result)
    options.counters.verifiedBlocks++
  })
}

function ask(hot: Hot, question: string, slot: Slot): Promise<string> {
  const { height } = slot.header.ref
  if (question === 'logs') return logsOfBlock(hot, slot)
  if (question === 'receipts') return receiptsByNumber(hot, height)
  return blockByNumber(hot, height, question === 'block:true')
}

/** The answer for a block, from what is under way or known. */
function answerFor(hot: Hot, question: string, slot: Slot): Promise<string> {
  if (slot.header.ref.height === hot.heads.current()?.header.ref.height) hot.habits.add(question)
  const known = slot.answers.get(question)
  if (known) return known
  const asked = ask(hot, question, slot)
  slot.answers.set(question, asked)
  asked.catch(() => slot.answers.delete(question))
  return asked
}

/** The same by height; undefined when the answer is not of the block that was announced there. */
async function answerAt(hot: Hot, height: number, question: string): Promise<string | undefined> {
  const slot = hot.blocks.at(height)
  if (!slot) return undefined
  const text = await answerFor(hot, question, slot)
  if (text.includes(slot.hash) || text === '[]') return text
  slot.answers.delete(question)
  return undefined
}

async function logsBetween(hot: Hot, filter: Record<string, unknown>, head: number): Promise<string> {
  const from = heightOf(filter.fromBlock, head)
  const to = heightOf(filter.toBlock, head)
  if (from === undefined || to === undefined)
    throw new Refusal(-32602, 'fromBlock and toBlock must be numbers')
  if (to - from >= MAX_BY_HASH) return logsOfRange(hot, from, to)
  const parts: string[] = []
  for (let height = from; height <= Math.min(to, head); height++) {
    if (!hot.blocks.at(height)) await blockByNumber(hot, height, false)
    const slot = hot.blocks.at(height)
    if (slot) parts.push((await answerFor(hot, 'logs', slot)).slice(1, -1))
  }
  return `[${parts.filter((part) => part !== '').join(',')}]`
}

async function answer(hot: Hot, method: string, params: readonly unknown[]): Promise<string> {
  if (method === 'eth_chainId') return `"${quantity(hot.chainId)}"`
  const head = (await hot.heads.known()).header.ref.height
  if (method === 'eth_blockNumber') return `"${quantity(head)}"`
  const height = heightOf(params[0], head)
  if (method === 'eth_getBlockByNumber' && height !== undefined) {
    const full = params[1] === true
    return (await answerAt(hot, height, `block:${full}`)) ?? blockByNumber(hot, height, full)
  }
  if (method === 'eth_getBlockReceipts' && height !== undefined) {
    return (await answerAt(hot, height, 'receipts')) ?? receiptsByNumber(hot, height)
  }
  if (method === 'eth_getLogs') {
    const filter = (params[0] ?? {}) as Record<string, unknown>
    const isUnfiltered = ['address', 'topics', 'blockHash'].every((key) => filter[key] === undefined)
    if (isUnfiltered) return logsBetween(hot, filter, head)
  }
  if (!READ_METHODS.test(method)) throw new Refusal(-32601, `${method} is not passed on`)
  return hot.pass(method, params)
}

export function hotAnswers(options: HotOptions): HotAnswers {
  const { chain, endpoints, heads, filters } = options
  let request: LogRequest | undefined
  const hot: Hot = {
    options,
    chainId: chain.id,
    endpoints,
    heads,
    filters,
    pass: passTo(endpoints, heads),
    blocks: hotBlocks(),
    habits: new Set(),
    request() {
      request ??= logRequest(filters())
      return request
    },
  }
  const stop = heads.subscribe((head) => {
    const slot = hot.blocks.onHead(head)
    for (const question of hot.habits) answerFor(hot, question, slot).catch(() => undefined)
  })
  return {
    answer: (method, params) => answer(hot, method, params),
    forget() {
      request = undefined
      hot.blocks.clear()
    },
    close: stop,
  }
}
