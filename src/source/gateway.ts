/**
 * A local gateway (SQD gateway v2 protocol) over a capture file, so that evm-processor replays a capture exactly as it
 * would read a chain's history. Answers only what was asked: filters are applied here, as a real gateway does.
 *
 * `GET /height`, `GET /{block}/worker`, `POST /query`, and of our own `GET /capture`. Loopback only. A response stops early once it holds enough
 * logs; its last block is always present, even when empty, because it says how far the response reaches.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { messageOf, PlimsollError } from '../errors'
import { logger } from '../log'
import { type CaptureBlock, type CaptureTransaction, readCapture } from './capture'
import { type GatewayQuery, parseQuery, selectItems } from './gateway-query'

export interface CaptureRange {
  from: number
  to: number
}

export interface CaptureGateway {
  url: string
  chainId: number
  /** Runs of consecutive blocks, ascending. */
  ranges: CaptureRange[]
  blockCount: number
  logCount: number
  /** Whether the capture holds a block, or the first block of a run names it as its parent. */
  hashAt(height: number): Promise<string | undefined>
  close(): Promise<void>
}

/** Captures that unpack to less are kept in memory; larger ones are streamed from the file again. */
const KEEP_BYTES = 256 * 1024 * 1024
const LOGS_PER_RESPONSE = 4_000
const MAX_QUERY_BYTES = 4 * 1024 * 1024

interface Contents {
  chainId: number
  ranges: CaptureRange[]
  /** Hash by height of the blocks before each run, which we know only as parents. */
  parents: Map<number, string>
  blocks: CaptureBlock[] | undefined
  blockCount: number
  logCount: number
}

async function survey(path: string): Promise<Contents> {
  const contents: Contents = {
    chainId: 0,
    ranges: [],
    parents: new Map(),
    blocks: [],
    blockCount: 0,
    logCount: 0,
  }
  let bytes = 0
  for await (const block of readCapture(path)) {
    const { number, parentHash } = block.header
    const last = contents.ranges.at(-1)
    if (last && number === last.to + 1) last.to = number
    else {
      contents.ranges.push({ from: number, to: number })
      contents.parents.set(number - 1, parentHash)
    }
    contents.chainId = block.chainId
    contents.blockCount++
    contents.logCount += block.logs.length
    bytes += block.bytes
    if (bytes > KEEP_BYTES) contents.blocks = undefined
    contents.blocks?.push(block)
  }
  if (contents.blockCount === 0) throw new PlimsollError(`${path} holds no block`, { exitCode: 2 })
  return contents
}

/** Reads blocks at ascending heights; a step backwards starts the file again. */
function blockReader(path: string, contents: Contents): (from: number) => AsyncIterable<CaptureBlock> {
  const { blocks } = contents
  if (blocks !== undefined) {
    return async function* (from) {
      let low = 0
      let high = blocks.length
      while (low < high) {
        const middle = (low + high) >> 1
        if ((blocks[middle]?.header.number ?? 0) < from) low = middle + 1
        else high = middle
      }
      yield* blocks.slice(low)
    }
  }
  let stream: AsyncIterator<CaptureBlock> | undefined
  let pending: CaptureBlock | undefined
  return async function* (from) {
    if (stream === undefined || pending === undefined || pending.header.number > from) {
      await stream?.return?.()
      stream = readCapture(path)[Symbol.asyncIterator]()
      pending = (await stream.next()).value
    }
    while (pending !== undefined) {
      const block: CaptureBlock = pending
      if (block.header.number >= from) yield block
      pending = (await stream.next()).value
    }
  }
}

async function readBody(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = []
  let bytes = 0
  for await (const part of request as AsyncIterable<Buffer>) {
    bytes += part.length
    if (bytes > MAX_QUERY_BYTES) throw new PlimsollError('query too large')
    parts.push(part)
  }
  return Buffer.concat(parts).toString('utf8')
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body) })
  response.end(body)
}

/** The call data goes out only where it was asked for; its first four bytes always. */
function withSighash(tx: CaptureTransaction, query: GatewayQuery): object {
  const { input, ...rest } = tx
  const sighash = input.length >= 10 ? input.slice(0, 10) : '0x'
  return query.fields?.transaction?.input ? { ...rest, input, sighash } : { ...rest, sighash }
}

type Read = (from: number) => AsyncIterable<CaptureBlock>

/** Answers a query: blocks with matching items, and the last block reached. */
async function answer(read: Read, query: GatewayQuery, logsPerResponse: number): Promise<unknown[]> {
  const found: unknown[] = []
  let logs = 0
  let trailing: CaptureBlock | undefined
  for await (const block of read(query.fromBlock)) {
    if (query.toBlock !== undefined && block.header.number > query.toBlock) break
    const items = selectItems(block, query)
    trailing = undefined
    if (query.includeAllBlocks || items.logs.length > 0 || items.transactions.length > 0) {
      found.push({
        header: block.header,
        logs: items.logs,
        transactions: items.transactions.map((tx) => withSighash(tx, query)),
      })
    } else trailing = block
    logs += items.logs.length
    if (logs >= logsPerResponse) break
  }
  if (trailing) found.push({ header: trailing.header, logs: [], transactions: [] })
  return found
}

/**
 * Checks a capture as a whole, then serves it on a free loopback port.
 * @throws PlimsollError (exit code 2) when the capture is faulty
 */
export async function startGateway(
  path: string,
  options: { logsPerResponse?: number; port?: number } = {},
): Promise<CaptureGateway> {
  const contents = await survey(path)
  const read = blockReader(path, contents)
  const height = contents.ranges.at(-1)?.to ?? 0
  let url = ''

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost')
    if (request.method === 'GET' && pathname === '/height')
      return send(response, 200, 'text/plain', String(height))
    if (request.method === 'GET' && pathname === '/capture') {
      const { chainId, ranges } = contents
      return send(response, 200, 'application/json', JSON.stringify({ chainId, ranges }))
    }
    if (request.method === 'GET' && /^\/\d+\/worker$/.test(pathname)) {
      return send(response, 200, 'text/plain', `${url}/query`)
    }
    if (request.method !== 'POST' || pathname !== '/query')
      return send(response, 404, 'text/plain', 'not found')
    const query = parseQuery(await readBody(request))
    const blocks = await answer(read, query, options.logsPerResponse ?? LOGS_PER_RESPONSE)
    const parent = contents.parents.get(query.fromBlock)
    if (parent !== undefined && query.toBlock === query.fromBlock) {
      blocks.push({ header: { number: query.fromBlock, hash: parent, parentHash: '0x', timestamp: 0 } })
    }
    if (blocks.length === 0) return send(response, 404, 'text/plain', `no block from ${query.fromBlock} on`)
    send(response, 200, 'application/json', JSON.stringify(blocks))
  }

  const server: Server = createServer((request, response) => {
    handle(request, response).catch((error) => {
      logger('gateway').warn(`query failed: ${messageOf(error)}`)
      if (!response.headersSent) send(response, 400, 'text/plain', messageOf(error))
    })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port ?? 0, '127.0.0.1', resolve)
  })
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    url,
    chainId: contents.chainId,
    ranges: contents.ranges,
    blockCount: contents.blockCount,
    logCount: contents.logCount,
    async hashAt(wanted) {
      for await (const block of read(wanted)) {
        if (block.header.number === wanted) return block.header.hash
        break
      }
      return contents.parents.get(wanted)
    },
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/**
 * `plimsoll gateway`: serves a capture until the process is ended. Prints one JSON line when it is ready.
 * @throws PlimsollError (exit code 2) when the capture is faulty
 */
export async function runGateway(options: { file: string; port: number }): Promise<never> {
  const gateway = await startGateway(options.file, { port: options.port })
  const { url, chainId, ranges, blockCount, logCount } = gateway
  const fromBlock = ranges[0]?.from
  const toBlock = ranges.at(-1)?.to
  console.log(JSON.stringify({ ready: true, url, chainId, fromBlock, toBlock, blockCount, logCount }))
  return new Promise<never>(() => undefined)
}
