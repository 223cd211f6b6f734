/** Reads protocol prices of a chain over a range of blocks. */
import type { PoolClient } from '../db/pool'
import { sql } from '../db/query'
import { type PriceLine, priceLine } from './price-line'

/** Most versions of one price that are read at once unless told otherwise; older ones are left out. */
const MAX_PRICE_VERSIONS = 1024

interface Row {
  asset_id: string
  source: string
  valid_from_block: string
  answer: string
  decimals: number
  timestamp_sec: string
}

/**
 * Versions in (fromHeight, toHeight], and the one that held at `fromHeight`, of every protocol price of a chain; with
 * `believed`, of those sources alone.
 */
export async function readPriceLine(
  tx: PoolClient,
  range: {
    chainId: number
    fromHeight: number
    toHeight: number
    maxVersions?: number
    believed?: (source: string) => boolean
  },
): Promise<PriceLine> {
  const result = await tx.query<Row>(sql('prices-line'), [
    range.chainId,
    range.toHeight,
    range.fromHeight,
    range.maxVersions ?? MAX_PRICE_VERSIONS,
  ])
  const { believed } = range
  const rows = believed ? result.rows.filter((row) => believed(row.source)) : result.rows
  return priceLine(
    rows.map((row) => ({
      assetId: row.asset_id,
      source: row.source,
      validFromBlock: Number(row.valid_from_block),
      timestampSec: Number(row.timestamp_sec),
      answer: BigInt(row.answer),
      decimals: row.decimals,
    })),
  )
}
