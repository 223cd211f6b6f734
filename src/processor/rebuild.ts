/**
 * Rebuild: protocols that were added, or whose decoder changed, after a chain had been indexed.
 *
 * `coverage` says what each protocol and decoder version has seen. Where that does not reach from the first block to the
 * newest final one, the protocol's state is forgotten and folded again from the first block on, from its own logs alone;
 * facts of those logs are replaced. Everyone else's state stays as it is. Hot blocks are undone first and indexed again by
 * the processor, with everybody, once this is done. A rebuild that was killed resumes behind its last commit.
 */
import type { ChainSpec } from '../chains/types'
import { inTransaction, type Pool, type PoolClient } from '../db/pool'
import { logger } from '../log'
import type { Protocol } from '../protocols/types'
import type { FetchedRange, Source } from '../source/types'
import { historyQuery } from './backfill'
import type { BatchTx } from './batch'
import { planCoverage } from './coverage'
import { rangeDecoder } from './decode-ahead'
import { discoverMarkets } from './discover'
import { writeRange } from './handle'
import { loadMemory, type Memory } from './memory'
import type { HashAndHeight } from './plan'
import { blockProgress } from './progress'
import type { DecodedRange } from './range'
import { forgetLogs } from './rollback'
import type { Store } from './store'

export interface RebuildOptions {
  chain: ChainSpec
  protocols: readonly Protocol[]
  pool: Pool
  /** Not connected yet; it is closed at the end, because what it remembers is no longer so. */
  store: Store
  source: Pick<Source, 'fetchRanges'>
  /** First block that the chain is indexed from. */
  from: number
}

/** Protocols to rebuild, by the block where each has to begin. */
type Stale = Map<number, Protocol[]>

/**
 * Rebuilds what the chain lacks below its newest final block.
 * @returns names of the protocols that were rebuilt
 */
export async function rebuildStale(options: RebuildOptions): Promise<string[]> {
  const { chain, store, from } = options
  try {
    const final = await store.connect()
    const stale = await findStale(options, final.height)
    if (stale.size === 0) return []
    if (final.top.length > 0) {
      await store.transactHot2(
        { finalizedHead: final, baseHead: final, newBlocks: [] },
        async () => undefined,
      )
    }
    const names: string[] = []
    for (const [begin, protocols] of stale) {
      const own = protocols.map(({ name }) => name)
      logger(`rebuild:${chain.name}`).info(`${own.join(', ')} from block ${begin} to ${final.height}`)
      if (begin === from) await store.aside((tx) => forgetProtocols(tx, chain, protocols))
      await rebuild({ ...options, stale: protocols }, { begin, final })
      names.push(...own)
    }
    return names
  } finally {
    await store.close()
  }
}

/** Where each protocol's coverage stops short of [from, final]; a rebuild under way goes on where it was. */
async function findStale({ chain, protocols, pool, from }: RebuildOptions, final: number): Promise<Stale> {
  const stale: Stale = new Map()
  if (final < from) return stale
  const { rows } = await pool.query<{ protocol: string; version: number; f: string; t: string }>(
    `SELECT protocol, decoder_version AS version, from_height AS f, to_height AS t FROM coverage WHERE chain_id = $1`,
    [chain.id],
  )
  if (rows.length === 0) return stale
  for (const protocol of protocols) {
    const spans = rows.filter(
      (row) => row.protocol === protocol.name && row.version === protocol.decoderVersion,
    )
    const first = spans.find(({ f }) => Number(f) <= from)
    const begin = first && spans.length === 1 ? Number(first.t) + 1 : from
    if (begin > final) continue
    stale.set(begin, [...(stale.get(begin) ?? []), protocol])
  }
  return stale
}

/** Removes the state of protocols and what they are said to have seen; their facts stay until their logs come again. */
async function forgetProtocols(
  tx: PoolClient,
  chain: ChainSpec,
  protocols: readonly Protocol[],
): Promise<void> {
  const names = protocols.map(({ name }) => name)
  const sources = protocols.flatMap((protocol) => protocol.priceSources?.(chain) ?? [])
  await tx.query(
    `DELETE FROM market_version WHERE chain_id = $1
       AND market_id IN (SELECT id FROM market WHERE chain_id = $1 AND protocol = ANY ($2))`,
    [chain.id, names],
  )
  for (const table of ['market', 'position_version', 'position', 'coverage']) {
    await tx.query(`DELETE FROM "${table}" WHERE chain_id = $1 AND protocol = ANY ($2)`, [chain.id, names])
  }
  for (const table of ['price_version', 'price']) {
    await tx.query(`DELETE FROM "${table}" WHERE chain_id = $1 AND source = ANY ($2)`, [chain.id, sources])
  }
  if (names.includes(TOKENS)) await tx.query('DELETE FROM token_balance WHERE chain_id = $1', [chain.id])
}

/** The protocol whose facts make balances. */
const TOKENS = 'erc20'

async function rebuild(
  options: RebuildOptions & { stale: readonly Protocol[] },
  { begin, final }: { begin: number; final: HashAndHeight },
): Promise<void> {
  const { chain, protocols, pool, store, source, stale, from } = options
  const span = { from: begin, to: final.height }
  const own = new Set(stale.map(({ name }) => name))
  const { memory, coverageFrom } = await inTransaction(pool, async (tx) => {
    const ranges = [{ from, to: undefined }]
    const coverage = await planCoverage(tx, { chainId: chain.id, protocols, ranges, batch: span })
    return { memory: await loadMemory(tx, chain, protocols, 0), coverageFrom: coverage.from }
  })
  const foreseen = await discoverMarkets(source, { chain, protocols: stale, memory, coverageFrom, ...span })
  const decode = rangeDecoder({
    ...{ chain, protocols, memory, foreseen, coverageFrom },
    applies: (protocol) => own.has(protocol),
    countsBalances: own.has(TOKENS),
  })
  const progress = blockProgress(`rebuild:${chain.name}`, span)
  for await (const fetched of source.fetchRanges(historyQuery(chain, stale, span))) {
    const range = await decode(fetched.blocks)
    const batch = await store.aside((tx) => replace(tx, { options, memory, fetched, range }))
    for (const change of batch.onCommit) change()
    progress.advance(fetched.to, batch.rowCount)
  }
  progress.done()
}

/** Writes a range of logs in place of what stands there of them. */
async function replace(
  tx: PoolClient,
  work: {
    options: RebuildOptions & { stale: readonly Protocol[] }
    memory: Memory
    fetched: FetchedRange
    range: DecodedRange
  },
): Promise<BatchTx> {
  const { options, memory, fetched, range } = work
  const { chain, stale, from } = options
  const coverage = await planCoverage(tx, {
    chainId: chain.id,
    protocols: stale,
    ranges: [{ from, to: undefined }],
    batch: { from: fetched.from, to: fetched.to },
  })
  const batch: BatchTx = {
    ...{ tx, chain, protocols: options.protocols, memory },
    coverage: { ...coverage, gaps: [] },
    base: { height: fetched.from - 1, hash: fetched.parentHash },
    mayBeUndone: () => false,
    replaces: true,
    // Called prices are of the chain, not of a decoder: what stands of them stays.
    hotHash: () => undefined,
    caller: undefined,
    rowCount: 0,
    head: undefined,
    onCommit: [],
  }
  await forgetLogs(tx, chain.id, fetched.blocks)
  await writeRange(batch, range)
  await coverage.extend(tx)
  return batch
}
