/** Standings and prices as rows, by column names. Pure. */
import type { Hex } from '../chains/types'
import { USD_DECIMALS } from '../features/dollars'
import type { ScoredPosition } from '../features/score-positions'
import type { AsOf } from '../features/types'
import type { MarketPrice } from '../prices/market'

/** Row of `position_health`. Integers are decimal strings. `symbols`: asset id → symbol. */
export function healthRow(
  { standing }: ScoredPosition,
  at: AsOf,
  symbols: ReadonlyMap<string, { symbol: string | null }>,
): Readonly<Record<string, unknown>> {
  const { data, dollars } = standing
  const prices = standing.healthFactorWad === null ? [] : standing.risk.liquidationPrices(standing.input)
  return {
    id: standing.subjectId,
    account_id: standing.accountId,
    chain_id: at.chainId,
    protocol: standing.protocol,
    pool: standing.pool,
    height: at.height,
    block_hash: at.hash,
    timestamp: new Date(at.timestampSec * 1000).toISOString(),
    health_factor_wad: standing.healthFactorWad?.toString() ?? null,
    collateral_base: data.totalCollateralBase.toString(),
    debt_base: data.totalDebtBase.toString(),
    bad_debt_base: data.badDebtBase.toString(),
    liquidation_threshold_bps: data.currentLiquidationThresholdBps.toString(),
    ltv_bps: data.ltvBps.toString(),
    liquidation_prices: ('incomplete' in prices ? [] : prices).map((price) => ({
      assetId: `${at.chainId}:${price.asset}`,
      symbol: symbols.get(`${at.chainId}:${price.asset}`)?.symbol ?? null,
      price: dollars.usdDown(price.priceBase).toString(),
      liquidationPrice:
        price.liquidationPriceBase === null ? null : dollars.usdDown(price.liquidationPriceBase).toString(),
      decimals: USD_DECIMALS,
    })),
    price_confidence_bps: standing.priceConfidenceBps,
  }
}

/** Rows of `market_price` at a round. */
export function marketPriceRows(
  prices: ReadonlyMap<Hex, MarketPrice>,
  at: AsOf,
): Readonly<Record<string, unknown>>[] {
  return [...prices].map(([asset, price]) => ({
    id: `${at.chainId}:${asset}`,
    chain_id: at.chainId,
    asset_id: `${at.chainId}:${asset}`,
    height: at.height,
    block_hash: at.hash,
    timestamp: new Date(at.timestampSec * 1000).toISOString(),
    answer: price.answer.toString(),
    decimals: price.decimals,
    source: price.source,
    age_sec: price.ageSec,
    confidence_bps: price.confidenceBps,
    stale: price.stale,
    single_source: price.singleSource,
    sources: price.sources.map((source) => ({ ...source, answer: source.answer.toString() })),
  }))
}
