/** The block that features stand on. */
import type { Hex } from '../chains/types'
import type { PoolClient } from '../db/pool'
import { sql } from '../db/query'
import type { AsOf } from './types'

/** Newest stored block at or below a height; undefined when none is stored. */
export async function blockAt(tx: PoolClient, chainId: number, height: number): Promise<AsOf | undefined> {
  const result = await tx.query<{ height: string; hash: Hex; timestamp_sec: string }>(
    sql('features-block-at'),
    [chainId, height],
  )
  const row = result.rows[0]
  if (row === undefined) return undefined
  return { chainId, height: Number(row.height), hash: row.hash, timestampSec: Number(row.timestamp_sec) }
}
