/**
 * One range of final blocks from one endpoint: filtered logs, the headers that are needed, and transactions where they
 * are asked for. Everything the answers say about one another is checked here; a contradiction is an EndpointLie.
 *
 * Headers are the cost of an indexer that reads logs. Newer nodes say a block's time beside each log; then only the
 * first and the last header of the range are fetched: they tie the range to its neighbours, and their blooms and hashes
 * are samples of the endpoint's honesty.
 */
import type { Hex } from '../chains/types'
import type { SourceBlock } from '../processor/block'
import type { LogFilter } from '../processor/filters'
import type { RawLog } from '../protocols/types'
import { absentFrom, mayMatch } from './bloom'
import type { Endpoint } from './endpoint'
import { type Header, readHeader } from './headers'
import { type LogRequest, logParams, logRequest, quantity } from './log-request'
import { learnSize, learnTooLarge } from './range-size'
import { addTransactions } from './range-transactions'
import { type LogBlock, mergeLogBlocks, readLogs } from './read-logs'
import { EndpointLie, RpcFailure } from './rpc-error'
import { parseJson } from './transport'
import type { FetchedRange, Heights, RangeQuery } from './types'

export interface FetchOptions {
  chainId: number
  filters: readonly LogFilter[]
  request: LogRequest
  transactions: 'none' | 'ofLogs' | 'all'
  receipts: boolean
  blocks: 'relevant' | 'all'
  /** Fetch every header of the range, to hold blooms against logs. */
  allHeaders: boolean
}

export interface OneRange extends FetchedRange {
  /** Headers that were fetched, by height. */
  headers: ReadonlyMap<number, Header>
  /** Heights whose bloom may hold a wanted log though none was returned. */
  suspects: number[]
}

export function fetchOptions(
  query: RangeQuery,
  defaults: { chainId: number; filters: readonly LogFilter[]; allHeaders: boolean },
): FetchOptions {
  const filters = query.filters ?? defaults.filters
  return {
    chainId: defaults.chainId,
    filters,
    request: logRequest(filters),
    transactions: query.transactions ?? 'none',
    receipts: query.receipts ?? false,
    blocks: query.blocks ?? 'relevant',
    allHeaders: defaults.allHeaders,
  }
}

async function fetchLogs(endpoint: Endpoint, range: Heights, options: FetchOptions): Promise<LogBlock[]> {
  const { request, chainId } = options
  const answers = await Promise.all(
    request.calls.map(async (call) => {
      const text = await endpoint.text({
        method: 'eth_getLogs',
        params: logParams(call, range.from, range.to),
      })
      return readLogs((parseJson(text) as { result?: unknown }).result, call, { chainId, ...range })
    }),
  )
  const blocks = mergeLogBlocks(answers)
  if (request.exact) return blocks
  for (const block of blocks)
    block.logs = block.logs.filter((log) => request.wants(log.address, log.topics[0]))
  return blocks.filter((block) => block.logs.length > 0)
}

/** Heights whose headers are needed, and of those the ones that are needed with transactions. */
function wantedHeaders(
  range: Heights,
  logs: readonly LogBlock[],
  options: FetchOptions,
): Map<number, boolean> {
  const wanted = new Map<number, boolean>()
  const every = options.allHeaders || options.blocks === 'all' || options.transactions === 'all'
  if (every) {
    for (let height = range.from; height <= range.to; height++) {
      wanted.set(height, options.transactions === 'all')
    }
  }
  for (const height of [range.from, range.to]) wanted.set(height, options.transactions === 'all')
  for (const { ref, timed } of logs) {
    if (options.transactions !== 'none') wanted.set(ref.height, true)
    else if (!timed) wanted.set(ref.height, false)
  }
  return wanted
}

async function fetchHeaders(
  endpoint: Endpoint,
  wanted: ReadonlyMap<number, boolean>,
  chainId: number,
): Promise<Map<number, Header>> {
  const heights = [...wanted.keys()].sort((a, b) => a - b)
  const results = await endpoint.batch(
    heights.map((height) => ({
      method: 'eth_getBlockByNumber',
      params: [quantity(height), wanted.get(height) ?? false],
    })),
  )
  return new Map(heights.map((height, i) => [height, readHeader(results[i], chainId, height)]))
}

/** Headers must link to one another, and logs must be of the blocks that the headers describe. */
function checkTogether(headers: ReadonlyMap<number, Header>, logs: readonly LogBlock[]): void {
  for (const [height, { ref }] of headers) {
    const parent = headers.get(height - 1)
    if (parent && parent.ref.hash !== ref.parentHash) {
      throw new EndpointLie(
        'parent-mismatch',
        `block ${height} names parent ${ref.parentHash}, but block ${height - 1} is ${parent.ref.hash}`,
      )
    }
  }
  for (const block of logs) {
    const { height, hash } = block.ref
    const header = headers.get(height)
    const next = headers.get(height + 1)
    if (next && next.ref.parentHash !== hash) {
      throw new EndpointLie(
        'parent-mismatch',
        `block ${height + 1} names parent ${next.ref.parentHash}, but the logs of block ${height} say ${hash}`,
      )
    }
    if (!header) continue
    if (header.ref.hash !== hash) {
      throw new EndpointLie(
        'hash-mismatch',
        `block ${height} is ${header.ref.hash}, but its logs say ${hash}`,
      )
    }
    checkBloom(header, block.logs)
  }
}

export function checkBloom(header: Header, logs: readonly RawLog[]): void {
  const { bloom, ref } = header
  if (bloom === undefined) return
  for (const log of logs) {
    const absent = absentFrom(bloom, log, false)
    if (absent === undefined) continue
    throw new EndpointLie(
      'not-in-bloom',
      `log ${log.logIndex} of block ${ref.height} has ${absent}, which the block's logsBloom excludes`,
    )
  }
}

/** Fills in what the headers, or the blocks before them, tell about the blocks of the logs. */
function completeRefs(logs: readonly LogBlock[], headers: ReadonlyMap<number, Header>): void {
  let previous: LogBlock | undefined
  for (const block of logs) {
    const { ref } = block
    const header = headers.get(ref.height)
    if (header) {
      if (block.timed && header.ref.timestampSec !== ref.timestampSec) {
        const { height, timestampSec } = header.ref
        throw new EndpointLie(
          'hash-mismatch',
          `block ${height} is of ${timestampSec}, its logs say ${ref.timestampSec}`,
        )
      }
      ref.parentHash = header.ref.parentHash
      ref.timestampSec = header.ref.timestampSec
    } else if (previous && previous.ref.height === ref.height - 1) ref.parentHash = previous.ref.hash
    else ref.parentHash = headers.get(ref.height - 1)?.ref.hash ?? '0x'
    previous = block
  }
}

/** Blocks that are handed on: those with logs, every one where asked for, and the last. */
function assemble(
  range: Heights,
  logs: readonly LogBlock[],
  headers: ReadonlyMap<number, Header>,
  all: boolean,
) {
  const blocks = new Map<number, SourceBlock>()
  for (const { ref, logs: found } of logs) blocks.set(ref.height, { ref, logs: found, transactions: [] })
  for (const [height, { ref }] of headers) {
    if (blocks.has(height) || (!all && height !== range.to)) continue
    blocks.set(height, { ref, logs: [], transactions: [] })
  }
  return [...blocks.values()].sort((a, b) => a.ref.height - b.ref.height)
}

/**
 * Fetches a range from one endpoint.
 * @throws EndpointLie when its answers contradict one another, RpcFailure when it does not answer
 */
export async function fetchFrom(
  endpoint: Endpoint,
  range: Heights,
  options: FetchOptions,
): Promise<OneRange> {
  const started = performance.now()
  const logs = await fetchLogs(endpoint, range, options).catch((error: unknown) => {
    if (error instanceof RpcFailure && error.kind === 'too-large') learnTooLarge(endpoint, range, error)
    throw error
  })
  const headers = await fetchHeaders(endpoint, wantedHeaders(range, logs, options), options.chainId)
  checkTogether(headers, logs)
  completeRefs(logs, headers)
  const withLogs = new Set(logs.map(({ ref }) => ref.height))
  const suspects = [...headers.values()]
    .filter(({ ref, bloom }) => !withLogs.has(ref.height) && bloom && mayMatch(bloom, options.filters))
    .map(({ ref }) => ref.height)
  const every = options.blocks === 'all' || options.transactions === 'all'
  let blocks: SourceBlock[] = assemble(range, logs, headers, every)
  if (options.transactions !== 'none') blocks = await addTransactions(endpoint, blocks, headers, options)
  learnSize(endpoint, range, { logs, ms: performance.now() - started })
  return {
    ...range,
    blocks,
    parentHash: headers.get(range.from)?.ref.parentHash ?? ('0x' as Hex),
    lastHash: headers.get(range.to)?.ref.hash ?? ('0x' as Hex),
    endpoint: endpoint.name,
    headers,
    suspects,
  }
}
