/** Applies db/migrations in order, each once, and makes the partitions of the chains that are to be indexed. */
import { join } from 'node:path'
import { DataSource } from 'typeorm'
import { packageRoot } from '../package-root'
import { openPool } from './pool'

/**
 * Brings a database up to date. Safe to run again and from several processes: the migrations run in one transaction
 * under an advisory lock. Same bookkeeping table as `squid-typeorm-migration apply`.
 * @returns names of the migrations that were applied now
 */
export async function migrate(url: string, chainIds: readonly number[]): Promise<string[]> {
  const pool = openPool(url, { application: 'migrate', max: 1 })
  const lock = await pool.connect()
  try {
    await lock.query(`SELECT pg_advisory_lock(hashtext('plimsoll_migrate'))`)
    const source = new DataSource({
      type: 'postgres',
      url,
      migrations: [join(packageRoot, 'db', 'migrations', '*.js')],
      migrationsTransactionMode: 'all',
    })
    await source.initialize()
    let applied: string[]
    try {
      applied = (await source.runMigrations()).map((migration) => migration.name)
    } finally {
      await source.destroy()
    }
    for (const chainId of chainIds) await lock.query('SELECT plimsoll_add_chain($1)', [chainId])
    return applied
  } finally {
    lock.release(true)
    await pool.end()
  }
}
