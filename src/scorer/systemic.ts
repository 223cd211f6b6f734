/**
 * Systemic scores of a round: every lending market's, from the standings that the round has read already. They come last and
 * may fail without harm: what goes wrong here leaves a round without them, never without its other scores.
 */
import { existsSync, readFileSync } from 'node:fs'
import type { ChainSpec } from '../chains/types'
import { inTransaction, type Pool } from '../db/pool'
import { sql } from '../db/query'
import type { MarketView } from '../detectors/types'
import { messageOf } from '../errors'
import type { ScoredPositions } from '../features/score-positions'
import { bookOfScored } from '../features/scored-book'
import { featureTable } from '../features/table'
import { logger } from '../log'
import { cardFile } from '../models/versions'
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
export function scoreMarkets(positions: ScoredPositions, chain: ChainSpec): readonly MarketScore[] {
  try {
    return marketScores(bookOfScored(positions, chain))
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
export function marketView({ shares, value, contributions, ...market }: MarketScore): MarketView {
  return { ...market, score: scoreViewOf(model, { value, features: shares, contributions }) }
}

/**
 * Registers the score's spec, by which its stored features are read, and retires the rule of another release: there is one
 * rule a release, and nothing to promote. Idempotent.
 */
export async function registerSystemic(pool: Pool): Promise<void> {
  const { name, version } = systemicSpec
  const id = `${name}:${systemicSha256}`
  const golden = JSON.stringify({ rows: [] })
  const card = existsSync(cardFile(name)) ? readFileSync(cardFile(name), 'utf8') : null
  const history = (state: string, why: string) =>
    JSON.stringify([{ at: new Date().toISOString(), state, by: 'plimsoll', why }])
  await inTransaction(pool, async (tx) => {
    await tx.query(sql('model-lock'), [name])
    const known = await tx.query<{ id: string; state: string }>(sql('model-states'), [name])
    const isActive = known.rows.some((row) => row.id === id && row.state === 'active')
    for (const other of known.rows.filter((row) => row.id !== id && row.state === 'active'))
      await tx.query(sql('model-move'), [other.id, 'retired', history('retired', 'another release scores')])
    await tx.query(sql('model-write'), [
      ...[
        id,
        name,
        version,
        systemicSha256,
        JSON.stringify(systemicSpec),
        '{}',
        '{}',
        golden,
        card,
        'active',
      ],
      isActive ? '[]' : history('active', 'its rule came with this release'),
    ])
  })
}
