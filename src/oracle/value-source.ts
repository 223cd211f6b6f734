/**
 * Values computed from the indexed state in Postgres: every process opens the active models itself and scores the
 * positions as of the block again. Models run on the CPU, whose results have the same bits everywhere.
 */
import type { Hex } from 'viem'
import { chainById } from '../chains/registry'
import type { ChainSpec } from '../chains/types'
import type { Pool } from '../db/pool'
import { messageOf } from '../errors'
import {
  type MarketDebts,
  marketDebts,
  POSITION_MODEL,
  type ScoredPositions,
  scorePositionsAt,
} from '../features/score-positions'
import { bookOfScored } from '../features/scored-book'
import { logger } from '../log'
import { openServing } from '../models/serving'
import type { ModelRuntime } from '../models/session'
import type { Book } from '../systemic/book'
import { scoreOfMarkets, systemicSha256 } from '../systemic/market-score'
import {
  debtWeightedRisk,
  type FeedSubject,
  MARKET_RISK,
  type MeasuredValue,
  ONE_E8,
  SYSTEMIC_RISK,
  type ValueSource,
} from './values'

type Metric = (
  scored: ScoredPositions,
  asked: { runtime: ModelRuntime; subject: Hex; chain: ChainSpec },
) => MeasuredValue | undefined

const METRICS: Readonly<Record<string, Metric>> = {
  [MARKET_RISK](scored, asked) {
    const market = marketDebts(scored, asked)
    const risk = market && debtWeightedRisk(market.debts)
    return market && risk && { ...risk, ...placeOf(market), modelHash: `0x${market.modelSha256}` }
  },
  [SYSTEMIC_RISK](scored, asked) {
    const market = marketDebts(scored, asked)
    if (market === undefined) return undefined
    // The model's opinion does not matter here: every debt counts, as much as its prices are to be believed.
    const known = debtWeightedRisk(market.debts.map((debt) => ({ ...debt, score: 0 })))!
    const value = systemicValue(scored, asked)
    if (value === undefined) return undefined
    return { ...known, value, ...placeOf(market), modelHash: `0x${systemicSha256}` }
  },
}

function placeOf({ complete, blockHash, observedAt }: MarketDebts) {
  return { complete, blockHash, observedAt }
}

/**
 * The systemic score of a pool, or of an asset in every pool, with 8 decimals; 0 where nothing is owed. Standings of which no
 * book can be made leave this feed without a value, and the others alone.
 */
function systemicValue(
  scored: ScoredPositions,
  { subject, chain }: { subject: Hex; chain: ChainSpec },
): bigint | undefined {
  let book: Book
  try {
    book = bookOfScored(scored, chain)
  } catch (error) {
    logger('oracle').warn(`no systemic risk at block ${scored.at.height}: ${messageOf(error)}`)
    return undefined
  }
  const isOf = (market: number): boolean => {
    const { pool, asset } = book.markets[market]!
    // An asset that one pool prices differently has that oracle in its id.
    const assetId = book.assets[asset]!.id.split('@')[0]
    return [book.pools[pool]!.id, assetId].includes(`${scored.at.chainId}:${subject}`)
  }
  const score = scoreOfMarkets(book, isOf)
  return BigInt(Math.floor((score?.value ?? 0) * Number(ONE_E8)))
}

/** Feeds of which the last value is kept; a value at a finalized block never changes. */
const MAX_REMEMBERED = 10_000

/** Opens the models of this process. Call `close` when done. Throws ModelError as `openModels` does. */
export async function openValues(pool: Pool): Promise<{ values: ValueSource; close: () => Promise<void> }> {
  const serving = await openServing(pool, { names: [POSITION_MODEL], providers: ['cpu'], threads: 1 })
  const last = new Map<string, { height: bigint; value: MeasuredValue | undefined }>()

  async function measure(feed: FeedSubject, height: bigint): Promise<MeasuredValue | undefined> {
    const chain = chainById(Number(feed.subjectChainId))
    const metric = METRICS[feed.metric]
    if (metric === undefined || chain === undefined) return undefined
    return serving.use(async ({ runtime }) => {
      const scored = await scorePositionsAt({ pool, runtime, chain, height: Number(height) })
      return scored && metric(scored, { runtime, subject: feed.subject, chain })
    })
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
