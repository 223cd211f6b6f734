/** Which database an operator's command speaks to: that of DB_URL, else the embedded one while `plimsoll start` runs. */
import { join } from 'node:path'
import type { Config } from '../config'
import { PlimsollError } from '../errors'
import { runningUrl } from './embedded'

/** @throws PlimsollError with exit code 2 when there is neither */
export function commandDatabaseUrl({ dbUrl, dataDir }: Pick<Config, 'dbUrl' | 'dataDir'>): string {
  const url = dbUrl ?? runningUrl(join(dataDir, 'postgres'))
  if (url !== undefined) return url
  throw new PlimsollError('no database to ask: DB_URL is not set, and no embedded PostgreSQL runs', {
    hint: 'set DB_URL, or run this beside `plimsoll start`',
    exitCode: 2,
  })
}
