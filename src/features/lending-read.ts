/** Reading half of the `lending` group: versions, prices and deeds of the 30 days up to block B. */
import type { Hex } from '../chains/types'
import type { PoolClient } from '../db/pool'
import { sql } from '../db/query'
import type { PriceLine } from '../prices/price-line'
import { readPriceLine } from '../prices/read'
import type { MarketState } from '../protocols/types'
import { type LendingDeed, type LendingInput, type PositionVersion, type Sample, WINDOW_SEC } from './lending'
import { addressOf, type MarketRow, marketOf, type PositionRow, positionOf } from './position-read'
import type { FeatureRequest } from './types'

/** Most blocks within the window at which health is sampled. */
const MAX_SAMPLES = 64

/** Reads nothing that is later than `request.at`. */
export async function readLending(tx: PoolClient, request: FeatureRequest): Promise<LendingInput> {
  const { chain, at } = request
  const accounts = request.accountIds ?? null
  const fromHeight = Math.max(0, at.height - Math.ceil(WINDOW_SEC / chain.blockTimeSec))
  const range = { chainId: at.chainId, fromHeight, toHeight: at.height }
  const versions = await tx.query<PositionRow & { valid_from_block: string }>(
    sql('features-position-versions'),
    [at.chainId, fromHeight, at.height, accounts],
  )
  const prices = await readPriceLine(tx, range)
  const heights = versions.rows.length === 0 ? [] : sampleHeights(prices, range)
  return {
    at,
    fromHeight,
    samples: await readSamples(tx, at.chainId, heights),
    versions: versions.rows.map(
      (row): PositionVersion => ({ ...positionOf(row), validFromBlock: Number(row.valid_from_block) }),
    ),
    deeds: await readDeeds(tx, range, accounts),
    prices,
  }
}

/** Ends of the window and blocks at which a price changed: all of them, or every k-th, counted back from the newest. */
function sampleHeights(
  prices: PriceLine,
  { fromHeight, toHeight }: { fromHeight: number; toHeight: number },
): number[] {
  const changes = prices
    .assets()
    .flatMap((asset) => prices.history(asset).map((point) => point.validFromBlock))
    .filter((height) => height > fromHeight && height < toHeight)
  const newestFirst = [...new Set(changes)].sort((a, b) => b - a)
  const every = Math.ceil(newestFirst.length / MAX_SAMPLES)
  const kept = newestFirst.filter((_, i) => i % Math.max(1, every) === 0)
  return [...new Set([fromHeight, ...kept.reverse(), toHeight])]
}

async function readSamples(tx: PoolClient, chainId: number, heights: readonly number[]): Promise<Sample[]> {
  if (heights.length === 0) return []
  const times = await tx.query<{ height: string; timestamp_sec: string }>(sql('features-block-times'), [
    chainId,
    heights,
  ])
  const markets = await tx.query<MarketRow & { at_height: string }>(sql('features-markets-of'), [
    chainId,
    heights,
  ])
  const byHeight = new Map<number, Map<string, MarketState>>()
  for (const row of markets.rows) {
    const height = Number(row.at_height)
    const known = byHeight.get(height)
    if (known) known.set(row.id, marketOf(row))
    else byHeight.set(height, new Map([[row.id, marketOf(row)]]))
  }
  return times.rows.map((row) => ({
    height: Number(row.height),
    timestampSec: Number(row.timestamp_sec),
    markets: byHeight.get(Number(row.height)) ?? new Map(),
  }))
}

async function readDeeds(
  tx: PoolClient,
  { chainId, fromHeight, toHeight }: { chainId: number; fromHeight: number; toHeight: number },
  accounts: readonly string[] | null,
): Promise<LendingDeed[]> {
  const { rows } = await tx.query<{
    account_id: string
    pool: Hex
    kind: LendingDeed['kind']
    height: string
    timestamp_sec: string
  }>(sql('features-lending-events'), [chainId, fromHeight, toHeight, accounts])
  return rows.map((row) => ({
    accountId: `${chainId}:${addressOf(row.account_id)}`,
    pool: row.pool,
    kind: row.kind,
    height: Number(row.height),
    timestampSec: Number(row.timestamp_sec),
  }))
}
