/** Reading half of the `position` group: versions that held at block B, and prices up to B. */
import type { Hex } from '../chains/types'
import type { PoolClient } from '../db/pool'
import { sql } from '../db/query'
import { readPriceLine } from '../prices/read'
import { readCalledRound, readMarketPrices } from '../prices/read-market'
import type { MarketState, PositionState } from '../protocols/types'
import type { PositionInput } from './position'
import { readHabits } from './position-habits'
import type { FeatureRequest } from './types'

/** A row of position_version. */
export interface PositionRow {
  account_id: string
  market_id: string
  protocol: string
  pool: Hex
  scaled_supply: string
  scaled_debt: string
  collateral_enabled: boolean
  complete: boolean
}

/** A row of market with a version of it. */
export interface MarketRow {
  id: string
  protocol: string
  kind: MarketState['kind']
  pool: Hex
  asset_id: string
  asset1_id: string | null
  state: MarketState['state']
  revision: number
  complete: boolean
}

/** Reads nothing that is later than `request.at`. */
export async function readPositions(tx: PoolClient, request: FeatureRequest): Promise<PositionInput> {
  const { chainId, height } = request.at
  const positions = await tx.query<PositionRow>(sql('features-positions-at'), [
    chainId,
    height,
    request.accountIds ?? null,
  ])
  const markets = await tx.query<MarketRow & { symbol: string | null }>(sql('features-markets-at'), [
    chainId,
    height,
  ])
  const lending = new Set(markets.rows.filter((row) => row.kind === 'reserve').map((row) => row.pool))
  return {
    at: request.at,
    positions: positions.rows.map(positionOf),
    habits: await readHabits(tx, request),
    markets: new Map(
      markets.rows.filter((row) => lending.has(row.pool)).map((row) => [row.id, marketOf(row)]),
    ),
    prices: await readPriceLine(tx, { chainId, fromHeight: 0, toHeight: height }),
    market: {
      prices: await readMarketPrices(tx, request),
      called: await readCalledRound(tx, { chainId, height }),
      chain: request.chain,
    },
    symbols: new Map(
      markets.rows.flatMap(({ asset_id, symbol }): [Hex, string][] =>
        symbol ? [[addressOf(asset_id), symbol]] : [],
      ),
    ),
  }
}

export function positionOf(row: PositionRow): PositionState {
  return {
    account: addressOf(row.account_id),
    marketId: row.market_id,
    protocol: row.protocol,
    pool: row.pool,
    scaledSupply: BigInt(row.scaled_supply),
    scaledDebt: BigInt(row.scaled_debt),
    collateralEnabled: row.collateral_enabled,
    complete: row.complete,
  }
}

export function marketOf(row: MarketRow): MarketState {
  return {
    id: row.id,
    protocol: row.protocol,
    kind: row.kind,
    pool: row.pool,
    revision: row.revision,
    asset: addressOf(row.asset_id),
    asset1: row.asset1_id === null ? null : addressOf(row.asset1_id),
    state: row.state,
    complete: row.complete,
  }
}

/** The address in an account's or asset's id. */
export function addressOf(id: string): Hex {
  return id.slice(id.indexOf(':') + 1) as Hex
}
