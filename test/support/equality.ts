/**
 * Compares two databases row by row: after any mixture of kills, reorgs and lost connections, the recovered one must
 * hold exactly what an undisturbed run writes. What may differ is listed here, each with its reason.
 */
import type { Pool } from '../../src/db/pool'

/** Tables that tell how the work went, not what it found. */
export const OPERATIONAL_TABLES: Readonly<Record<string, string>> = {
  batch: 'one row a transaction: how blocks were grouped depends on timing, kills and forks',
  consumer_cursor: 'counts batches',
  chain_writer: 'counts starts of the processor',
  chain_partitioned_table: 'names of tables, made by the migrations',
  migrations: 'bookkeeping of the migration tool',
  chain_index: 'names of indexes, made by the migrations',
  source_endpoint: 'addresses, latencies and counts of the endpoints that were asked',
}

/** Columns that hold wall-clock times or count starts. */
export const OPERATIONAL_COLUMNS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  chain: {
    updated_at: 'wall clock of the last commit',
  },
}

/** Tables that must hold rows for a comparison to mean anything. */
export const CORE_TABLES = ['block', 'transaction', 'token_transfer', 'account', 'asset', 'coverage', 'chain']

async function tablesOf(pool: Pool): Promise<string[]> {
  const { rows } = await pool.query<{ name: string }>(
    `SELECT relname AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace
       AND relkind IN ('r', 'p') AND NOT relispartition ORDER BY 1`,
  )
  return rows.map((row) => row.name).filter((name) => OPERATIONAL_TABLES[name] === undefined)
}

async function rowsOf(pool: Pool, table: string): Promise<string[]> {
  const dropped = Object.keys(OPERATIONAL_COLUMNS[table] ?? {})
  const { rows } = await pool.query<{ row: string }>(
    `SELECT (to_jsonb(t) - $1::text[])::text AS row FROM "${table}" t ORDER BY 1`,
    [dropped],
  )
  return rows.map((row) => row.row)
}

export interface Difference {
  table: string
  /** Up to five rows that only one side has. */
  onlyInFirst: string[]
  onlyInSecond: string[]
}

export interface Comparison {
  differences: Difference[]
  /** Rows compared by table; tables that are empty on both sides have 0. */
  rows: Record<string, number>
}

/** Compares every table but the operational ones. */
export async function compareDatabases(first: Pool, second: Pool): Promise<Comparison> {
  const comparison: Comparison = { differences: [], rows: {} }
  for (const table of await tablesOf(first)) {
    const [a, b] = [await rowsOf(first, table), await rowsOf(second, table)]
    comparison.rows[table] = a.length
    const [inA, inB] = [new Set(a), new Set(b)]
    const onlyInFirst = a.filter((row) => !inB.has(row))
    const onlyInSecond = b.filter((row) => !inA.has(row))
    if (onlyInFirst.length + onlyInSecond.length > 0 || a.length !== b.length) {
      comparison.differences.push({
        table,
        onlyInFirst: onlyInFirst.slice(0, 5),
        onlyInSecond: onlyInSecond.slice(0, 5),
      })
    }
  }
  return comparison
}
