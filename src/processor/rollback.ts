/** Undoes blocks: state from the journal, everything else by height. */
import type { PoolClient } from '../db/pool'
import type { SourceBlock } from './block'
import { FACT_COLUMNS } from './fact-columns'
import { restoreState } from './state-write'

/** Tables whose rows belong to a block, and the column that holds its height. */
const BY_HEIGHT: ReadonlyArray<readonly [table: string, column: string]> = [
  ['token_transfer', 'height'],
  ['token_approval', 'height'],
  ['lending_event', 'height'],
  ['swap', 'height'],
  ['price_update', 'height'],
  ['flash_loan', 'height'],
  ['admin_action', 'height'],
  ['bridge_transfer', 'height'],
  ['transaction', 'height'],
  ['quarantine', 'height'],
  ['position_version', 'valid_from_block'],
  ['market_version', 'valid_from_block'],
  ['price_version', 'valid_from_block'],
  ['price_round', 'height'],
  ['account', 'first_height'],
  ['asset', 'first_height'],
  ['coverage', 'from_height'],
  ['hot_block', 'height'],
  ['block', 'height'],
]

/**
 * Leaves the chain's rows as they stood at the end of block `height`. Blocks above it must be hot: final blocks keep
 * no old images.
 */
export async function rollBack(tx: PoolClient, chainId: number, height: number): Promise<void> {
  await restoreState(tx, chainId, height)
  for (const [table, column] of BY_HEIGHT) {
    await tx.query(`DELETE FROM "${table}" WHERE chain_id = $1 AND "${column}" > $2`, [chainId, height])
  }
  await tx.query('UPDATE coverage SET to_height = $2 WHERE chain_id = $1 AND to_height > $2', [
    chainId,
    height,
  ])
}

/** Removes the facts and quarantine rows of single logs, whose blocks stay. */
export async function forgetLogs(
  tx: PoolClient,
  chainId: number,
  blocks: readonly SourceBlock[],
): Promise<void> {
  const logs = blocks.flatMap((block) => block.logs)
  const places = [chainId, logs.map((log) => log.block.height), logs.map((log) => log.logIndex)]
  const isGone = `t.chain_id = $1 AND t.height = l.h AND t.log_index = l.i`
  const gone = 'unnest($2::bigint[], $3::int[]) AS l (h, i)'
  for (const table of Object.keys(FACT_COLUMNS)) {
    await tx.query(`DELETE FROM "${table}" t USING ${gone} WHERE ${isGone}`, places)
  }
  await tx.query(
    `WITH gone AS (DELETE FROM quarantine t USING ${gone} WHERE ${isGone} RETURNING t.emitter),
          counts AS (SELECT emitter, count(*) AS n FROM gone GROUP BY emitter)
     UPDATE quarantine_emitter e SET stored = e.stored - c.n FROM counts c
     WHERE e.chain_id = $1 AND e.emitter = c.emitter`,
    places,
  )
}
