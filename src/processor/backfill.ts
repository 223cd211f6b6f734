/**
 * Backfill: the history of a chain up to a final block, several ranges at once.
 *
 * First the announcements of markets are read for the whole range. With them known, ranges can be fetched side by side and
 * decoded as they arrive, while earlier ones are still being written; state is folded and committed in block order, one
 * transaction a range, so the tables equal those of a run that goes block by block, and a run that was killed resumes at
 * its last commit.
 */
import type { ChainSpec } from '../chains/types'
import type { Pool } from '../db/pool'
import { PlimsollError } from '../errors'
import type { Protocol } from '../protocols/types'
import type { FetchedRange, RangeQuery, Source } from '../source/types'
import type { BlockRange } from './block'
import { rangeDecoder, readAhead } from './decode-ahead'
import { discoverMarkets } from './discover'
import { logFilters } from './filters'
import { writeRange } from './handle'
import type { HashAndHeight } from './plan'
import { blockProgress } from './progress'
import type { DecodedRange } from './range'
import type { Store } from './store'

export interface BackfillOptions {
  chain: ChainSpec
  protocols: readonly Protocol[]
  pool: Pool
  /** Not connected yet. */
  store: Store
  source: Pick<Source, 'finalizedHeight' | 'fetchRanges'>
  ranges: readonly BlockRange[]
  from: number
  /** The newest final block when undefined. */
  to?: number | undefined
}

export interface BackfillResult {
  /** First and last block that were done now; undefined when there was nothing to do. */
  done: { from: number; to: number } | undefined
  rowCount: number
}

/**
 * Indexes what the chain lacks of blocks [from, to].
 * @throws PlimsollError when `to` is not final, when it would leave a gap behind the committed blocks, or when the source
 *   gives blocks that do not continue the committed chain
 */
export async function backfill(options: BackfillOptions): Promise<BackfillResult> {
  const { chain, store, source } = options
  const finalHeight = await source.finalizedHeight()
  const to = options.to ?? finalHeight
  if (to > finalHeight) {
    throw new PlimsollError(
      `block ${to} of ${chain.name} is not final yet; the newest final one is ${finalHeight}`,
      {
        hint: 'give an earlier --to, or leave the head to the processor',
        exitCode: 2,
      },
    )
  }
  const start = await store.connect()
  if (start.height >= 0 && options.from > start.height + 1) {
    throw new PlimsollError(
      `blocks ${start.height + 1} to ${options.from - 1} of ${chain.name} would be missing: it is indexed up to ${start.height}`,
      { hint: `begin at ${start.height + 1}, or use a fresh database`, exitCode: 2 },
    )
  }
  const from = Math.max(options.from, start.height + 1)
  if (from > to) return { done: undefined, rowCount: 0 }
  return { done: { from, to }, rowCount: await extend(options, start, { from, to }) }
}

/** Appends blocks [from, to] to the committed chain. @returns rows written */
async function extend(
  options: BackfillOptions,
  start: HashAndHeight,
  { from, to }: { from: number; to: number },
): Promise<number> {
  const { chain, protocols, store, source } = options
  const { memory, coverageFrom } = await readAhead(options, { from, to })
  const foreseen = await discoverMarkets(source, { chain, protocols, memory, coverageFrom, from, to })
  const decode = rangeDecoder({ chain, protocols, memory, foreseen, coverageFrom })
  const progress = blockProgress(`backfill:${chain.name}`, { from, to })
  let head = start
  let rowCount = 0
  let pending: Promise<void> = Promise.resolve()
  try {
    for await (const fetched of source.fetchRanges(historyQuery(chain, protocols, { from, to }))) {
      const range = await decode(fetched.blocks)
      await pending
      pending = commit(fetched, range)
      pending.catch(() => undefined)
    }
    await pending
  } finally {
    // Whatever happened to the source, what it gave is written before anyone goes on.
    await pending.catch(() => undefined)
  }
  progress.done()
  return rowCount

  async function commit(fetched: FetchedRange, range: DecodedRange): Promise<void> {
    checkLink(chain, head, fetched)
    const nextHead = { height: fetched.to, hash: fetched.lastHash }
    let rows = 0
    await store.transact({ prevHead: head, nextHead, isOnTop: false }, async (batch) => {
      await writeRange(batch, range)
      rows = batch.rowCount
    })
    head = nextHead
    rowCount += rows
    progress.advance(fetched.to, rows)
  }
}

/** What the processor would ask for of these blocks. */
export function historyQuery(
  chain: ChainSpec,
  protocols: readonly Protocol[],
  { from, to }: { from: number; to: number },
): RangeQuery {
  return {
    from,
    to,
    filters: logFilters(chain, protocols),
    transactions: chain.transactions === 'watched' ? 'ofLogs' : chain.transactions,
    receipts: chain.transactions !== 'none',
    blocks: chain.blocks,
  }
}

function checkLink(chain: ChainSpec, head: HashAndHeight, fetched: FetchedRange): void {
  if (fetched.from !== head.height + 1 || head.height < 0 || fetched.parentHash === head.hash) return
  throw new PlimsollError(
    `the source of ${chain.name} gave a chain that does not hold together: block ${fetched.from} names parent ` +
      `${fetched.parentHash}, but block ${head.height} is ${head.hash}`,
    {
      details: [`endpoint ${fetched.endpoint}`],
      hint: 'nothing of the range was written; started again, it asks again',
    },
  )
}
