/** Reading positions for a fold, and distrusting state across a gap in what was seen. */
import type { Hex } from '../chains/types'
import type { PoolClient } from '../db/pool'
import type { PositionState } from '../protocols/types'
import type { BatchTx } from './batch'
import { accountId, positionId } from './ids'
import { addressOf, type Stored } from './memory'

interface PositionRow {
  id: string
  account_id: string
  market_id: string
  protocol: string
  pool: string
  scaled_supply: string
  scaled_debt: string
  collateral_enabled: boolean
  complete: boolean
  updated_height: string
}

/**
 * Loads positions in one query.
 * @returns an entry for every key asked for; undefined where there is no row
 */
export async function loadPositions(
  tx: PoolClient,
  chainId: number,
  keys: ReadonlyMap<string, { account: Hex; marketId: string }>,
): Promise<Map<string, Stored<PositionState> | undefined>> {
  const found = new Map<string, Stored<PositionState> | undefined>()
  for (const id of keys.keys()) found.set(id, undefined)
  if (keys.size === 0) return found
  const wanted = [...keys.values()]
  const { rows } = await tx.query<PositionRow>(
    `SELECT p.* FROM unnest($2::text[], $3::text[]) AS k (account_id, market_id)
     JOIN position p ON p.account_id = k.account_id AND p.chain_id = $1 AND p.market_id = k.market_id`,
    [chainId, wanted.map((key) => accountId(chainId, key.account)), wanted.map((key) => key.marketId)],
  )
  for (const row of rows) {
    const value: PositionState = {
      account: addressOf(row.account_id),
      marketId: row.market_id,
      protocol: row.protocol,
      pool: row.pool as Hex,
      scaledSupply: BigInt(row.scaled_supply),
      scaledDebt: BigInt(row.scaled_debt),
      collateralEnabled: row.collateral_enabled,
      complete: row.complete,
    }
    const id = positionId(chainId, value.account, value.marketId)
    found.set(id, { value, height: Number(row.updated_height) })
  }
  return found
}

/**
 * Blocks were skipped before `height` (a capture of single blocks): what was known before may have changed unseen, so
 * every market and position is incomplete from there on. Captures are final, so nothing is journaled.
 */
export async function markIncomplete(batch: BatchTx, height: number): Promise<void> {
  const { tx, chain, memory } = batch
  await tx.query(
    `WITH stale AS (
       UPDATE market SET complete = false, updated_height = $2 WHERE chain_id = $1 AND complete
       RETURNING id, state, revision
     )
     INSERT INTO market_version (id, chain_id, market_id, valid_from_block, state, revision, complete)
     SELECT id || ':' || $2::bigint, $1, id, $2, state, revision, false FROM stale`,
    [chain.id, height - 1],
  )
  await tx.query(
    `WITH stale AS (
       UPDATE position SET complete = false, updated_height = $2 WHERE chain_id = $1 AND complete RETURNING *
     )
     INSERT INTO position_version (id, account_id, chain_id, market_id, position_id, protocol, pool,
       valid_from_block, scaled_supply, scaled_debt, collateral_enabled, complete)
     SELECT id || ':' || $2::bigint, account_id, $1, market_id, id, protocol, pool, $2, scaled_supply, scaled_debt,
            collateral_enabled, false FROM stale`,
    [chain.id, height - 1],
  )
  for (const [id, { value }] of memory.markets) {
    if (value.complete) memory.markets.set(id, { value: { ...value, complete: false }, height: height - 1 })
  }
}
