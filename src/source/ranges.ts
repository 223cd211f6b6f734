/**
 * Final ranges from several endpoints: cut to what an endpoint gives at once, several in flight, handed on in order.
 * What one range says of its neighbour must hold: the parent of its first block is the last block of the one before,
 * whichever endpoints they came from.
 */
import type { Hex } from '../chains/types'
import { PlimsollError } from '../errors'
import type { LogFilter } from '../processor/filters'
import type { Endpoint } from './endpoint'
import { type Endpoints, expectedCost } from './endpoints'
import { type Examination, examineRange } from './examine'
import { type FetchOptions, fetchFrom, fetchOptions, type OneRange } from './range'
import { fetchBlockByReceipts } from './range-receipts'
import { EndpointLie, RpcFailure } from './rpc-error'
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

export function openRanges(options: RangesOptions): Ranges {
  const { endpoints, chain, concurrency } = options

  function blocksAtOnce(query: RangeQuery): number {
    const open = endpoints.healthy().sort((a, b) => expectedCost(a, 1) - expectedCost(b, 1))
    const learned = open[0] ? Math.min(open[0].size.rangeBlocks, open[0].size.maxRangeBlocks) : 1
    const most =
      query.transactions === 'all'
        ? MOST_BLOCKS.transactions
        : query.blocks === 'all' || options.verify === 'receipts'
          ? MOST_BLOCKS.headers
          : MOST_BLOCKS.logs
    return Math.max(1, Math.min(learned, most))
  }

  async function fetchOnce(heights: Heights, fetching: FetchOptions): Promise<OneRange> {
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
  async function fetchSpan(heights: Heights, fetching: FetchOptions): Promise<OneRange> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await fetchOnce(heights, fetching)
      } catch (error) {
        if (error instanceof RpcFailure && error.kind === 'too-large')
          return splitSpan(heights, fetching, error)
        if (!(error instanceof EndpointLie) || attempt > endpoints.all.length + 1) throw error
      }
    }
  }

  async function splitSpan(heights: Heights, fetching: FetchOptions, failure: RpcFailure): Promise<OneRange> {
    const { from, to } = heights
    if (from === to) {
      const run = (endpoint: Endpoint) => fetchBlockByReceipts(endpoint, from, fetching)
      return (await endpoints.run(run, { calls: CALLS_OF_A_RANGE })).value
    }
    const half = from + Math.max(1, Math.min((to - from + 1) >> 1, failure.suggestedBlocks ?? to)) - 1
    const left = await fetchSpan({ from, to: half }, fetching)
    return join(left, await fetchSpan({ from: half + 1, to }, fetching))
  }

  /** Endpoints that disagree about a final block: the majority is believed, and the caller asks again. */
  async function settle(height: number, claims: readonly string[]): Promise<never> {
    const votes = new Map<string, Endpoint[]>()
    await Promise.all(
      endpoints.healthy().map(async (endpoint) => {
        const block = await endpoint
          .call('eth_getBlockByNumber', [`0x${height.toString(16)}`, false])
          .catch(() => undefined)
        const hash = (block as { hash?: string } | null | undefined)?.hash
        if (hash) votes.set(hash, [...(votes.get(hash) ?? []), endpoint])
      }),
    )
    const ranked = [...votes].sort(([, a], [, b]) => b.length - a.length)
    const [winner, second] = ranked
    if (winner && second && winner[1].length > second[1].length) {
      for (const [hash, minority] of ranked.slice(1)) {
        for (const endpoint of minority) {
          endpoint.failed(
            new EndpointLie('outvoted', `says that block ${height} is ${hash}, most say ${winner[0]}`),
          )
        }
      }
    }
    throw new PlimsollError(`the endpoints of ${chain.name} disagree about final block ${height}`, {
      details: claims,
      hint: 'it is asked for again; if this stays, the chain forked deeper than its finality depth',
    })
  }

  async function* fetchRanges(query: RangeQuery): AsyncIterable<FetchedRange> {
    const final = await options.finalizedHeight()
    if (query.from > query.to || query.from < 0) {
      throw new PlimsollError(`blocks ${query.from} to ${query.to} are not a range`)
    }
    if (query.to > final) {
      throw new PlimsollError(`block ${query.to} of ${chain.name} is not final yet (final: ${final})`)
    }
    const fetching = fetchOptions(query, {
      chainId: chain.id,
      filters: options.filters(),
      allHeaders: options.verify === 'receipts',
    })
    const inFlight: Promise<OneRange>[] = []
    let next = query.from
    let last: { to: number; hash: Hex; endpoint: string } | undefined
    while (next <= query.to || inFlight.length > 0) {
      while (next <= query.to && inFlight.length < concurrency) {
        const to = Math.min(query.to, next + blocksAtOnce(query) - 1)
        const started = fetchSpan({ from: next, to }, fetching)
        started.catch(() => undefined)
        inFlight.push(started)
        next = to + 1
      }
      const range = await (inFlight.shift() as Promise<OneRange>)
      if (last && last.hash !== range.parentHash) {
        await settle(last.to, [
          `${last.endpoint} says ${last.hash}`,
          `${range.endpoint} says ${range.parentHash}, as parent of block ${range.from}`,
        ])
      }
      last = { to: range.to, hash: range.lastHash, endpoint: range.endpoint }
      yield range
    }
  }

  async function fetchRange(query: RangeQuery): Promise<FetchedRange> {
    const parts: FetchedRange[] = []
    for await (const part of fetchRanges(query)) parts.push(part)
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

  return { fetchRange, fetchRanges }
}
