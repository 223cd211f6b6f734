/** One embedded PostgreSQL for a bench, with its default durability, and a fresh database in it for each run. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type EmbeddedDatabase, removeEmbedded, startEmbedded } from '../src/db/embedded'
import { migrate } from '../src/db/migrate'
import { openPool } from '../src/db/pool'

export interface BenchServer {
  embedded: EmbeddedDatabase
  /** URL of a new empty database. A checkpoint comes first, so that no run pays for the one before it. */
  emptyDatabase(name: string): Promise<string>
  /** URL of a new database with our tables and the partitions of these chains. */
  ourDatabase(name: string, chainIds: readonly number[]): Promise<string>
  dropDatabase(name: string): Promise<void>
  /** Stops the server and removes its data. */
  remove(): Promise<void>
}

/** Starts a server in a folder of its own under the temporary directory. */
export async function startServer(): Promise<BenchServer> {
  const home = mkdtempSync(join(tmpdir(), 'plimsoll-bench-pg-'))
  const dir = join(home, 'postgres')
  const embedded = await startEmbedded({ dir })

  async function admin(...statements: string[]): Promise<void> {
    const pool = openPool(embedded.url, { application: 'bench-admin', max: 1 })
    try {
      for (const statement of statements) await pool.query(statement)
    } finally {
      await pool.end()
    }
  }

  async function emptyDatabase(name: string): Promise<string> {
    await admin('CHECKPOINT', `CREATE DATABASE ${name}`)
    const url = new URL(embedded.url)
    url.pathname = `/${name}`
    return url.toString()
  }

  return {
    embedded,
    emptyDatabase,
    async ourDatabase(name, chainIds) {
      const url = await emptyDatabase(name)
      await migrate(url, chainIds)
      return url
    },
    dropDatabase: (name) => admin(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`),
    async remove() {
      await embedded.stop()
      await removeEmbedded(dir)
      rmSync(home, { recursive: true, force: true })
    },
  }
}
