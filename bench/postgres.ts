/** One embedded PostgreSQL for a bench, with its default durability, and a fresh database in it for each run. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type EmbeddedDatabase, removeEmbedded, startEmbedded } from '../src/db/embedded'
import { reachableFolder, unprivilegedUser } from '../src/db/embedded-binaries'
import { migrate } from '../src/db/migrate'
import { openPool } from '../src/db/pool'

const CRASH_TIMEOUT_MS = 30_000

export interface BenchServer {
  embedded: EmbeddedDatabase
  /** URL of a new empty database. A checkpoint comes first, so that no run pays for the one before it. */
  emptyDatabase(name: string): Promise<string>
  /** URL of a new database with our tables and the partitions of these chains. */
  ourDatabase(name: string, chainIds: readonly number[]): Promise<string>
  dropDatabase(name: string): Promise<void>
  /** Ends the server at once, as a crash would: what was not written is recovered from its log when it starts. */
  crash(): Promise<void>
  /** Stops the server and removes its data. */
  remove(): Promise<void>
}

/** Starts a server in a folder of its own under the temporary directory. */
export async function startServer(): Promise<BenchServer> {
  const home = mkdtempSync(join(tmpdir(), 'plimsoll-bench-pg-'))
  const dir = join(home, 'postgres')
  const embedded = await startEmbedded({ dir })
  const folder = unprivilegedUser() ? reachableFolder(dir) : dir

  /** The server is a daemon: a bench that is broken off would leave it behind. */
  function quit(): void {
    try {
      process.kill(
        Number(readFileSync(join(folder, 'data', 'postmaster.pid'), 'utf8').split('\n')[0]),
        'SIGQUIT',
      )
    } catch {
      // It does not run.
    }
  }
  process.on('exit', quit)

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
    async crash() {
      quit()
      for (const deadline = Date.now() + CRASH_TIMEOUT_MS; embedded.isRunning(); await sleep(20)) {
        if (Date.now() > deadline) throw new Error('PostgreSQL does not end')
      }
    },
    async remove() {
      process.off('exit', quit)
      await embedded.stop()
      await removeEmbedded(dir)
      rmSync(home, { recursive: true, force: true })
    },
  }
}
