/** Market prices of many days for a world that is hours old: a source of its own for each listed token, a day a block. */

import type { Pool } from '../../src/db/pool'
import { seededRandom } from '../../src/math/statistics'

const DAY_SEC = 86_400

/**
 * Block h has the price of day h of those that end with the chain's block `toBlock`; prices before block 0 there are none,
 * so that `toBlock` blocks have as many daily returns. The source is the first by name, and is what a history is read from.
 */
export async function writePriceDays(
  pool: Pool,
  { chainId, toBlock }: { chainId: number; toBlock: number },
): Promise<void> {
  const random = seededRandom(11)
  const { rows: assets } = await pool.query<{ asset_id: string; answer: string; decimals: number }>(
    `SELECT DISTINCT ON (asset_id) asset_id, answer, decimals FROM price
     WHERE chain_id = $1 AND kind = 'market' ORDER BY asset_id, source`,
    [chainId],
  )
  const { rows } = await pool.query<{ sec: string }>(
    `SELECT extract(epoch FROM "timestamp")::bigint AS sec FROM block WHERE chain_id = $1 AND height = $2`,
    [chainId, toBlock],
  )
  const lastSec = Number(rows[0]!.sec)
  for (const { asset_id, answer, decimals } of assets) {
    const price = { id: `${asset_id}:days`, answer: Number(answer) }
    const shared = [chainId, asset_id, 'market', '-days', decimals]
    for (let height = 0; height <= toBlock; height++) {
      price.answer *= Math.exp(0.02 * (random() - 0.5))
      const at = new Date((lastSec - (toBlock - height) * DAY_SEC) * 1_000)
      await pool.query(
        `INSERT INTO price_version (chain_id, asset_id, kind, source, decimals, id, price_id, valid_from_block, answer, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
        [...shared, `${price.id}:${height}`, price.id, height, Math.round(price.answer), at],
      )
    }
    await pool.query(
      `INSERT INTO price (chain_id, asset_id, kind, source, decimals, id, answer, updated_at, updated_height)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
      [...shared, price.id, Math.round(price.answer), new Date(lastSec * 1_000), toBlock],
    )
  }
}
