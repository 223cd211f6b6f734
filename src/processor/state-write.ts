/** Set-based writes of current-state rows, and their undoing from the journal. */
import type { PoolClient } from '../db/pool'
import type { Image } from './state-rows'

/** Current-state tables: the key that an upsert names, and the columns that it replaces. */
const STATE_TABLES = {
  market: {
    key: ['id'],
    columns: ['kind', 'revision', 'asset_id', 'asset1_id', 'state', 'complete', 'updated_height'],
  },
  position: {
    key: ['account_id', 'chain_id', 'market_id'],
    columns: ['scaled_supply', 'scaled_debt', 'collateral_enabled', 'complete', 'updated_height'],
  },
  price: { key: ['id'], columns: ['answer', 'decimals', 'updated_at', 'updated_height'] },
  token_balance: { key: ['account_id', 'chain_id', 'asset_id'], columns: ['balance'] },
  quarantine_emitter: { key: ['chain_id', 'emitter'], columns: ['stored', 'dropped'] },
} as const

export type StateTable = keyof typeof STATE_TABLES

const ORDER = Object.keys(STATE_TABLES) as StateTable[]

/** A row that a block changed, by its key, and its old image; null where the block made the row. */
export interface JournalEntry {
  height: number
  table: StateTable
  /** The row, or as much of it as its key needs. */
  row: Image
  old: Image | null
}

/** The key columns of a row, as the journal keeps them. */
export function journalKey({ table, row }: JournalEntry): Image {
  return Object.fromEntries(STATE_TABLES[table].key.map((column) => [column, row[column]]))
}

function onConflict(table: StateTable): string {
  const { key, columns } = STATE_TABLES[table]
  return `ON CONFLICT (${key.join(', ')}) DO UPDATE SET ${columns.map((c) => `${c} = EXCLUDED.${c}`).join(', ')}`
}

/** Inserts or replaces rows of one state table in one statement. */
export async function upsertState(
  tx: PoolClient,
  table: StateTable,
  images: readonly Image[],
): Promise<number> {
  if (images.length === 0) return 0
  await tx.query(
    `INSERT INTO "${table}" SELECT * FROM jsonb_populate_recordset(NULL::"${table}", $1::jsonb) ${onConflict(table)}`,
    [JSON.stringify(images)],
  )
  return images.length
}

/** Brings all state tables back to how they stood at the end of block `height`. */
export async function restoreState(tx: PoolClient, chainId: number, height: number): Promise<void> {
  for (const table of ORDER) {
    const sameKey = STATE_TABLES[table].key.map((column) => `t.${column} = k.${column}`).join(' AND ')
    await tx.query(
      `WITH oldest AS (
         SELECT DISTINCT ON (key) key, old FROM journal
         WHERE chain_id = $1 AND height > $2 AND table_name = $3 ORDER BY key, height, seq
       ), made AS (
         DELETE FROM "${table}" t
         USING oldest o CROSS JOIN LATERAL jsonb_populate_record(NULL::"${table}", o.key) k
         WHERE o.old IS NULL AND t.chain_id = $1 AND ${sameKey}
       )
       INSERT INTO "${table}"
       SELECT r.* FROM oldest o CROSS JOIN LATERAL jsonb_populate_record(NULL::"${table}", o.old) r
       WHERE o.old IS NOT NULL ${onConflict(table)}`,
      [chainId, height, table],
    )
  }
  await tx.query('DELETE FROM journal WHERE chain_id = $1 AND height > $2', [chainId, height])
}
