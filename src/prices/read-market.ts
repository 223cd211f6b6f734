/** Reads market prices as of blocks: a few queries for a whole range, whatever the number of assets. */
import type { ChainSpec, Hex } from '../chains/types'
import type { PoolClient } from '../db/pool'
import { sql } from '../db/query'
import { PROTOCOLS } from '../protocols/registry'
import type { MarketState } from '../protocols/types'
import type { MissingPrice } from './calls'
import { dexLookbackBlocks, dexSource, type MarketVersion } from './dex-source'
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
  const pools = await readPools(tx, chain, { fromHeight: fromHeight - dexLookbackBlocks(chain), toHeight })
  return marketLine({ chain, points: rows.map(pointOf), dex: dexSource(chain, pools) })
}

interface PoolRow {
  id: string
  protocol: string
  kind: MarketState['kind']
  pool: Hex
  asset_id: string
  asset1_id: string
  height: string
  timestamp_sec: string
  state: MarketState['state']
  revision: number
  complete: boolean
}

const EXCHANGES = Object.values(PROTOCOLS)
  .filter((protocol) => protocol.amm)
  .map((protocol) => protocol.name)

/** Exchange pools between listed tokens and their rows of ticks, with the versions that held in a range of blocks. */
export async function readPools(
  tx: PoolClient,
  chain: ChainSpec,
  { fromHeight, toHeight }: { fromHeight: number; toHeight: number },
): Promise<MarketVersion[]> {
  const listed = chain.tokens.map(({ address }) => `${chain.id}:${address}`)
  const params = [chain.id, fromHeight, toHeight, listed, EXCHANGES]
  const { rows } = await tx.query<PoolRow>(sql('prices-pools'), params)
  return rows.map(({ id, protocol, kind, pool, state, revision, complete, ...row }) => ({
    height: Number(row.height),
    timestampSec: Number(row.timestamp_sec),
    market: {
      ...{ id, protocol, kind, pool, state, revision, complete },
      asset: addressOf(row.asset_id),
      asset1: addressOf(row.asset1_id),
    },
  }))
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
    asset: addressOf(row.asset_id),
    source: row.source,
    validFromBlock: Number(row.valid_from_block),
    updatedAtSec: Number(row.updated_at_sec),
    answer: BigInt(row.answer),
    decimals: row.decimals,
  }
}

function addressOf(id: string): Hex {
  return id.slice(id.indexOf(':') + 1) as Hex
}
