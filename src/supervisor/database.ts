/** The database a run uses: DB_URL, or one on the embedded server, named for what it holds. */
import { join } from 'node:path'
import type { Config } from '../config'
import { startEmbedded } from '../db/embedded'
import { openPool, waitForDatabase } from '../db/pool'

export interface RunDatabase {
  url: string
  embedded: boolean
  /** Empties it: for the local world, whose chains can vanish. Only the embedded one. */
  recreate(): Promise<void>
  /** False once the embedded server has gone. Another's server is not ours to watch. */
  isRunning(): boolean
  /** Starts the embedded server again, at the same URL. */
  restart(): Promise<void>
  stop(): Promise<void>
}

const WAIT_MS = 15_000

/**
 * @param name database on the embedded server: letters, digits and `_`; ignored with DB_URL
 * @throws PlimsollError when DB_URL does not answer within 15 s, or the embedded server does not start
 */
export async function openRunDatabase(config: Config, name: string): Promise<RunDatabase> {
  if (config.dbUrl !== undefined) {
    await waitForDatabase(config.dbUrl, WAIT_MS)
    return {
      url: config.dbUrl,
      embedded: false,
      recreate: async () => undefined,
      isRunning: () => true,
      restart: async () => undefined,
      stop: async () => undefined,
    }
  }
  const server = await startEmbedded({ dir: join(config.dataDir, 'postgres') })
  const url = new URL(server.url)
  url.pathname = `/${name}`
  await ensureDatabase(server.url, name, false)
  return {
    url: url.toString(),
    embedded: true,
    recreate: () => ensureDatabase(server.url, name, true),
    isRunning: server.isRunning,
    restart: server.restart,
    stop: server.stop,
  }
}

async function ensureDatabase(adminUrl: string, name: string, dropFirst: boolean): Promise<void> {
  const admin = openPool(adminUrl, { application: 'supervisor', max: 1 })
  try {
    if (dropFirst) await admin.query(`DROP DATABASE IF EXISTS "${name}" WITH (FORCE)`)
    const found = await admin.query('SELECT 1 FROM pg_database WHERE datname = $1', [name])
    if (found.rowCount === 0) await admin.query(`CREATE DATABASE "${name}"`)
  } finally {
    await admin.end()
  }
}
