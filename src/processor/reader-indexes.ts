/**
 * Indexes that only readers need, on a chain's partitions: made once its history is in, because keeping them while it goes
 * in costs several times what building them at the end does (docs/adr/0006-facts-once.md).
 *
 * A young chain gets them at once. Behind a long history they are built beside the running processor, one after the other,
 * so that the head does not wait for minutes; one that was broken off is built anew.
 */
import type { ChainSpec } from '../chains/types'
import type { Pool } from '../db/pool'
import { messageOf } from '../errors'
import { logger } from '../log'

/** Up to so many rows the indexes are a matter of milliseconds. */
const FEW_ROWS = 50_000
const RETRY_MS = 60_000

export interface ReaderIndexes {
  /** The chain is at its head: sees to it that the indexes are made. Resolves when the next block may come. */
  want(): Promise<void>
  /** The chain's range ends here: resolves when the indexes are made. */
  finish(): Promise<void>
  /** Resolves when nothing is being built any more. */
  settled(): Promise<void>
}

export function readerIndexes(pool: Pool, chain: ChainSpec): ReaderIndexes {
  let building: Promise<void> | undefined
  let isMade = false
  let failedAt = Number.NEGATIVE_INFINITY

  async function makeAtOnce(): Promise<void> {
    await pool.query('SELECT plimsoll_index_chain($1)', [chain.id])
    isMade = true
  }

  async function makeBeside(): Promise<void> {
    const startedAt = Date.now()
    try {
      for (const { table, index, columns } of await missingIndexes(pool, chain.id)) {
        await pool.query(`DROP INDEX CONCURRENTLY IF EXISTS "${index}"`)
        await pool.query(`CREATE INDEX CONCURRENTLY "${index}" ON "${table}" (${columns})`)
      }
      isMade = true
      const sec = ((Date.now() - startedAt) / 1000).toFixed(1)
      logger(`processor:${chain.name}`).info(`indexes for readers are made: ${sec} s`)
    } catch (error) {
      failedAt = Date.now()
      logger(`processor:${chain.name}`).warn(`indexes for readers: ${messageOf(error)}; they are tried again`)
    } finally {
      building = undefined
    }
  }

  return {
    async want() {
      if (isMade || building || Date.now() - failedAt < RETRY_MS) return
      if (await isYoung(pool, chain.id)) return makeAtOnce()
      building = makeBeside()
    },
    async finish() {
      await building
      if (!isMade) await makeAtOnce()
    },
    settled: async () => building,
  }
}

async function isYoung(pool: Pool, chainId: number): Promise<boolean> {
  const { rows } = await pool.query(
    'SELECT coalesce(sum(row_count), 0) AS n FROM batch WHERE chain_id = $1',
    [chainId],
  )
  return Number(rows[0].n) <= FEW_ROWS
}

/** Indexes that are not there, or that an interrupted build left invalid. */
async function missingIndexes(
  pool: Pool,
  chainId: number,
): Promise<{ table: string; index: string; columns: string }[]> {
  const { rows } = await pool.query(
    `SELECT i.table_name || '_' || $1::bigint AS "table", i.table_name || '_' || $1::bigint || '_' || i.suffix AS index,
            i.columns
     FROM chain_index i
     WHERE NOT EXISTS (
       SELECT 1 FROM pg_class c JOIN pg_index x ON x.indexrelid = c.oid
       WHERE c.relname = i.table_name || '_' || $1::bigint || '_' || i.suffix
         AND c.relnamespace = current_schema()::regnamespace AND x.indisvalid)
     ORDER BY 1, 2`,
    [chainId],
  )
  return rows
}
