/**
 * The bench chain as a node: JSON-RPC over HTTP and WebSocket with newHeads, in a process of its own (settings as JSON in
 * PLIMSOLL_BENCH_CHAIN). `bench_mine`, `bench_reorg` and `bench_truth` drive it. A reorg announces every new head in turn,
 * as a node does. Prints one JSON line when it listens.
 */
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type WebSocket, WebSocketServer } from 'ws'
import type { Hex } from '../../src/chains/types'
import { messageOf } from '../../src/errors'
import { type ChainBlock, makeBlock } from './blocks'
import type { ChainSettings, Moved } from './client'
import { type LogQuery, quantity, selectLogs, toRpcBlock, toRpcHeader, toRpcReceipts } from './rpc'
import { truthOf } from './truth'

type Params = readonly unknown[]
type Method = (params: Params, socket: WebSocket | undefined) => unknown

const MAX_RANGE = 10_000

const settings = JSON.parse(process.env.PLIMSOLL_BENCH_CHAIN ?? '{}') as ChainSettings
const { seed, chainId, logs: logCount } = settings
const canonical: ChainBlock[] = []
/** Orphans stay known by hash, as nodes keep them for a while. */
const byHash = new Map<string, ChainBlock>()
const subscribers = new Map<WebSocket, string>()
let branch = 0

function append(): ChainBlock {
  const block = makeBlock(canonical.at(-1), { seed, branch, logCount })
  canonical.push(block)
  byHash.set(block.hash, block)
  return block
}

/** Tells subscribers of blocks; the time is taken before the first is sent. */
function announce(blocks: readonly ChainBlock[]): Moved {
  const announcedNs = process.hrtime.bigint().toString()
  for (const block of blocks) {
    const result = toRpcHeader(block)
    for (const [socket, subscription] of subscribers) {
      socket.send(
        JSON.stringify({ jsonrpc: '2.0', method: 'eth_subscription', params: { subscription, result } }),
      )
    }
  }
  const { height, hash } = canonical.at(-1)!
  return { height, hash, announcedNs }
}

function extend(count: number): Moved {
  return announce(Array.from({ length: count }, append))
}

function atTag(tag: unknown): ChainBlock | undefined {
  if (tag === 'earliest') return canonical[0]
  return typeof tag === 'string' && tag.startsWith('0x') ? canonical[Number(tag)] : canonical.at(-1)
}

function blockOf(value: unknown): ChainBlock | undefined {
  return typeof value === 'string' && value.length === 66 ? byHash.get(value) : atTag(value)
}

function getLogs(query: LogQuery & { blockHash?: Hex; fromBlock?: string; toBlock?: string }): unknown {
  if (query.blockHash !== undefined) {
    const block = byHash.get(query.blockHash)
    if (block === undefined) throw new Error('unknown block')
    return selectLogs(block, query)
  }
  const from = atTag(query.fromBlock)?.height ?? canonical.length
  const to = atTag(query.toBlock)?.height ?? canonical.length - 1
  if (to - from > MAX_RANGE) throw new Error(`query exceeds max block range ${MAX_RANGE}`)
  return canonical.slice(from, to + 1).flatMap((block) => selectLogs(block, query))
}

function receiptOf(hash: unknown): unknown {
  for (let i = canonical.length - 1; i >= 0; i--) {
    const index = canonical[i]!.transactions.findIndex((tx) => tx.hash === hash)
    if (index >= 0) return toRpcReceipts(canonical[i]!)[index]
  }
  return null
}

const METHODS: Readonly<Record<string, Method>> = {
  eth_chainId: () => quantity(chainId),
  net_version: () => String(chainId),
  web3_clientVersion: () => 'plimsoll-bench/1',
  eth_blockNumber: () => quantity(canonical.length - 1),
  eth_getBlockByNumber: ([tag, full]) => {
    const block = atTag(tag)
    return block === undefined ? null : toRpcBlock(block, full === true)
  },
  eth_getBlockByHash: ([hash, full]) => {
    const block = byHash.get(String(hash))
    return block === undefined ? null : toRpcBlock(block, full === true)
  },
  eth_getLogs: ([query]) => getLogs(query as LogQuery),
  eth_getBlockReceipts: ([which]) => {
    const block = blockOf(which)
    return block === undefined ? null : toRpcReceipts(block)
  },
  eth_getTransactionReceipt: ([hash]) => receiptOf(hash),
  eth_call: () => '0x',
  eth_subscribe: ([topic], socket) => {
    if (socket === undefined || topic !== 'newHeads') throw new Error('only newHeads, over WebSocket')
    subscribers.set(socket, '0x1')
    return '0x1'
  },
  eth_unsubscribe: (_, socket) => socket !== undefined && subscribers.delete(socket),
  bench_mine: ([count]) => extend(Number(count ?? 1)),
  bench_reorg: ([depth, count]) => {
    branch++
    canonical.splice(Math.max(1, canonical.length - Number(depth)))
    return extend(Number(count))
  },
  bench_announce: () => announce(canonical.slice(-1)),
  bench_truth: () => truthOf(canonical),
}

interface Call {
  id?: unknown
  method: string
  params?: Params
}

function answerOne({ id = null, method, params }: Call, socket?: WebSocket): object {
  try {
    const run = METHODS[method]
    if (run === undefined) throw new Error(`the method ${method} does not exist`)
    return { jsonrpc: '2.0', id, result: run(params ?? [], socket) }
  } catch (error) {
    return { jsonrpc: '2.0', id, error: { code: -32601, message: messageOf(error) } }
  }
}

function answer(text: string, socket?: WebSocket): string {
  const calls = JSON.parse(text) as Call | Call[]
  return JSON.stringify(
    Array.isArray(calls) ? calls.map((call) => answerOne(call, socket)) : answerOne(calls, socket),
  )
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = []
  for await (const part of request as AsyncIterable<Buffer>) parts.push(part)
  return Buffer.concat(parts).toString('utf8')
}

const http = createServer((request, response) => {
  bodyOf(request).then(
    (text) => response.writeHead(200, { 'content-type': 'application/json' }).end(answer(text)),
    () => response.destroy(),
  )
})
new WebSocketServer({ server: http }).on('connection', (socket) => {
  socket.on('message', (data) => socket.send(answer(String(data), socket)))
  socket.on('close', () => subscribers.delete(socket))
  socket.on('error', () => socket.terminate())
})
process.on('disconnect', () => process.exit(0))
for (let height = 0; height <= settings.blocks; height++) append()
http.listen(0, '127.0.0.1', () => {
  console.log(JSON.stringify({ ready: true, port: (http.address() as AddressInfo).port }))
})
