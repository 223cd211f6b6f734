/**
 * A small chain whose headers keep their promises (hash links, logsBloom, receiptsRoot), served by scripted JSON-RPC
 * endpoints over HTTP and WebSocket. An endpoint may be told to lie, to limit, to be slow, or to die.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { type Hex, keccak256, stringToHex } from 'viem'
import { type WebSocket, WebSocketServer } from 'ws'
import { addToBloom, emptyBloom } from '../../src/source/bloom'
import type { RpcReceipt } from '../../src/source/headers'
import { receiptsRoot } from '../../src/source/receipts'

export const TOKEN: Hex = '0x00000000000000000000000000000000000000aa'
export const OTHER: Hex = '0x00000000000000000000000000000000000000bb'
export const TOPIC = keccak256(stringToHex('Transfer(address,address,uint256)'))
export const FOREIGN_TOPIC = keccak256(stringToHex('Foreign()'))

export interface FakeLog {
  address: Hex
  topics: Hex[]
  data: Hex
  blockNumber: Hex
  blockHash: Hex
  blockTimestamp?: Hex
  transactionHash: Hex
  transactionIndex: Hex
  logIndex: Hex
  removed: boolean
}

export interface FakeBlock {
  header: Record<string, unknown> & {
    number: Hex
    hash: Hex
    parentHash: Hex
    logsBloom: Hex
    receiptsRoot: Hex
  }
  transactions: Record<string, unknown>[]
  logs: FakeLog[]
  receipts: RpcReceipt[]
}

export const hex = (n: number): Hex => `0x${n.toString(16)}`
export const word = (n: number | bigint): Hex => `0x${n.toString(16).padStart(64, '0')}`

export interface ChainShape {
  /** Transfers of TOKEN in a block; default: one in every third block. */
  transfers?: (height: number) => number
  /** Nodes that say a block's time beside each log; default true. */
  timed?: boolean
}

async function makeBlock(
  height: number,
  parentHash: Hex,
  branch: string,
  shape: ChainShape,
): Promise<FakeBlock> {
  const hash = keccak256(stringToHex(`${branch} ${height} ${parentHash}`))
  const count = (shape.transfers ?? ((h) => (h % 3 === 0 ? 1 : 0)))(height)
  const timestamp = hex(1_700_000_000 + height * 12)
  const txHash = keccak256(stringToHex(`tx ${hash}`))
  const logs = Array.from({ length: count + 1 }, (_, i): FakeLog => {
    const foreign = i === count
    return {
      address: foreign ? OTHER : TOKEN,
      topics: foreign ? [FOREIGN_TOPIC] : [TOPIC, word(height + 1), word(i + 1)],
      data: foreign ? '0x' : word(BigInt(height) * 1000n + BigInt(i)),
      blockNumber: hex(height),
      blockHash: hash,
      ...((shape.timed ?? true) && { blockTimestamp: timestamp }),
      transactionHash: txHash,
      transactionIndex: '0x0',
      logIndex: hex(i),
      removed: false,
    }
  })
  const bloom = emptyBloom()
  for (const log of logs) for (const value of [log.address, ...log.topics]) addToBloom(bloom, value)
  const receipt: RpcReceipt = {
    transactionHash: txHash,
    transactionIndex: '0x0',
    blockHash: hash,
    blockNumber: hex(height),
    type: '0x2',
    status: '0x1',
    cumulativeGasUsed: '0x5208',
    gasUsed: '0x5208',
    contractAddress: null,
    logs: logs as unknown as RpcReceipt['logs'],
  }
  const transaction = {
    hash: txHash,
    transactionIndex: '0x0',
    blockHash: hash,
    blockNumber: hex(height),
    from: TOKEN,
    to: OTHER,
    value: '0x1',
    nonce: hex(height),
    input: '0xa9059cbb0011',
  }
  return {
    header: {
      number: hex(height),
      hash,
      parentHash,
      timestamp,
      logsBloom: `0x${Buffer.from(bloom).toString('hex')}`,
      receiptsRoot: (await receiptsRoot([receipt])).root,
    },
    transactions: [transaction],
    logs,
    receipts: [receipt],
  }
}

export interface FakeChain {
  blocks: FakeBlock[]
  head(): FakeBlock
  /** Adds blocks. */
  mine(count?: number): Promise<void>
  /** Replaces the last blocks by as many others. */
  reorg(depth: number): Promise<void>
  onHead(listener: (block: FakeBlock) => void): void
}

/** A chain with blocks 0 to `height`. */
export async function fakeChain(height: number, shape: ChainShape = {}): Promise<FakeChain> {
  const listeners: ((block: FakeBlock) => void)[] = []
  const blocks: FakeBlock[] = []
  let branch = 0
  async function push(): Promise<void> {
    const parent = blocks.at(-1)?.header.hash ?? word(0)
    blocks.push(await makeBlock(blocks.length, parent, `branch ${branch}`, shape))
  }
  while (blocks.length <= height) await push()
  const head = (): FakeBlock => blocks.at(-1) as FakeBlock
  const tell = (): void => {
    for (const listener of listeners) listener(head())
  }
  return {
    blocks,
    head,
    onHead: (listener) => listeners.push(listener),
    async mine(count = 1) {
      for (let i = 0; i < count; i++) {
        await push()
        tell()
      }
    },
    async reorg(depth) {
      branch++
      blocks.length -= depth
      for (let i = 0; i < depth; i++) await push()
      tell()
    },
  }
}

export interface Call {
  method: string
  params: unknown[]
}

/** What an endpoint does with a call in place of answering truly: a result, an error to throw, or undefined. */
export type Twist = (call: Call, truth: () => unknown) => unknown | undefined | Promise<unknown | undefined>

export class RpcError extends Error {
  readonly code: number
  constructor(code: number, message: string) {
    super(message)
    this.code = code
  }
}

export interface FakeEndpoint {
  url: string
  wsUrl: string
  calls: (Call & { atMs: number })[]
  counts(): Record<string, number>
  twist(twist: Twist | undefined): void
  /** Accepts connections but answers nothing. */
  hang(on: boolean): void
  /** Cuts every connection and refuses others. */
  die(): Promise<void>
  close(): Promise<void>
}

export interface EndpointOptions {
  chainId?: number
  /** Answer HTTP with this status instead. */
  httpStatus?: (
    calls: readonly Call[],
  ) => { status: number; body: string; headers?: Record<string, string> } | undefined
  batches?: boolean
}

const list = (value: unknown): string[] | undefined =>
  value === undefined || value === null ? undefined : ([] as string[]).concat(value as string[])

export async function fakeEndpoint(chain: FakeChain, options: EndpointOptions = {}): Promise<FakeEndpoint> {
  const calls: FakeEndpoint['calls'] = []
  const sockets = new Set<Socket>()
  const subscribers = new Set<WebSocket>()
  let twist: Twist | undefined
  let hanging = false

  const at = (tag: unknown): FakeBlock | undefined =>
    tag === 'latest' ? chain.head() : chain.blocks[Number(tag)]
  const blockOf = (block: FakeBlock | undefined, full: unknown): unknown =>
    block
      ? { ...block.header, transactions: full ? block.transactions : block.transactions.map((tx) => tx.hash) }
      : null

  function truth({ method, params }: Call): unknown {
    switch (method) {
      case 'eth_chainId':
        return hex(options.chainId ?? 1)
      case 'eth_blockNumber':
        return chain.head().header.number
      case 'eth_getBlockByNumber':
        return blockOf(at(params[0]), params[1])
      case 'eth_getBlockByHash':
        return blockOf(
          chain.blocks.find((block) => block.header.hash === params[0]),
          params[1],
        )
      case 'eth_getBlockReceipts':
        return at(params[0])?.receipts ?? null
      case 'eth_getLogs': {
        const filter = params[0] as Record<string, unknown>
        const topic0 = list((filter.topics as unknown[] | undefined)?.[0])
        const address = list(filter.address)
        const from = Number(filter.fromBlock)
        const found = filter.blockHash
          ? chain.blocks.filter((block) => block.header.hash === filter.blockHash)
          : chain.blocks.slice(from, Number(filter.toBlock) + 1)
        if (filter.blockHash && found.length === 0) throw new RpcError(-32000, 'unknown block')
        return found
          .flatMap((block) => block.logs)
          .filter((log) => !address || address.includes(log.address))
          .filter((log) => !topic0 || topic0.includes(log.topics[0] as string))
      }
      default:
        throw new RpcError(-32601, `the method ${method} does not exist`)
    }
  }

  async function respond(call: Call & { id: number }): Promise<object> {
    calls.push({ method: call.method, params: call.params, atMs: performance.now() })
    try {
      const twisted = await twist?.(call, () => structuredClone(truth(call)))
      return { jsonrpc: '2.0', id: call.id, result: twisted === undefined ? truth(call) : twisted }
    } catch (error) {
      const code = error instanceof RpcError ? error.code : -32000
      return { jsonrpc: '2.0', id: call.id, error: { code, message: (error as Error).message } }
    }
  }

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    let body = ''
    for await (const chunk of request) body += chunk
    if (hanging) return
    const parsed = JSON.parse(body)
    const asked = ([] as (Call & { id: number })[]).concat(parsed)
    const refused = options.httpStatus?.(asked)
    if (refused) {
      for (const call of asked) calls.push({ ...call, atMs: performance.now() })
      response.writeHead(refused.status, refused.headers ?? {}).end(refused.body)
      return
    }
    if (Array.isArray(parsed) && options.batches === false) {
      response.end(JSON.stringify({ jsonrpc: '2.0', id: null, error: { code: -32600, message: 'no batch' } }))
      return
    }
    const answers = await Promise.all(asked.map(respond))
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end(JSON.stringify(Array.isArray(parsed) ? answers.reverse() : answers[0]))
  }
  const server: Server = createServer((request, response) => {
    serve(request, response).catch(() => response.destroy())
  })
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => undefined)
  })
  const sockets2 = new WebSocketServer({ server })
  sockets2.on('connection', (socket) => {
    socket.on('message', async (data) => {
      if (hanging) return
      const parsed = JSON.parse(data.toString())
      if (parsed.method === 'eth_subscribe') {
        subscribers.add(socket)
        socket.send(JSON.stringify({ jsonrpc: '2.0', id: parsed.id, result: '0x1' }))
        return
      }
      const answers = await Promise.all(([] as (Call & { id: number })[]).concat(parsed).map(respond))
      socket.send(JSON.stringify(Array.isArray(parsed) ? answers : answers[0]))
    })
    socket.on('close', () => subscribers.delete(socket))
  })
  chain.onHead((block) => {
    if (hanging) return
    for (const socket of subscribers) {
      const params = { subscription: '0x1', result: block.header }
      socket.send(JSON.stringify({ jsonrpc: '2.0', method: 'eth_subscription', params }))
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const cut = async (): Promise<void> => {
    const closed = new Promise((resolve) => server.close(resolve))
    for (const socket of sockets) socket.destroy()
    await closed
  }
  return {
    url: `http://127.0.0.1:${port}/KEY`,
    wsUrl: `ws://127.0.0.1:${port}/KEY`,
    calls,
    counts() {
      const counts: Record<string, number> = {}
      for (const { method } of calls) counts[method] = (counts[method] ?? 0) + 1
      return counts
    },
    twist(next) {
      twist = next
    },
    hang(on) {
      hanging = on
    },
    die: cut,
    close: async () => {
      if (server.listening) await cut()
    },
  }
}
