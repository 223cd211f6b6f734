/** Reads market prices as of blocks: a few queries for a whole range, whatever the number of assets. */
import type { ChainSpec, Hex } from '../chains/types'
import type { PoolClient } from '../db/pool'
import { sql } from '../db/query'
import type { MissingPrice } from './calls'
import type { MarketPrice } from './market'
import { type BlockTime, type MarketLine, type MarketPoint, marketLine } from './market-line'
import type { CalledRound } from './trust'

interface PointRow {
  asset_id: string
  source: string
  valid_from_block: string
  answer: string
  decimals: number
  updated_at_sec: string
}

/** Market prices at any block of [fromHeight, toHeight], from nothing later than the block asked about. */
export async function readMarketLine(
  tx: PoolClient,
  { chain, fromHeight, toHeight }: { chain: ChainSpec; fromHeight: number; toHeight: number },
): Promise<MarketLine> {
  const { rows } = await tx.query<PointRow>(sql('prices-market'), [chain.id, fromHeight, toHeight])
  return marketLine({ chain, points: rows.map(pointOf) })
}

/** Market prices of a chain's listed tokens at the end of one block; those without a price are left out. */
export async function readMarketPrices(
  tx: PoolClient,
  { chain, at }: { chain: ChainSpec; at: BlockTime },
): Promise<Map<Hex, MarketPrice>> {
  const line = await readMarketLine(tx, { chain, fromHeight: at.height, toHeight: at.height })
  const prices = new Map<Hex, MarketPrice>()
  for (const { address } of chain.tokens) {
    const price = line.at(address, at)
    if (price !== undefined) prices.set(address, price)
  }
  return prices
}

/** The newest round in which silent oracles were called, as of a block; undefined when there was none. */
export async function readCalledRound(
  tx: PoolClient,
  { chainId, height }: { chainId: number; height: number },
): Promise<CalledRound | undefined> {
  const { rows } = await tx.query<{ timestamp_sec: string; missing: MissingPrice[] }>(sql('prices-round'), [
    chainId,
    height,
  ])
  const row = rows[0]
  return row && { timestampSec: Number(row.timestamp_sec), missing: row.missing }
}

function pointOf(row: PointRow): MarketPoint {
  return {
    asset: row.asset_id.slice(row.asset_id.indexOf(':') + 1) as Hex,
    source: row.source,
    validFromBlock: Number(row.valid_from_block),
    updatedAtSec: Number(row.updated_at_sec),
    answer: BigInt(row.answer),
    decimals: row.decimals,
  }
}
