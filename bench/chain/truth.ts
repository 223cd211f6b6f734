/**
 * What the tables must hold for a chain, row by row, and how a database differs from it. A row that the truth has and the
 * table has not is lost; one that the table has beyond the truth (twice, or of an orphaned block) is doubled.
 */
import type { Pool } from '../../src/db/pool'
import type { ChainBlock } from './blocks'

const TABLES = ['block', 'token_transfer', 'token_balance'] as const
type Table = (typeof TABLES)[number]

/** Rows as text, by table. */
export interface Truth {
  head: { height: number; hash: string }
  rows: Record<Table, string[]>
}

export interface Comparison {
  lost: number
  doubled: number
  /** A few of the rows concerned, with their table. */
  samples: string[]
}

const MAX_SAMPLES = 6

const ROWS: Readonly<Record<Table, string>> = {
  block: `SELECT height || ' ' || hash || ' ' || parent_hash AS row FROM block WHERE chain_id = $1`,
  token_transfer: `SELECT height || ' ' || log_index || ' ' || block_hash || ' ' || tx_hash || ' ' ||
      split_part(from_id, ':', 2) || ' ' || split_part(to_id, ':', 2) || ' ' || amount AS row
    FROM token_transfer WHERE chain_id = $1`,
  token_balance: `SELECT split_part(account_id, ':', 2) || ' ' || balance AS row FROM token_balance WHERE chain_id = $1`,
}

/** Folds a chain's blocks into the rows that they must leave. */
export function truthOf(blocks: readonly ChainBlock[]): Truth {
  const balances = new Map<string, number>()
  const rows: Truth['rows'] = { block: [], token_transfer: [], token_balance: [] }
  const add = (account: string, amount: number): void =>
    void balances.set(account, (balances.get(account) ?? 0) + amount)
  for (const block of blocks) {
    rows.block.push(`${block.height} ${block.hash} ${block.parentHash}`)
    for (const { logIndex, txIndex, from, to, amount } of block.logs) {
      const txHash = block.transactions[txIndex]?.hash
      rows.token_transfer.push(`${block.height} ${logIndex} ${block.hash} ${txHash} ${from} ${to} ${amount}`)
      add(from, -amount)
      add(to, amount)
    }
  }
  for (const [account, balance] of balances) rows.token_balance.push(`${account} ${balance}`)
  const { height = -1, hash = '0x' } = blocks.at(-1) ?? {}
  return { head: { height, hash }, rows }
}

/** Compares row by row; rows that occur twice count twice. */
export function compareRows(
  truth: readonly string[],
  found: readonly string[],
): Omit<Comparison, 'samples'> & {
  wrong: string[]
} {
  const missing = new Map<string, number>()
  for (const row of truth) missing.set(row, (missing.get(row) ?? 0) + 1)
  const extra: string[] = []
  for (const row of found) {
    const left = missing.get(row) ?? 0
    if (left === 0) extra.push(row)
    else if (left === 1) missing.delete(row)
    else missing.set(row, left - 1)
  }
  const lost = [...missing.values()].reduce((sum, count) => sum + count, 0)
  return {
    lost,
    doubled: extra.length,
    wrong: [...[...missing.keys()].map((row) => `lost ${row}`), ...extra],
  }
}

/** Holds the tables of a chain against the truth. The database must be at the truth's head. */
export async function compareWithTruth(pool: Pool, chainId: number, truth: Truth): Promise<Comparison> {
  const comparison: Comparison = { lost: 0, doubled: 0, samples: [] }
  for (const table of TABLES) {
    const { rows } = await pool.query<{ row: string }>(ROWS[table], [chainId])
    const { lost, doubled, wrong } = compareRows(
      truth.rows[table],
      rows.map(({ row }) => row),
    )
    comparison.lost += lost
    comparison.doubled += doubled
    comparison.samples.push(...wrong.slice(0, MAX_SAMPLES).map((row) => `${table}: ${row}`))
  }
  return comparison
}
