/**
 * Systemic scores of a round: every lending market's, from the standings that the round has read already. They come last and
 * may fail without harm: what goes wrong here leaves a round without them, never without its other scores.
 */
import type { Pool } from '../db/pool'
import { sql } from '../db/query'
import type { MarketView } from '../detectors/types'
import { messageOf } from '../errors'
import type { ScoredPositions } from '../features/score-positions'
import { featureTable } from '../features/table'
import { logger } from '../log'
import {
  type MarketScore,
  marketScores,
  SYSTEMIC_MODEL,
  systemicSha256,
  systemicSpec,
} from '../systemic/market-score'
import { batchOf, type ScoreBatch } from './score-batch'
import { scoreViewOf } from './score-view'

/** What the model is called by in rows. */
const model = { spec: systemicSpec, sha256: systemicSha256 }

/** Scores of the markets in which something is owed; empty where they cannot be made. */
export function scoreMarkets(positions: ScoredPositions): readonly MarketScore[] {
  try {
    return marketScores(bookOfScored(positions))
  } catch (error) {
    logger('scorer').warn(`no systemic scores at block ${positions.at.height}: ${messageOf(error)}`)
    return []
  }
}

/** The scores as a batch like any other; the account beside a market is its pool's. */
export function marketBatch(scores: readonly MarketScore[], { at }: Pick<ScoredPositions, 'at'>): ScoreBatch {
  const columns = systemicSpec.inputs.map(({ name }) => name)
  const rows = scores.map(({ marketId, shares }) => ({ subjectId: marketId, values: [...shares] }))
  const pools = new Map(scores.map(({ marketId, poolId }) => [marketId, poolId]))
  const table = featureTable(SYSTEMIC_MODEL, columns, rows, [])
  const accountOf = (marketId: string) => pools.get(marketId)!
  const batch = batchOf(model, { kind: 'market', at, table, accountOf })
  const contributions = new Float32Array(scores.length * columns.length)
  const bySubject = new Map(scores.map((score) => [score.marketId, score]))
  const values = Float64Array.from(batch.subjectIds, (marketId, row) => {
    const score = bySubject.get(marketId)!
    contributions.set(score.contributions, row * columns.length)
    return score.value
  })
  return { ...batch, scores: { values, contributions } }
}

/** A market as detectors see it. */
export function marketView(market: MarketScore): MarketView {
  const { marketId, symbol, protocol, poolId, debtUsd, expectedBadDebtUsd, collateral } = market
  const score = scoreViewOf(model, {
    value: market.value,
    features: market.shares,
    contributions: market.contributions,
  })
  return { marketId, symbol, protocol, poolId, debtUsd, expectedBadDebtUsd, collateral, score }
}

/** Registers the score's spec, by which its stored features are read. Idempotent. */
export async function registerSystemic(pool: Pool): Promise<void> {
  const { name, version } = systemicSpec
  const [spec, metrics, manifest] = [JSON.stringify(systemicSpec), '{}', '{}']
  const golden = JSON.stringify({ rows: [] })
  await pool.query(sql('model-write'), [
    ...[`${name}:${systemicSha256}`, name, version, systemicSha256, spec, metrics, manifest, golden],
    ...[null, 'active', '[]'],
  ])
}
