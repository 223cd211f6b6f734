/** Accounts and assets: a row each at their first appearance. */
import type { ChainSpec, Hex } from '../chains/types'
import type { PoolClient } from '../db/pool'
import { assetId } from './ids'

/** Inserts accounts that have no row yet. @returns rows inserted */
export async function insertAccounts(
  tx: PoolClient,
  chainId: number,
  accounts: ReadonlyMap<string, { address: Hex; height: number; time: string }>,
): Promise<number> {
  if (accounts.size === 0) return 0
  const values = [...accounts.values()]
  const { rowCount } = await tx.query(
    `INSERT INTO account (id, chain_id, address, first_height, first_timestamp)
     SELECT i, $1, a, h, t FROM unnest($2::text[], $3::text[], $4::bigint[], $5::timestamptz[]) AS n (i, a, h, t)
     ON CONFLICT (id, chain_id) DO NOTHING`,
    [
      chainId,
      [...accounts.keys()],
      values.map((value) => value.address),
      values.map((value) => value.height),
      values.map((value) => value.time),
    ],
  )
  return rowCount ?? 0
}

/** Inserts assets that have no row yet; tokens of the chain file with their names and decimals. @returns rows inserted */
export async function insertAssets(
  tx: PoolClient,
  chain: ChainSpec,
  assets: ReadonlyMap<Hex, { height: number; verified: boolean }>,
): Promise<number> {
  if (assets.size === 0) return 0
  const tokens = new Map(chain.tokens.map((token) => [token.address, token]))
  const rows = [...assets].map(([address, { height, verified }]) => ({
    address,
    height,
    verified,
    token: tokens.get(address),
  }))
  const { rowCount } = await tx.query(
    `INSERT INTO asset (id, chain_id, address, symbol, name, decimals, verified, metadata, first_height)
     SELECT i, $1, a, s, n, d, v, CASE WHEN l THEN 'listed' ELSE 'pending' END, h
     FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::int[], $7::boolean[], $8::boolean[], $9::bigint[])
       AS f (i, a, s, n, d, v, l, h)
     ON CONFLICT (id) DO NOTHING`,
    [
      chain.id,
      rows.map((row) => assetId(chain.id, row.address)),
      rows.map((row) => row.address),
      rows.map((row) => row.token?.symbol ?? null),
      rows.map((row) => row.token?.name ?? null),
      rows.map((row) => row.token?.decimals ?? null),
      rows.map((row) => row.verified),
      rows.map((row) => row.token !== undefined),
      rows.map((row) => row.height),
    ],
  )
  return rowCount ?? 0
}
