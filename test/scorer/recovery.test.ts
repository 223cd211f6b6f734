/**
 * Whatever happens on the way, the end is the same: an undisturbed scorer over one batch, and one whose database
 * connections are cut in mid-transaction while blocks come in small batches and forks come and go.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { seededRandom } from '../../src/math/statistics'
import { type ModelRuntime, openModels } from '../../src/models/session'
import { registerModels } from '../../src/models/versions'
import { runScorer } from '../../src/scorer/main'
import { step } from '../../src/scorer/step'
import { registerSystemic } from '../../src/scorer/systemic'
import { type TestDatabase, testDatabase } from '../support/database'
import { chain, createLedger } from './ledger'
import { storyBlocks } from './story'

const SEED = 7
const HEAD = 110
const FORKS = 4
const KILLS = 5

/** Columns that tell when something was written, by the clock on the wall; everything else must be equal. */
const WALL_CLOCK = ['detected_at', 'delivered_at', 'retracted_at', 'updated_at']

describe('recovery', () => {
  let runtime: ModelRuntime
  let calm: TestDatabase
  let rough: TestDatabase

  beforeAll(async () => {
    ;[runtime, calm, rough] = await Promise.all([
      openModels(),
      testDatabase({ chainIds: [chain.id] }),
      testDatabase({ chainIds: [chain.id] }),
    ])
  })
  afterAll(async () => {
    await runtime.close()
    await Promise.all([calm.drop(), rough.drop()])
  })

  it('ends with the rows of an undisturbed run', { timeout: 180_000 }, async () => {
    await registerModels(calm.pool)
    await registerSystemic(calm.pool)
    const ledger = await createLedger(calm.pool)
    await ledger.write({ from: 0, blocks: storyBlocks(SEED, { from: 0, to: HEAD }) })
    while (!(await step(calm.pool, { chain, runtime })).idle);
    const survived = await liveThroughTrouble()
    expect(survived.forks).toBe(FORKS)
    expect(survived.kills).toBeGreaterThanOrEqual(KILLS)

    const expected = await snapshot(calm)
    expect(expected.score.length).toBeGreaterThan(150)
    expect(expected.alert.length).toBeGreaterThan(10)
    expect(expected.position_health.length).toBeGreaterThan(3)
    expect(await snapshot(rough)).toEqual(expected)
    const retracted = await rough.pool.query(
      `SELECT count(*)::int AS n FROM alert WHERE status = 'retracted'`,
    )
    expect(retracted.rows[0].n).toBeGreaterThan(0)
  })

  /** Writes the same chain in small batches, with forks that are undone, while the running scorer is cut off. */
  async function liveThroughTrouble(): Promise<{ forks: number; kills: number }> {
    const random = seededRandom(SEED)
    const ledger = await createLedger(rough.pool)
    const stop = new AbortController()
    const scoring = runScorer({
      dbUrl: rough.url,
      chains: [chain],
      models: { providers: ['cpu'], threads: 1 },
      signal: stop.signal,
    })
    let kills = 0
    let forks = 0
    try {
      for (let next = 0; next <= HEAD; ) {
        const last = Math.min(HEAD, next + Math.floor(random() * 8))
        await ledger.write({ from: next, blocks: storyBlocks(SEED, { from: next, to: last }) })
        next = last + 1
        if (forks < FORKS && next > 20 * (forks + 1)) {
          forks++
          const depth = 1 + Math.floor(random() * 10)
          const orphans = storyBlocks(SEED, { from: next, to: next + depth - 1, fork: forks })
          await ledger.write({ from: next, blocks: orphans, fork: forks })
          if (forks % 2 === 0) await caughtUp(next + depth - 1)
          const [canonical] = storyBlocks(SEED, { from: next, to: next })
          await ledger.write({ from: next, blocks: [canonical!], rollbackTo: next - 1 })
          next++
        }
        if (kills < KILLS) kills += await cutScorer()
      }
      await caughtUp(HEAD)
    } finally {
      stop.abort()
      await scoring
    }
    return { forks, kills }
  }

  /** Ends the connections of the scorer that are within a transaction, as a crash of either side would. */
  async function cutScorer(): Promise<number> {
    for (let attempt = 0; attempt < 200; attempt++) {
      const cut = await rough.pool.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE datname = current_database() AND application_name = 'plimsoll-scorer' AND xact_start IS NOT NULL`,
      )
      if (cut.rowCount) return cut.rowCount
      await sleep(5)
    }
    return 0
  }

  async function caughtUp(height: number): Promise<void> {
    for (let attempt = 0; attempt < 1_500; attempt++) {
      const cursor = await rough.pool.query(
        `SELECT 1 FROM consumer_cursor WHERE consumer = 'scorer' AND height >= $1
         AND seq = (SELECT max(seq) FROM batch)`,
        [height],
      )
      if (cursor.rowCount) return
      await sleep(20)
    }
    throw new Error(`the scorer did not reach block ${height}`)
  }

  async function snapshot(
    db: TestDatabase,
  ): Promise<Record<'score' | 'position_health' | 'risk_round' | 'alert', unknown[]>> {
    const read = async (table: string, where = '') => {
      const { rows } = await db.pool.query(`SELECT * FROM ${table} ${where} ORDER BY id`)
      return rows.map((row) =>
        Object.fromEntries(Object.entries(row).filter(([name]) => !WALL_CLOCK.includes(name))),
      )
    }
    return {
      score: await read('score'),
      position_health: await read('position_health'),
      risk_round: await read('risk_round'),
      alert: await read('alert', `WHERE status <> 'retracted'`),
    }
  }
})
