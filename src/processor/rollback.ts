/** Undoes blocks: state from the journal, everything else by height. */
import type { PoolClient } from '../db/pool'
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
