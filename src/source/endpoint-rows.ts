/** Keeps what the source says of its endpoints in Postgres, where the API's /metrics finds it. */
import type { Pool } from '../db/pool'
import { sql } from '../db/query'
import { messageOf } from '../errors'
import { logger } from '../log'
import type { Source } from './types'

const EVERY_MS = 3_000

/**
 * Writes the endpoints' status every few seconds; returns what ends it. A database that does not answer is the store's
 * to complain about: here it only means that the next writing is due.
 */
export function recordEndpoints(options: {
  pool: Pool
  chain: { id: number; name: string }
  source: Pick<Source, 'status'>
}): () => void {
  const { pool, chain, source } = options
  const write = async (): Promise<void> => {
    try {
      const { endpoints } = source.status()
      await pool.query(sql('source-endpoints-write'), [chain.id, JSON.stringify(endpoints)])
    } catch (error) {
      logger(`source:${chain.name}`).debug(`endpoints not recorded: ${messageOf(error)}`)
    }
  }
  void write()
  const timer = setInterval(write, EVERY_MS)
  timer.unref()
  return () => clearInterval(timer)
}
