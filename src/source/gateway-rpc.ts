/**
 * A gateway (SQD gateway v2 protocol) over RPC endpoints: evm-processor reads final blocks from it as from a data lake,
 * and gets only what the source's filters want. Where an upstream gateway is given, its range comes from it.
 *
 * A query says how much of a block it wants (transactions, all blocks); which logs is for the source to know, whose
 * filters may grow while the processor runs. Ranges behind the one asked for are fetched ahead.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { z } from 'zod'
import { messageOf } from '../errors'
import { logger } from '../log'
import type { SourceBlock } from '../processor/block'
import { gatewayText, headersText } from './gateway-blocks'
import type { FetchedRange, RangeQuery } from './types'

export interface RpcGatewayOptions {
  chainName: string
  fetchRanges(query: RangeQuery): AsyncIterable<FetchedRange>
  finalizedHeight(): Promise<number>
  /** Upstream gateway. */
  gatewayUrl?: string | undefined
  /** Takes each answer's blocks in memory; the answer itself then has their headers alone. */
  handOver?: ((blocks: readonly SourceBlock[]) => void) | undefined
}

export interface RpcGateway {
  url: string
  /** Forgets what was fetched ahead, because other logs are wanted now. */
  restart(): void
  close(): Promise<void>
}

const MAX_QUERY_BYTES = 4 * 1024 * 1024
const UPSTREAM_TIMEOUT_MS = 10_000
const UPSTREAM_FRESH_MS = 30_000
/** Blocks that are fetched ahead of an open-ended query at most, so that filters which change take effect. */
const AHEAD_BLOCKS = 1_000_000

/** An answer ends with the range that reaches this many logs, and holds no more than so many ranges. */
const LOGS_PER_ANSWER = 32_000
const RANGES_PER_ANSWER = 6

const wanted = z.object({ transaction: z.boolean().optional() })
const querySchema = z.object({
  fromBlock: z.number().int().nonnegative(),
  toBlock: z.number().int().nonnegative().optional(),
  includeAllBlocks: z.boolean().optional(),
  logs: z.array(wanted).optional(),
  transactions: z
    .array(z.object({ to: z.never().optional(), from: z.never().optional(), sighash: z.never().optional() }))
    .optional(),
  traces: z.array(z.unknown()).max(0).optional(),
  stateDiffs: z.array(z.unknown()).max(0).optional(),
  fields: z.object({ transaction: z.record(z.string(), z.boolean()).optional() }).optional(),
})

const RECEIPT_FIELDS = ['gasUsed', 'status', 'contractAddress']

type Detail = Omit<RangeQuery, 'from' | 'to'>

function detailOf(query: z.infer<typeof querySchema>): Detail {
  const fields = query.fields?.transaction ?? {}
  return {
    transactions: query.transactions?.length
      ? 'all'
      : query.logs?.some((log) => log.transaction)
        ? 'ofLogs'
        : 'none',
    receipts: RECEIPT_FIELDS.some((field) => fields[field]),
    blocks: query.includeAllBlocks ? 'all' : 'relevant',
    // A query without logs asks for none, for example for the hash of a block.
    ...(!query.logs?.length && { filters: [] }),
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = []
  let bytes = 0
  for await (const part of request as AsyncIterable<Buffer>) {
    bytes += part.length
    if (bytes > MAX_QUERY_BYTES) throw new Error('query too large')
    parts.push(part)
  }
  return Buffer.concat(parts).toString('utf8')
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body) })
  response.end(body)
}

/** Height of the upstream gateway; asked for again when it is old. -1 when there is none, or it does not answer. */
function upstreamHeight(gatewayUrl: string | undefined): () => Promise<number> {
  let known = { height: -1, atMs: 0 }
  return async () => {
    if (gatewayUrl === undefined) return -1
    if (Date.now() - known.atMs < UPSTREAM_FRESH_MS) return known.height
    try {
      const response = await fetch(`${gatewayUrl.replace(/\/$/, '')}/height`, {
        signal: AbortSignal.timeout(UPSTREAM_TIMEOUT_MS),
      })
      const height = Number(await response.text())
      if (response.ok && Number.isSafeInteger(height)) known = { height, atMs: Date.now() }
    } catch (error) {
      logger('source').warn(`the upstream gateway does not answer: ${messageOf(error)}`)
      known = { height: -1, atMs: Date.now() }
    }
    return known.height
  }
}

export async function startRpcGateway(options: RpcGatewayOptions): Promise<RpcGateway> {
  const upstream = upstreamHeight(options.gatewayUrl)
  /** Ranges that continue the last answer, as long as the processor reads on in order. */
  let ahead: { next: number; detail: string; ranges: AsyncIterator<FetchedRange> } | undefined

  async function rangesFrom(from: number, toBlock: number | undefined, detail: Detail, key: string) {
    if (ahead?.next === from && ahead.detail === key) return ahead.ranges
    const newest = Math.min(await options.finalizedHeight(), from + AHEAD_BLOCKS)
    const to = Math.min(toBlock ?? newest, newest)
    return options.fetchRanges({ from, to, ...detail })[Symbol.asyncIterator]()
  }

  /** Blocks from `from` on. Several ranges make one answer, because larger answers make larger transactions. */
  async function take(from: number, toBlock: number | undefined, detail: Detail): Promise<SourceBlock[]> {
    const key = `${toBlock} ${JSON.stringify(detail)}`
    let ranges = await rangesFrom(from, toBlock, detail, key)
    ahead = undefined
    let first = await ranges.next()
    if (first.done) {
      // What was fetched ahead ended at a head that has moved on since.
      ranges = await rangesFrom(from, toBlock, detail, key)
      first = await ranges.next()
    }
    const blocks: SourceBlock[] = []
    let next = from
    let logs = 0
    let count = 0
    for (let range = first; !range.done; range = await ranges.next()) {
      blocks.push(...range.value.blocks)
      next = range.value.to + 1
      logs += range.value.blocks.reduce((sum, block) => sum + block.logs.length, 0)
      if (logs >= LOGS_PER_ANSWER || ++count >= RANGES_PER_ANSWER) break
    }
    ahead = { next, detail: key, ranges }
    return blocks
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? '/'
    if (request.method === 'GET' && path === '/height') {
      const height = Math.max(await upstream(), await options.finalizedHeight())
      return send(response, 200, 'text/plain', String(height))
    }
    const worker = request.method === 'GET' ? /^\/(\d+)\/worker$/.exec(path) : null
    if (worker) {
      const from = Number(worker[1])
      if (options.gatewayUrl === undefined || from > (await upstream())) {
        return send(response, 200, 'text/plain', `${url}/query`)
      }
      const theirs = await fetch(`${options.gatewayUrl.replace(/\/$/, '')}/${from}/worker`, {
        signal: AbortSignal.timeout(UPSTREAM_TIMEOUT_MS),
      })
      return send(response, theirs.status, 'text/plain', await theirs.text())
    }
    if (request.method !== 'POST' || path !== '/query') return send(response, 404, 'text/plain', 'not found')
    const query = querySchema.parse(JSON.parse(await bodyOf(request)))
    const blocks = await take(query.fromBlock, query.toBlock, detailOf(query))
    options.handOver?.(blocks)
    send(response, 200, 'application/json', options.handOver ? headersText(blocks) : gatewayText(blocks))
  }

  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => {
      logger(`source:${options.chainName}`).warn(`gateway: ${messageOf(error)}`)
      ahead = undefined
      const isQuery = error instanceof z.ZodError || error instanceof SyntaxError
      // 503 is asked again by evm-processor, 400 is not.
      if (!response.headersSent) send(response, isQuery ? 400 : 503, 'text/plain', messageOf(error))
    })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    url,
    restart() {
      ahead = undefined
    },
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
