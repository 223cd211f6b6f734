/**
 * Every index earns its keep: some query of ours has a plan that uses it. Plans are generic ones (no parameter values)
 * over the migrated, nearly empty tables with sequential scans priced out, so they say what an index can do, not what it costs;
 * docs/queries.md has plans over filled tables.
 */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { loadModel } from '@subsquid/openreader/lib/tools'
import { toFkColumn, toTable } from '@subsquid/openreader/lib/util/util'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { sql } from '../../src/db/query'
import { packageRoot } from '../../src/package-root'
import { type TestDatabase, testDatabase } from '../support/database'

const CHAIN = 31337

/** Queries that stand in code rather than in db/queries, by where they stand. */
const IN_CODE: Readonly<Record<string, string>> = {
  'processor/rollback.ts: accounts':
    'DELETE FROM account WHERE chain_id = $1::bigint AND first_height > $2::bigint',
  'processor/rollback.ts: assets':
    'DELETE FROM asset WHERE chain_id = $1::bigint AND first_height > $2::bigint',
  'processor/rollback.ts: versions of positions':
    'DELETE FROM position_version WHERE chain_id = $1::bigint AND valid_from_block > $2::bigint',
  'processor/rollback.ts: versions of markets':
    'DELETE FROM market_version WHERE chain_id = $1::bigint AND valid_from_block > $2::bigint',
  'processor/rollback.ts: versions of prices':
    'DELETE FROM price_version WHERE chain_id = $1::bigint AND valid_from_block > $2::bigint',
  'processor/metadata.ts: pending assets':
    "SELECT address FROM asset WHERE chain_id = $1::bigint AND metadata = 'pending' ORDER BY first_height LIMIT 100",
  'entities: scores of an account': `SELECT * FROM score
    WHERE account_id = $1::text AND model_name = $2::text ORDER BY height DESC LIMIT 50`,
  'entities: transaction by hash': 'SELECT * FROM transaction WHERE hash = $1::text',
  'entities: account by address': 'SELECT * FROM account WHERE address = $1::text',
  'entities: transfers of a token': `SELECT * FROM token_transfer WHERE asset_id = $1::text ORDER BY height DESC LIMIT 50`,
  'entities: events of a market': `SELECT * FROM lending_event WHERE market_id = $1::text ORDER BY height DESC LIMIT 50`,
}

/** What openreader asks: an entity by its id, and lists of those that refer to another. */
function entityQueries(): Record<string, string> {
  const model = loadModel(join(packageRoot, 'schema.graphql'))
  const queries: Record<string, string> = {}
  for (const [name, entity] of Object.entries(model)) {
    if (entity.kind !== 'entity') continue
    if (name !== 'AccountEvent' && name !== 'Exposure')
      queries[`entities: ${name} by id`] = `SELECT * FROM "${toTable(name)}" WHERE id = $1::text`
    for (const [field, { type }] of Object.entries(entity.properties)) {
      if (type.kind !== 'list-lookup') continue
      const key = toFkColumn(type.field)
      queries[`entities: ${name}.${field}`] =
        `SELECT * FROM "${toTable(type.entity)}" WHERE "${key}" = $1::text`
    }
  }
  return queries
}

let db: TestDatabase
beforeAll(async () => {
  db = await testDatabase({ chainIds: [CHAIN] })
  await db.pool.query('SELECT plimsoll_index_chain($1)', [CHAIN])
  await fillApprovals()
})
afterAll(() => db?.drop())

/** Three indexes answer who may spend what of whom, and over an empty table they cost the same. */
async function fillApprovals(): Promise<void> {
  await db.pool.query(
    `INSERT INTO token_approval
     SELECT n, $1, n, 0, 0, 'hash', now(), 'hash', true, 'asset' || n % 11, 'owner' || n % 10, 'spender' || n % 13, 1, NULL,
            'erc20' FROM generate_series(1, 2000) AS n`,
    [CHAIN],
  )
  await db.pool.query('ANALYZE token_approval')
}

/** Index names in a plan; those of a chain's partition as such. */
async function indexesOf(query: string): Promise<string[]> {
  const client = await db.pool.connect()
  try {
    await client.query('SET enable_seqscan = off')
    const { rows } = await client.query(`EXPLAIN (GENERIC_PLAN, FORMAT JSON) ${query}`)
    return [...JSON.stringify(rows[0]).matchAll(/"Index Name":"(\w+)"/g)].map(([, name]) => name!)
  } finally {
    client.release()
  }
}

it('every index but the primary keys is used by a query', async () => {
  const named = readdirSync(join(packageRoot, 'db/queries')).map((file) => file.replace(/\.sql$/, ''))
  const queries = {
    ...Object.fromEntries(named.map((name) => [name, sql(name)])),
    ...IN_CODE,
    ...entityQueries(),
  }
  const used = new Set<string>()
  for (const [name, query] of Object.entries(queries)) {
    const found = await indexesOf(query).catch((error: Error) => {
      throw new Error(`${name}: ${error.message}`)
    })
    for (const index of found) used.add(index)
  }
  const { rows } = await db.pool.query<{ name: string; parents: string[] }>(`
    SELECT i.relname AS name, array_remove(array_agg(p.relname), NULL) AS parents
    FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class c ON c.oid = x.indrelid
    LEFT JOIN pg_inherits h ON h.inhrelid = i.oid LEFT JOIN pg_class p ON p.oid = h.inhparent
    WHERE c.relnamespace = 'public'::regnamespace AND NOT x.indisunique AND c.relkind = 'r'
    GROUP BY i.relname ORDER BY 1`)
  expect(rows.length).toBeGreaterThan(30)
  expect(rows.map(({ name }) => name).filter((name) => !used.has(name))).toEqual([])
})
