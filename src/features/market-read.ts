/** Reading half of the `market` group: markets, totals and prices as of block B. */
import type { PoolClient } from '../db/pool'
import { sql } from '../db/query'
import { readPriceLine } from '../prices/read'
import { readMarketPrices } from '../prices/read-market'
import type { MarketInput } from './market'
import { type MarketRow, marketOf } from './position-read'
import type { FeatureRequest } from './types'

/** Reads nothing that is later than `request.at`; every market, whichever accounts are asked for. */
export async function readMarkets(tx: PoolClient, request: FeatureRequest): Promise<MarketInput> {
  const { chain, at } = request
  const { chainId, height } = at
  const markets = await tx.query<MarketRow & { asset_decimals: number | null }>(sql('features-markets-at'), [
    chainId,
    height,
  ])
  const totals = await tx.query<{
    market_id: string
    scaled_supply: string
    scaled_debt: string
    complete: boolean
  }>(sql('features-market-totals-at'), [chainId, height])
  return {
    at,
    markets: markets.rows.map((row) => ({ ...marketOf(row), decimals: row.asset_decimals })),
    totals: new Map(
      totals.rows.map((row) => [
        row.market_id,
        {
          scaledSupply: BigInt(row.scaled_supply),
          scaledDebt: BigInt(row.scaled_debt),
          complete: row.complete,
        },
      ]),
    ),
    prices: await readPriceLine(tx, { chainId, fromHeight: 0, toHeight: height }),
    marketPrices: await readMarketPrices(tx, request),
    chain,
  }
}
