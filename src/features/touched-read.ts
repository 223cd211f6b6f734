/** Whose features of transactions, transfers and approvals may change with new blocks. */
import type { PoolClient } from '../db/pool'
import { sql } from '../db/query'

/** Account ids with a part in blocks (fromHeight, toHeight], ascending. */
export async function readTouched(
  tx: PoolClient,
  { chainId, fromHeight, toHeight }: { chainId: number; fromHeight: number; toHeight: number },
): Promise<string[]> {
  const { rows } = await tx.query<{ account_id: string }>(sql('features-touched'), [
    chainId,
    fromHeight,
    toHeight,
  ])
  return rows.map((row) => row.account_id)
}
