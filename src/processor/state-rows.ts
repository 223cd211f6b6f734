/** State as rows: current images for upserts and the journal, and versions. */
import type { MarketState, PositionState, PriceState } from '../protocols/types'
import { accountId, assetId, isoTime, positionId, priceId } from './ids'
import type { Stored } from './memory'

/** A row by column name, as jsonb_populate_record takes it. Numerics are decimal strings, so nothing is rounded. */
export type Image = Readonly<Record<string, unknown>>

/** Row of `market`. */
export function marketImage(chainId: number, { value, height }: Stored<MarketState>): Image {
  return {
    id: value.id,
    chain_id: chainId,
    protocol: value.protocol,
    kind: value.kind,
    pool: value.pool,
    revision: value.revision,
    asset_id: assetId(chainId, value.asset),
    asset1_id: value.asset1 === null ? null : assetId(chainId, value.asset1),
    state: value.state,
    complete: value.complete,
    updated_height: height,
  }
}

/** Row of `position`. */
export function positionImage(chainId: number, { value, height }: Stored<PositionState>): Image {
  return {
    id: positionId(chainId, value.account, value.marketId),
    account_id: accountId(chainId, value.account),
    chain_id: chainId,
    market_id: value.marketId,
    protocol: value.protocol,
    pool: value.pool,
    scaled_supply: value.scaledSupply.toString(),
    scaled_debt: value.scaledDebt.toString(),
    collateral_enabled: value.collateralEnabled,
    complete: value.complete,
    updated_height: height,
  }
}

/** Row of `price`. */
export function priceImage(chainId: number, { value, height }: Stored<PriceState>): Image {
  return {
    id: priceId(chainId, value),
    chain_id: chainId,
    asset_id: assetId(chainId, value.asset),
    kind: value.kind,
    source: value.source,
    answer: value.answer.toString(),
    decimals: value.decimals,
    updated_at: isoTime(value.updatedAtSec),
    updated_height: height,
  }
}

export const MARKET_VERSION_COLUMNS = [
  'id',
  'chain_id',
  'market_id',
  'valid_from_block',
  'state',
  'revision',
  'complete',
]

/** Row of `market_version`: the market at the end of a block. */
export function marketVersionRow(chainId: number, height: number, market: MarketState): readonly unknown[] {
  return [
    `${market.id}:${height}`,
    chainId,
    market.id,
    height,
    market.state,
    market.revision,
    market.complete,
  ]
}

export const POSITION_VERSION_COLUMNS = [
  'id',
  'account_id',
  'chain_id',
  'market_id',
  'position_id',
  'protocol',
  'pool',
  'valid_from_block',
  'scaled_supply',
  'scaled_debt',
  'collateral_enabled',
  'complete',
]

/** Row of `position_version`: the position at the end of a block. */
export function positionVersionRow(
  chainId: number,
  height: number,
  position: PositionState,
): readonly unknown[] {
  const id = positionId(chainId, position.account, position.marketId)
  return [
    `${id}:${height}`,
    accountId(chainId, position.account),
    chainId,
    position.marketId,
    id,
    position.protocol,
    position.pool,
    height,
    position.scaledSupply,
    position.scaledDebt,
    position.collateralEnabled,
    position.complete,
  ]
}

export const PRICE_VERSION_COLUMNS = [
  'id',
  'chain_id',
  'price_id',
  'asset_id',
  'kind',
  'source',
  'valid_from_block',
  'answer',
  'decimals',
  'updated_at',
]

/** Row of `price_version`: the price at the end of a block. */
export function priceVersionRow(chainId: number, height: number, price: PriceState): readonly unknown[] {
  const id = priceId(chainId, price)
  return [
    `${id}:${height}`,
    chainId,
    id,
    assetId(chainId, price.asset),
    price.kind,
    price.source,
    height,
    price.answer,
    price.decimals,
    isoTime(price.updatedAtSec),
  ]
}
