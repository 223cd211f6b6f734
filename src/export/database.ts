/** Which database a command reads: the one of DB_URL, else the one that a running `plimsoll start` works in. */
import { join } from 'node:path'
import { type Config, requireDbUrl } from '../config'
import { runningEmbedded } from '../db/embedded'
import { openPool } from '../db/pool'

/** Databases of the server in which our processes are at work. */
const RUNNING = `SELECT DISTINCT datname AS name FROM pg_stat_activity
  WHERE application_name LIKE 'plimsoll-%' AND datname <> 'postgres'`

/** @throws PlimsollError with exit code 2 when neither is there */
export async function databaseUrl(config: Config): Promise<string> {
  if (config.dbUrl !== undefined) return config.dbUrl
  const server = await runningEmbedded(join(config.dataDir, 'postgres'))
  if (server === undefined) return requireDbUrl(config)
  const pool = openPool(server, { application: 'find', max: 1, readOnly: true })
  try {
    const { rows } = await pool.query<{ name: string }>(RUNNING)
    if (rows.length !== 1) return requireDbUrl(config)
    const url = new URL(server)
    url.pathname = `/${rows[0]!.name}`
    return url.toString()
  } finally {
    await pool.end()
  }
}
