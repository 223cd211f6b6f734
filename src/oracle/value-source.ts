/**
 * Values computed from the indexed state in Postgres: every process opens the active models itself and scores the
 * positions as of the block again. Models run on the CPU, whose results have the same bits everywhere.
 */
import type { Hex } from 'viem'
import { chainById } from '../chains/registry'
import type { Pool } from '../db/pool'
import { marketDebtsAt, POSITION_MODEL } from '../features/score-positions'
import { openServing } from '../models/serving'
import {
  debtWeightedRisk,
  type FeedSubject,
  MARKET_RISK,
  type MeasuredValue,
  type ValueSource,
} from './values'

/** Feeds of which the last value is kept; a value at a finalized block never changes. */
const MAX_REMEMBERED = 10_000

/** Opens the models of this process. Call `close` when done. Throws ModelError as `openModels` does. */
export async function openValues(pool: Pool): Promise<{ values: ValueSource; close: () => Promise<void> }> {
  const serving = await openServing(pool, { names: [POSITION_MODEL], providers: ['cpu'], threads: 1 })
  const last = new Map<string, { height: bigint; value: MeasuredValue | undefined }>()

  async function measure(feed: FeedSubject, height: bigint): Promise<MeasuredValue | undefined> {
    const chain = chainById(Number(feed.subjectChainId))
    if (feed.metric !== MARKET_RISK || chain === undefined) return undefined
    const asked = { pool, chain, height: Number(height), subject: feed.subject }
    const market = await serving.use(({ runtime }) => marketDebtsAt({ ...asked, runtime }))
    if (market === undefined) return undefined
    const risk = debtWeightedRisk(market.debts)
    if (risk === undefined) return undefined
    const { complete, blockHash, observedAt, modelSha256 } = market
    return { ...risk, complete, blockHash, observedAt, modelHash: `0x${modelSha256}` as Hex }
  }

  async function values(feed: FeedSubject, height: bigint): Promise<MeasuredValue | undefined> {
    const key = `${feed.subjectChainId}:${feed.subject}:${feed.metric}`
    const known = last.get(key)
    if (known?.height === height && known.value !== undefined) return known.value
    const value = await measure(feed, height)
    if (last.size >= MAX_REMEMBERED) last.clear()
    last.set(key, { height, value })
    return value
  }

  return { values, close: () => serving.close() }
}
