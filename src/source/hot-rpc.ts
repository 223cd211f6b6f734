/**
 * A JSON-RPC endpoint on the loopback, over WebSocket, for the hot tail. It answers from the endpoint that announced
 * the head, fails over, asks eth_getLogs with the source's filters in place of none, and begins to fetch what the
 * processor asked of the last head as soon as the next is announced. Results pass through as text.
 *
 * Logs are asked for by the hash of the block that was served: between two calls the chain may fork, and logs of
 * another block at the same height would look like a block without logs.
 */
import type { IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type WebSocket, WebSocketServer } from 'ws'
import { messageOf } from '../errors'
import type { LogFilter } from '../processor/filters'
import { mayMatch } from './bloom'
import type { Endpoints } from './endpoints'
import { type Header, type RpcReceipt, readHeader } from './headers'
import type { Head, Heads } from './heads'
import { hotBlocks, type Slot } from './hot-blocks'
import {
  type LogCall,
  type LogRequest,
  logParams,
  logParamsByHash,
  logRequest,
  quantity,
} from './log-request'
import { checkBloom } from './range'
import { readLogs } from './read-logs'
import { verifyReceipts } from './receipts'
import { EndpointLie, RpcFailure } from './rpc-error'
import { parseJson } from './transport'
import type { Verification } from './types'

export interface HotRpcOptions {
  chain: { id: number; name: string }
  endpoints: Endpoints
  heads: Heads
  filters: () => readonly LogFilter[]
  verify: Verification
  counters: { verifiedBlocks: number }
}

/** Refuses a response by throwing. */
type Check = (response: string) => void | Promise<void>

export interface HotRpc {
  url: string
  /** Drops what was fetched with other filters. */
  forget(): void
  close(): Promise<void>
}

/** What a processor reads; nothing that writes passes through. */
const READ_METHODS =
  /^(eth_(get\w+|call|gasPrice|feeHistory|syncing|protocolVersion)|net_version|web3_clientVersion|debug_trace\w+|trace_\w+)$/
const MAX_REQUEST_BYTES = 16 * 1024 * 1024
/** Logs of more blocks than this are asked for by range. */
const MAX_BY_HASH = 32

class Refusal extends Error {
  readonly code: number
  constructor(code: number, message: string) {
    super(message)
    this.code = code
  }
}

interface Request {
  id: unknown
  method: string
  params: readonly unknown[]
}

/** The result within a response, as text. */
export function resultText(response: string): string {
  const head = /^\{"jsonrpc":"2\.0","id":\d+,"result":/.exec(response.slice(0, 80))
  if (head && response.endsWith('}')) return response.slice(head[0].length, -1)
  return JSON.stringify((parseJson(response) as { result?: unknown }).result ?? null)
}

function heightOf(tag: unknown, head: number): number | undefined {
  if (tag === 'latest' || tag === undefined) return head
  return typeof tag === 'string' && /^0x[0-9a-f]{1,13}$/i.test(tag) ? Number(tag) : undefined
}

export async function startHotRpc(options: HotRpcOptions): Promise<HotRpc> {
  const { chain, endpoints, heads, verify } = options
  const blocks = hotBlocks()
  /** What the processor asked of the last head. */
  const habits = new Set<string>()
  const subscriptions = new Map<WebSocket, Set<string>>()
  let lastSubscription = 0
  let request: LogRequest | undefined
  const wantedLogs = (): LogRequest => {
    request ??= logRequest(options.filters())
    return request
  }

  /** Asks the endpoint that knows the head, or whichever can; a node's refusal is the caller's to hear. */
  async function pass(method: string, params: readonly unknown[], check?: Check): Promise<string> {
    for (;;) {
      const except = new Set(endpoints.all.filter((endpoint) => endpoint.lacks.has(method)))
      if (except.size === endpoints.all.length) throw new Refusal(-32601, `no endpoint has ${method}`)
      const { value, endpoint } = await endpoints.run(
        async (candidate) => {
          try {
            const text = await candidate.text({ method, params })
            await check?.(text)
            return { text }
          } catch (error) {
            if (error instanceof RpcFailure && ['refused', 'unsupported', 'too-large'].includes(error.kind)) {
              return { failure: error }
            }
            throw error
          }
        },
        { prefer: heads.current()?.endpoint, except },
      )
      if (value.failure === undefined) return resultText(value.text)
      if (value.failure.kind !== 'unsupported') {
        throw new Refusal(value.failure.code ?? -32000, value.failure.message)
      }
      endpoint.lacks.add(method)
    }
  }

  async function blockByNumber(height: number, full: boolean): Promise<string> {
    let header: Header | undefined
    const text = await pass('eth_getBlockByNumber', [quantity(height), full], (response) => {
      const { result } = parseJson(response) as { result?: unknown }
      header = result === null || result === undefined ? undefined : readHeader(result, chain.id, height)
    })
    if (header) blocks.put(header)
    return text
  }

  async function receiptsOf(height: number): Promise<string> {
    const header = blocks.at(height)?.header
    return pass('eth_getBlockReceipts', [quantity(height)], async (response) => {
      if (verify !== 'receipts') return
      const { result } = parseJson(response) as { result?: RpcReceipt[] | null }
      if (!header || !result || result[0]?.blockHash !== header.ref.hash) return
      await verifyReceipts(header, result)
      options.counters.verifiedBlocks++
    })
  }

  /** Wanted logs of one block, known by its hash; a list as text. */
  async function logsOf({ hash, header }: Slot): Promise<string> {
    const { height } = header.ref
    const { calls } = wantedLogs()
    const found = await Promise.all(calls.map((call) => logsByHash(call, hash, header)))
    const logs = found.flat().sort((a, b) => Number(a.logIndex) - Number(b.logIndex))
    const unique = logs.filter((log, i) => log.logIndex !== logs[i - 1]?.logIndex)
    if (unique.length === 0 && header.bloom && mayMatch(header.bloom, options.filters())) {
      await confirmEmpty(height, hash, header)
    }
    return JSON.stringify(unique)
  }

  async function logsByHash(call: LogCall, hash: string, header: Header) {
    const { height } = header.ref
    let found: { logIndex: string }[] = []
    const check: Check = (response) => {
      const { result } = parseJson(response) as { result?: unknown }
      for (const block of readLogs(result, call, { chainId: chain.id, from: height, to: height })) {
        if (block.ref.hash !== hash) {
          throw new EndpointLie('hash-mismatch', `gave logs of ${block.ref.hash} for block ${hash}`)
        }
        checkBloom(header, block.logs)
      }
      found = result as { logIndex: string }[]
    }
    await pass('eth_getLogs', logParamsByHash(call, hash), check)
    return found
  }

  /** The bloom speaks of a log that did not come: another endpoint is asked before the block is taken as empty. */
  async function confirmEmpty(height: number, hash: string, header: Header): Promise<void> {
    const suspect = heads.current()?.endpoint
    const other = endpoints.healthy().find((endpoint) => endpoint !== suspect)
    if (!suspect || !other) return
    for (const call of wantedLogs().calls) {
      const result = await other.call('eth_getLogs', logParamsByHash(call, hash)).catch(() => [])
      if (!Array.isArray(result) || result.length === 0) continue
      for (const block of readLogs(result, call, { chainId: chain.id, from: height, to: height })) {
        checkBloom(header, block.logs)
      }
      suspect.failed(
        new EndpointLie(
          'missing-logs',
          `gave no log of block ${height}, of which ${other.name} has ${result.length}`,
        ),
      )
      throw new Refusal(-32000, `logs of block ${height} were left out; ask again`)
    }
  }

  async function logsInRange(
    filter: { fromBlock?: unknown; toBlock?: unknown },
    head: number,
  ): Promise<string> {
    const from = heightOf(filter.fromBlock, head)
    const to = heightOf(filter.toBlock, head)
    if (from === undefined || to === undefined)
      throw new Refusal(-32602, 'fromBlock and toBlock must be numbers')
    if (from > head) return '[]'
    const lists: string[] = []
    if (to - from < MAX_BY_HASH) {
      for (let height = from; height <= Math.min(to, head); height++) {
        if (!blocks.at(height)) await blockByNumber(height, false)
        const slot = blocks.at(height)
        if (slot) lists.push(await answerOf(slot, 'logs', () => logsOf(slot)))
      }
      const parts = lists.map((list) => list.slice(1, -1)).filter((list) => list !== '')
      return `[${parts.join(',')}]`
    }
    for (const call of wantedLogs().calls) lists.push(await pass('eth_getLogs', logParams(call, from, to)))
    if (lists.length === 1) return lists[0] as string
    const all = lists.flatMap((list) => JSON.parse(list) as { blockNumber: string; logIndex: string }[])
    const order = (log: (typeof all)[number]) => Number(log.blockNumber) * 1e6 + Number(log.logIndex)
    return JSON.stringify(all.sort((a, b) => order(a) - order(b)))
  }

  function answerOf(slot: Slot, question: string, ask: () => Promise<string>): Promise<string> {
    if (slot.header.ref.height === heads.current()?.header.ref.height) habits.add(question)
    const known = slot.answers.get(question)
    if (known) return known
    const asked = ask()
    slot.answers.set(question, asked)
    asked.catch(() => slot.answers.delete(question))
    return asked
  }

  function askFor(question: string, slot: Slot): Promise<string> {
    const { height } = slot.header.ref
    if (question === 'logs') return logsOf(slot)
    if (question === 'receipts') return receiptsOf(height)
    return blockByNumber(height, question === 'block:true')
  }

  /** Text that belongs to the slot's block; undefined when the chain forked in between. */
  async function slotAnswer(height: number, question: string): Promise<string | undefined> {
    const slot = blocks.at(height)
    if (!slot) return undefined
    const text = await answerOf(slot, question, () => askFor(question, slot))
    if (text.includes(slot.hash) || text === '[]') return text
    slot.answers.delete(question)
    return undefined
  }

  async function answer(method: string, params: readonly unknown[]): Promise<string> {
    if (method === 'eth_chainId') return `"${quantity(chain.id)}"`
    const head = (await heads.known()).header.ref.height
    if (method === 'eth_blockNumber') return `"${quantity(head)}"`
    const height = heightOf(params[0], head)
    if (method === 'eth_getBlockByNumber' && height !== undefined) {
      const full = params[1] === true
      return (await slotAnswer(height, `block:${full}`)) ?? blockByNumber(height, full)
    }
    if (method === 'eth_getBlockReceipts' && height !== undefined) {
      return (await slotAnswer(height, 'receipts')) ?? receiptsOf(height)
    }
    if (method === 'eth_getLogs') {
      const filter = (params[0] ?? {}) as Record<string, unknown>
      const isOurs =
        filter.address === undefined && filter.topics === undefined && filter.blockHash === undefined
      if (isOurs) return logsInRange(filter, head)
    }
    if (!READ_METHODS.test(method)) throw new Refusal(-32601, `${method} is not passed on`)
    return pass(method, params)
  }

  async function respond(socket: WebSocket, { id, method, params }: Request): Promise<string> {
    const head = `{"jsonrpc":"2.0","id":${JSON.stringify(id ?? null)}`
    try {
      if (method === 'eth_subscribe') return `${head},"result":"${subscribe(socket, params)}"}`
      if (method === 'eth_unsubscribe') {
        return `${head},"result":${subscriptions.get(socket)?.delete(String(params[0])) ?? false}}`
      }
      return `${head},"result":${await answer(method, params)}}`
    } catch (error) {
      const code = error instanceof Refusal ? error.code : -32000
      return `${head},"error":{"code":${code},"message":${JSON.stringify(messageOf(error))}}}`
    }
  }

  function subscribe(socket: WebSocket, params: readonly unknown[]): string {
    if (params[0] !== 'newHeads') throw new Refusal(-32602, 'only newHeads can be subscribed to')
    const id = quantity(++lastSubscription)
    subscriptions.get(socket)?.add(id)
    const head = heads.current()
    // After the reply, so that the subscriber knows the id.
    if (head) setImmediate(() => socket.send(announcement(id, head)))
    return id
  }

  function announcement(id: string, { header }: Head): string {
    const { height, hash, parentHash, timestampSec } = header.ref
    return `{"jsonrpc":"2.0","method":"eth_subscription","params":{"subscription":"${id}","result":{"number":"${quantity(height)}","hash":"${hash}","parentHash":"${parentHash}","timestamp":"${quantity(timestampSec)}"}}}`
  }

  const stopHeads = heads.subscribe((head) => {
    const slot = blocks.onHead(head)
    for (const question of habits) {
      if (!slot.answers.has(question))
        answerOf(slot, question, () => askFor(question, slot)).catch(() => undefined)
    }
    for (const [socket, ids] of subscriptions) for (const id of ids) socket.send(announcement(id, head))
  })

  const server = new WebSocketServer({
    host: '127.0.0.1',
    port: 0,
    perMessageDeflate: false,
    maxPayload: MAX_REQUEST_BYTES,
    // Browsers send their origin; no page has business here.
    verifyClient: ({ req }: { req: IncomingMessage }) => req.headers.origin === undefined,
  })
  server.on('connection', (socket) => {
    subscriptions.set(socket, new Set())
    socket.on('close', () => subscriptions.delete(socket))
    socket.on('error', () => undefined)
    socket.on('message', (data) => {
      void onMessage(socket, data.toString())
    })
  })

  async function onMessage(socket: WebSocket, text: string): Promise<void> {
    let parsed: unknown
    try {
      parsed = JSON.parse(text)
    } catch {
      socket.send('{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"not JSON"}}')
      return
    }
    const asked = (Array.isArray(parsed) ? parsed : [parsed]).map((entry) => ({
      id: (entry as Request)?.id,
      method: String((entry as Request)?.method),
      params: Array.isArray((entry as Request)?.params) ? (entry as Request).params : [],
    }))
    const replies = await Promise.all(asked.map((entry) => respond(socket, entry)))
    socket.send(Array.isArray(parsed) ? `[${replies.join(',')}]` : (replies[0] as string))
  }

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.once('listening', resolve)
  })
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    forget() {
      request = undefined
      blocks.clear()
    },
    async close() {
      stopHeads()
      for (const socket of server.clients) socket.terminate()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
