/** Which database an operator's command speaks to: that of DB_URL, else the one that a running `plimsoll start` works in. */
import { join } from 'node:path'
import type { Config } from '../config'
import { PlimsollError } from '../errors'
import { runningEmbedded } from './embedded'
import { openPool } from './pool'

/** Databases of the server in which our processes are at work: a run's database is named for what it holds. */
const RUNNING = `SELECT DISTINCT datname AS name FROM pg_stat_activity
  WHERE application_name LIKE 'plimsoll-%' AND datname <> 'postgres' ORDER BY 1`

/** @throws PlimsollError with exit code 2 when there is neither */
export async function commandDatabaseUrl({
  dbUrl,
  dataDir,
}: Pick<Config, 'dbUrl' | 'dataDir'>): Promise<string> {
  if (dbUrl !== undefined) return dbUrl
  const server = await runningEmbedded(join(dataDir, 'postgres'))
  if (server === undefined) throw noDatabase('no embedded PostgreSQL runs')
  const pool = openPool(server, { application: 'find', max: 1, readOnly: true })
  try {
    const { rows } = await pool.query<{ name: string }>(RUNNING)
    if (rows.length === 0) throw noDatabase('nothing works in the embedded PostgreSQL')
    if (rows.length > 1)
      throw noDatabase(`several databases are at work: ${rows.map(({ name }) => name).join(', ')}`)
    const url = new URL(server)
    url.pathname = `/${rows[0]!.name}`
    return url.toString()
  } finally {
    await pool.end()
  }
}

function noDatabase(why: string): PlimsollError {
  return new PlimsollError(`no database to ask: DB_URL is not set, and ${why}`, {
    hint: 'set DB_URL, or run this beside `plimsoll start`',
    exitCode: 2,
  })
}
