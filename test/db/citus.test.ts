/** db/citus.sql against the migrated tables: nothing is forgotten, and every rule that Citus enforces is kept. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { packageRoot } from '../../src/package-root'
import { type TestDatabase, testDatabase } from '../support/database'

const text = readFileSync(join(packageRoot, 'db/citus.sql'), 'utf8')

const distributed = new Map(
  [...text.matchAll(/create_distributed_table\('(\w+)', '(\w+)'(?:, colocate_with => '(\w+)')?\)/g)].map(
    ([, table, column, colocated]) => [table!, { column: column!, colocated }],
  ),
)
const reference = [...text.matchAll(/create_reference_table\('(\w+)'\)/g)].map(([, table]) => table!)
const local = [...text.matchAll(/^-- local: ([\w, ]+)/gm)].flatMap(([, names]) => names!.trim().split(/, /))

interface Table {
  name: string
  /** Columns of each unique index, in order. */
  unique: string[][]
  triggers: string[]
  /** Tables that its foreign keys refer to. */
  refersTo: string[]
  columns: string[]
}

let db: TestDatabase
let tables: Table[]

beforeAll(async () => {
  db = await testDatabase()
  const { rows } = await db.pool.query(`
    SELECT c.relname AS name,
      (SELECT coalesce(jsonb_agg((SELECT jsonb_agg(a.attname ORDER BY k.n) FROM unnest(i.indkey) WITH ORDINALITY AS k (col, n)
         JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.col)), '[]') FROM pg_index i
       WHERE i.indrelid = c.oid AND i.indisunique) AS unique,
      (SELECT coalesce(jsonb_agg(t.tgname), '[]') FROM pg_trigger t WHERE t.tgrelid = c.oid AND NOT t.tgisinternal) AS triggers,
      (SELECT coalesce(jsonb_agg(k.confrelid::regclass::text), '[]') FROM pg_constraint k
       WHERE k.conrelid = c.oid AND k.contype = 'f') AS "refersTo",
      (SELECT jsonb_agg(a.attname) FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0) AS columns
    FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
    ORDER BY 1`)
  tables = rows
})
afterAll(() => db?.drop())

const table = (name: string): Table => {
  const found = tables.find((candidate) => candidate.name === name)
  if (found === undefined) throw new Error(`citus.sql names ${name}, which no migration makes`)
  return found
}

describe('citus.sql', () => {
  it('places every table once', () => {
    const placed = [...distributed.keys(), ...reference, ...local].sort()
    expect(placed).toEqual(tables.map(({ name }) => name).sort())
  })

  it('distributes by a column of every unique key', () => {
    for (const [name, { column }] of distributed) {
      expect(table(name).unique.length, name).toBeGreaterThan(0)
      for (const key of table(name).unique) expect(key, name).toContain(column)
    }
  })

  it('keeps what is keyed by an account on the account’s shard, with the account first in its key', () => {
    const keyed = tables.filter(({ unique }) => unique.some(([first]) => first === 'account_id'))
    expect(keyed.map(({ name }) => name)).toContain('token_balance')
    for (const { name } of keyed) {
      expect(distributed.get(name), name).toEqual({ column: 'account_id', colocated: 'account' })
    }
    expect(distributed.get('account')?.column).toBe(table('account').unique[0]?.[0])
  })

  it('leaves tables with triggers on the coordinator', () => {
    const notifying = tables.filter(({ triggers }) => triggers.length > 0).map(({ name }) => name)
    expect(notifying).toContain('batch')
    expect(notifying.filter((name) => !local.includes(name))).toEqual([])
  })

  it('has no foreign keys from distributed tables but to reference tables', () => {
    for (const name of distributed.keys()) {
      expect(
        table(name).refersTo.filter((target) => !reference.includes(target)),
        name,
      ).toEqual([])
    }
  })
})
