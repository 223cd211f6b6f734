/** Accounts and assets: a row each at their first appearance, be it in a fact, a transaction or a row of state. */
import type { ChainSpec, Hex } from '../chains/types'
import type { PoolClient } from '../db/pool'
import type { BlockRef, MarketState } from '../protocols/types'
import type { BlockChanges } from './fold'
import { accountId, assetId } from './ids'

/** Tells which accounts have a row already; may leave some out. */
export interface Known {
  has(account: Hex): boolean
}

/** Accounts and assets that blocks named, each with the first block that did. */
export interface Identities {
  chain: ChainSpec
  /** Accounts that have a row already. */
  known: Known
  accounts: Map<Hex, { height: number; time: string }>
  assets: Map<Hex, { height: number; verified: boolean }>
}

/** Nobody met yet. */
export function noIdentities(chain: ChainSpec, known: Known): Identities {
  return { chain, known, accounts: new Map(), assets: new Map() }
}

/** Notes an account; of several blocks that name it, the first counts. @param time of the block, ISO 8601 */
export function meetAccount(
  { known, accounts }: Identities,
  address: Hex,
  ref: BlockRef,
  time: string,
): void {
  if (known.has(address)) return
  const met = accounts.get(address)
  if (met === undefined || ref.height < met.height) accounts.set(address, { height: ref.height, time })
}

/** Notes assets, and whether a chain file or listed factory vouches for each; the first block that names one counts. */
export function meetAssets(
  { assets }: Identities,
  named: Iterable<readonly [Hex, boolean]>,
  { height }: BlockRef,
): void {
  for (const [asset, verified] of named) {
    const met = assets.get(asset)
    if (met === undefined || height < met.height) assets.set(asset, { height, verified })
  }
}

/**
 * Notes what a block's new rows of state refer to. A market may be made of tokens that never moved in our sight, and a
 * position may come from an event that is no fact (a choice of e-mode). Contracts of a market or price are accounts as
 * well, whether or not anybody has called them yet: an alert may be about them.
 */
export function meetState(identities: Identities, changes: BlockChanges, time: string): void {
  const { ref } = changes
  const markets = changes.markets.filter(isNew).map(({ after }) => after)
  const prices = changes.prices.filter(isNew).map(({ after }) => after)
  const holders = changes.positions.filter(isNew).map(({ after }) => after.account)
  const assets = [...markets.flatMap(assetsOfMarket), ...prices.map((price) => price.asset)]
  for (const address of [...holders, ...markets.map((market) => market.pool).filter(isAddress), ...assets]) {
    meetAccount(identities, address, ref, time)
  }
  const listed = (asset: Hex): boolean => identities.chain.tokens.some((token) => token.address === asset)
  meetAssets(
    identities,
    assets.map((asset): [Hex, boolean] => [asset, listed(asset)]),
    ref,
  )
}

/** The pool of an isolated market is a 32-byte id, not a contract. */
const isAddress = (pool: Hex): boolean => pool.length === 42

const isNew = (change: { before: unknown }): boolean => change.before === undefined

/** The assets that a market's row refers to. */
export function assetsOfMarket({ asset, asset1 }: MarketState): readonly Hex[] {
  return asset1 === null ? [asset] : [asset, asset1]
}

/** Inserts accounts that have no row yet; with `replaces`, an earlier appearance counts. @returns rows written */
export async function insertAccounts(
  tx: PoolClient,
  chainId: number,
  { accounts, replaces }: { accounts: Identities['accounts']; replaces: boolean },
): Promise<number> {
  if (accounts.size === 0) return 0
  const addresses = [...accounts.keys()]
  const values = [...accounts.values()]
  const { rowCount } = await tx.query(
    `INSERT INTO account (id, chain_id, address, first_height, first_timestamp)
     SELECT i, $1, a, h, t FROM unnest($2::text[], $3::text[], $4::bigint[], $5::timestamptz[]) AS n (i, a, h, t)
     ON CONFLICT (id, chain_id) DO ${
       replaces
         ? `UPDATE SET first_height = EXCLUDED.first_height, first_timestamp = EXCLUDED.first_timestamp
            WHERE EXCLUDED.first_height < account.first_height`
         : 'NOTHING'
     }`,
    [
      chainId,
      addresses.map((address) => accountId(chainId, address)),
      addresses,
      values.map((value) => value.height),
      values.map((value) => value.time),
    ],
  )
  return rowCount ?? 0
}

/**
 * Inserts assets that have no row yet, tokens of the chain file with their names and decimals; with `replaces`, an earlier
 * appearance counts. @returns rows written
 */
export async function insertAssets(
  tx: PoolClient,
  chain: ChainSpec,
  { assets, replaces }: { assets: Identities['assets']; replaces: boolean },
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
     ON CONFLICT (id) DO ${
       replaces
         ? `UPDATE SET first_height = EXCLUDED.first_height, verified = EXCLUDED.verified
            WHERE EXCLUDED.first_height < asset.first_height`
         : 'NOTHING'
     }`,
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
