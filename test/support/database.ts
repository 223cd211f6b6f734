/** A fresh migrated database for a test file, copied from a template on the run's embedded PostgreSQL. */
import { randomBytes } from 'node:crypto'
import { inject } from 'vitest'
import { migrate } from '../../src/db/migrate'
import { openPool, type Pool } from '../../src/db/pool'

export interface TestDatabase {
  url: string
  pool: Pool
  drop(): Promise<void>
}

const TEMPLATE = 'plimsoll_template'

function withDatabase(url: string, name: string): string {
  const parsed = new URL(url)
  parsed.pathname = `/${name}`
  return parsed.toString()
}

async function ensureTemplate(admin: Pool, url: string): Promise<void> {
  const client = await admin.connect()
  try {
    await client.query(`SELECT pg_advisory_lock(hashtext('${TEMPLATE}'))`)
    const found = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [TEMPLATE])
    if (found.rowCount === 0) {
      const making = `${TEMPLATE}_making`
      await client.query(`DROP DATABASE IF EXISTS ${making}`)
      await client.query(`CREATE DATABASE ${making}`)
      await migrate(withDatabase(url, making), [])
      await client.query(`ALTER DATABASE ${making} RENAME TO ${TEMPLATE}`)
    }
  } finally {
    client.release(true)
  }
}

/** @param options.chainIds chains whose partitions are made; default the two local chains and Ethereum */
export async function testDatabase(options: { chainIds?: number[] } = {}): Promise<TestDatabase> {
  const base = inject('postgresUrl')
  const admin = openPool(base, { application: 'test-admin', max: 2 })
  await ensureTemplate(admin, base)
  const name = `t_${randomBytes(6).toString('hex')}`
  for (let attempt = 1; ; attempt++) {
    try {
      await admin.query(`CREATE DATABASE ${name} TEMPLATE ${TEMPLATE}`)
      break
    } catch (error) {
      if (attempt === 20) throw error
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }
  const url = withDatabase(base, name)
  const pool = openPool(url, { application: 'test', max: 4 })
  for (const id of options.chainIds ?? [1, 31337, 31338])
    await pool.query('SELECT plimsoll_add_chain($1)', [id])
  return {
    url,
    pool,
    async drop() {
      await pool.end()
      await admin.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)
      await admin.end()
    },
  }
}
