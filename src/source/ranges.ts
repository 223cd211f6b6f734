/**
 * Final ranges from several endpoints: cut to what an endpoint gives at once, several in flight, handed on in order.
 * What one range says of its neighbour must hold: the parent of its first block is the last block of the one before,
 * whichever endpoints they came from.
 */
import { PlimsollError } from '../errors'
import type { LogFilter } from '../processor/filters'
import type { Endpoint } from './endpoint'
import { type Endpoints, expectedCost } from './endpoints'
import { type Examination, examineRange } from './examine'
import { type FetchOptions, fetchFrom, fetchOptions, type OneRange } from './range'
import { fetchBlockByReceipts } from './range-receipts'
import { EndpointLie, RpcFailure } from './rpc-error'
import { settle } from './settle'
import type { FetchedRange, Heights, RangeQuery } from './types'

export interface RangesOptions extends Examination {
  endpoints: Endpoints
  chain: { id: number; name: string }
  filters: () => readonly LogFilter[]
  finalizedHeight: () => Promise<number>
  concurrency: number
}

export interface Ranges {
  fetchRange(query: RangeQuery): Promise<FetchedRange>
  fetchRanges(query: RangeQuery): AsyncIterable<FetchedRange>
}

/** Full blocks are large: of these fewer are asked for at once. */
const MOST_BLOCKS = { transactions: 25, headers: 200, logs: 1_000_000 }
const HEDGE_MS = 1_500
const CALLS_OF_A_RANGE = 3

function join(left: OneRange, right: OneRange): OneRange {
  if (left.lastHash !== right.parentHash) {
    throw new PlimsollError(`block ${right.from} does not continue block ${left.to}: the endpoints disagree`)
  }
  return {
    from: left.from,
    to: right.to,
    blocks: [...left.blocks, ...right.blocks],
    parentHash: left.parentHash,
    lastHash: right.lastHash,
    endpoint: right.endpoint,
    headers: new Map([...left.headers, ...right.headers]),
    suspects: [...left.suspects, ...right.suspects],
  }
}

function blocksAtOnce({ endpoints, verify }: RangesOptions, query: RangeQuery): number {
  const open = endpoints.healthy().sort((a, b) => expectedCost(a, 1) - expectedCost(b, 1))
  const size = open[0]?.size
  const learned = size ? Math.min(size.rangeBlocks, size.maxRangeBlocks) : 1
  if (query.transactions === 'all') return Math.max(1, Math.min(learned, MOST_BLOCKS.transactions))
  const everyHeader = query.blocks === 'all' || verify === 'receipts'
  return Math.max(1, Math.min(learned, everyHeader ? MOST_BLOCKS.headers : MOST_BLOCKS.logs))
}

async function fetchOnce(
  options: RangesOptions,
  heights: Heights,
  fetching: FetchOptions,
): Promise<OneRange> {
  const { endpoints } = options
  const { value, endpoint } = await endpoints.run((candidate) => fetchFrom(candidate, heights, fetching), {
    calls: CALLS_OF_A_RANGE,
    hedgeMs: HEDGE_MS,
  })
  try {
    return await examineRange({ range: value, endpoint, endpoints, fetching, options })
  } catch (error) {
    if (error instanceof EndpointLie) endpoint.failed(error)
    throw error
  }
}

/** A range, in halves where it is too large for one answer, again where an endpoint was found lying. */
async function fetchSpan(
  options: RangesOptions,
  heights: Heights,
  fetching: FetchOptions,
): Promise<OneRange> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await fetchOnce(options, heights, fetching)
    } catch (error) {
      if (error instanceof RpcFailure && error.kind === 'too-large') {
        return splitSpan(options, heights, { fetching, failure: error })
      }
      if (!(error instanceof EndpointLie) || attempt > options.endpoints.all.length + 1) throw error
    }
  }
}

async function splitSpan(
  options: RangesOptions,
  { from, to }: Heights,
  { fetching, failure }: { fetching: FetchOptions; failure: RpcFailure },
): Promise<OneRange> {
  if (from === to) {
    const run = (endpoint: Endpoint) => fetchBlockByReceipts(endpoint, from, fetching)
    return (await options.endpoints.run(run, { calls: CALLS_OF_A_RANGE })).value
  }
  const half = from + Math.max(1, Math.min((to - from + 1) >> 1, failure.suggestedBlocks ?? to)) - 1
  const left = await fetchSpan(options, { from, to: half }, fetching)
  return join(left, await fetchSpan(options, { from: half + 1, to }, fetching))
}

async function checkFinal({ finalizedHeight, chain }: RangesOptions, { from, to }: Heights): Promise<void> {
  const final = await finalizedHeight()
  if (from > to || from < 0) throw new PlimsollError(`blocks ${from} to ${to} are not a range`)
  if (to > final) {
    throw new PlimsollError(`block ${to} of ${chain.name} is not final yet (final: ${final})`)
  }
}

async function* fetchRanges(options: RangesOptions, query: RangeQuery): AsyncGenerator<FetchedRange> {
  await checkFinal(options, query)
  const fetching = fetchOptions(query, {
    chainId: options.chain.id,
    filters: options.filters(),
    allHeaders: options.verify === 'receipts',
  })
  const inFlight: Promise<OneRange>[] = []
  let next = query.from
  let last: OneRange | undefined
  while (next <= query.to || inFlight.length > 0) {
    while (next <= query.to && inFlight.length < options.concurrency) {
      const to = Math.min(query.to, next + blocksAtOnce(options, query) - 1)
      const started = fetchSpan(options, { from: next, to }, fetching)
      started.catch(() => undefined)
      inFlight.push(started)
      next = to + 1
    }
    const range = await (inFlight.shift() as Promise<OneRange>)
    if (last && last.lastHash !== range.parentHash) {
      await settle(options, last.to, [
        `${last.endpoint} says ${last.lastHash}`,
        `${range.endpoint} says ${range.parentHash}, as parent of block ${range.from}`,
      ])
    }
    last = range
    yield range
  }
}

async function fetchRange(options: RangesOptions, query: RangeQuery): Promise<FetchedRange> {
  const parts: FetchedRange[] = []
  for await (const part of fetchRanges(options, query)) parts.push(part)
  const first = parts[0] as FetchedRange
  const end = parts.at(-1) as FetchedRange
  if (parts.length === 1) return first
  const every = query.blocks === 'all' || query.transactions === 'all'
  // The last block of a part is there to end it; in the middle of the whole it says nothing.
  const blocks = parts.flatMap((part) =>
    part.blocks.filter(({ ref, logs }) => every || logs.length > 0 || ref.height === end.to),
  )
  return { ...end, from: first.from, parentHash: first.parentHash, blocks }
}

export function openRanges(options: RangesOptions): Ranges {
  return {
    fetchRange: (query) => fetchRange(options, query),
    fetchRanges: (query) => fetchRanges(options, query),
  }
}
