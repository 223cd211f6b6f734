/** Where the unbroken run of indexed blocks began that a block stands in. */
import type { PoolClient } from '../db/pool'
import { sql } from '../db/query'

/** First block of the run; null when the block is not covered. */
export async function readCoverageFrom(
  tx: PoolClient,
  { chainId, height }: { chainId: number; height: number },
): Promise<number | null> {
  const { rows } = await tx.query<{ from_height: string | null }>(sql('features-coverage'), [chainId, height])
  const from = rows[0]?.from_height ?? null
  return from === null ? null : Number(from)
}
