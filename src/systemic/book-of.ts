/**
 * Exact standings of one block → the lending book in floats. Everything crosses from integers here, once.
 *
 * Prices are those by which the pools themselves liquidate, in dollars (a pool that reckons in a token: by that token's
 * market price). An asset has one price and one depth for all pools that agree on it within five per cent, so that they
 * feel each other's sales: the price of whichever holds most of it; amounts of the others are those that have their value
 * at that price. A pool whose oracle says something else has an asset of its own, `chainId:address@source`, without depth:
 * what is sold there is not sold at what exchanges pay.
 *
 * Whoever holds or owes what has no price is no position, and is counted under `unpriced`; whoever cannot be known for
 * another reason is counted under `withheld`.
 */
import type { ChainSpec, Hex } from '../chains/types'
import { toFloat } from '../features/float'
import { computeStandings, type PositionInput, type Standing } from '../features/position'
import type { Withheld } from '../features/types'
import type { Holding } from '../protocols/lending-risk'
import type { MarketState } from '../protocols/types'
import type { Book, BookAsset, BookMarket } from './book'
import { depthsOf } from './book-depth'
import { bookColumns, bookSheet, type PricedAccount, type PricedHolding, poolRowId } from './book-sheet'
import { marketTermsOf } from './book-terms'
import { unpricedOf } from './book-unpriced'

const PRICE_DECIMALS = 18
const BPS = 10_000

/** State of one chain at the end of one block. */
export interface BookInput {
  positions: PositionInput
  /** Exchange pools between listed tokens, with their rows of ticks. */
  exchanges: readonly MarketState[]
  chain: Pick<ChainSpec, 'tokens' | 'contracts'>
  /** By address, as tokens call themselves; listed tokens go by their listed symbol. */
  symbols: ReadonlyMap<Hex, string>
}

/** The book of one chain. Positions ascend by subject; the order of the input's rows does not matter. */
export function bookOf(input: BookInput): Book {
  return bookOfStandings(input, computeStandings(input.positions))
}

/** The same where somebody has computed the standings of these positions already. */
export function bookOfStandings(
  input: BookInput,
  { standings, withheld }: { standings: readonly Standing[]; withheld: readonly Withheld[] },
): Book {
  const { at, markets } = input.positions
  const { accounts, unpriced, others } = pricedAccounts(input, { standings, withheld })
  const sheet = bookSheet(input, accounts)
  const prices = new Map(
    sheet.assets.filter(({ isShared }) => isShared).map((one) => [one.address, one.priceUsd]),
  )
  const { depths, unused } = depthsOf([...prices.keys()], {
    chain: input.chain,
    rows: input.exchanges,
    priceUsd: (asset) => prices.get(asset) ?? marketPriceUsd(input, asset),
  })
  return {
    asOf: { [at.chainId]: { height: at.height, hash: at.hash, timestampSec: at.timestampSec } },
    assets: sheet.assets.map(({ id, symbol, priceUsd, address, isShared }): BookAsset => {
      return {
        id,
        symbol,
        priceUsd,
        depth: (isShared ? depths.get(address) : undefined) ?? { kind: 'unmoved' },
      }
    }),
    pools: sheet.pools,
    markets: sheet.markets.map(({ row, ratio, ...market }): BookMarket => {
      const { supplyCap, borrowCap, ...terms } = marketTermsOf(row, markets.get(poolRowId(row)))
      const scaled = (cap: number | null) => (cap === null ? null : cap * ratio)
      return { ...market, ...terms, supplyCap: scaled(supplyCap), borrowCap: scaled(borrowCap) }
    }),
    positions: bookColumns(sheet, accounts),
    unpriced,
    withheld: others,
    unusedPools: unused,
  }
}

/** Who has dollars throughout, and what is left out instead: assets without a price, and accounts by reason. */
export function pricedAccounts(
  input: BookInput,
  { standings, withheld }: { standings: readonly Standing[]; withheld: readonly Withheld[] },
) {
  const all = standings.map((standing): PricedAccount => {
    return { standing, holdings: standing.data.holdings.map((holding) => pricedHolding(holding, standing)) }
  })
  const isWorthless = ({ priceUsd, supplied, borrowed }: PricedHolding) =>
    !(priceUsd > 0) && (supplied > 0 || borrowed > 0)
  const worthless = all.flatMap(({ holdings }) =>
    holdings.filter(isWorthless).map((holding) => ({ ...holding, reason: 'its pool prices it at 0' })),
  )
  const accounts = all.filter(({ holdings }) => !holdings.some(isWorthless))
  return { accounts, ...unpricedOf(input, withheld, worthless) }
}

/** Amounts in whole tokens and the pool's price in dollars. */
function pricedHolding(holding: Holding, { dollars, pool, protocol }: Standing): PricedHolding {
  const decimals = String(holding.unit).length - 1
  return {
    ...{ marketId: holding.marketId, asset: holding.asset, source: holding.priceSource, pool, protocol },
    priceUsd: toFloat(dollars.usdDown(holding.price, PRICE_DECIMALS), PRICE_DECIMALS),
    supplied: toFloat(holding.supplyBalance, decimals),
    borrowed: toFloat(holding.debtBalance, decimals),
    isCollateral: holding.collateral,
    threshold: Number(holding.thresholdBps) / BPS,
    bonus: Math.max(1, Number(holding.bonusBps) / BPS),
  }
}

export function marketPriceUsd({ positions }: Pick<BookInput, 'positions'>, asset: Hex): number | undefined {
  const price = positions.market.prices.get(asset)
  return price && toFloat(price.answer, price.decimals)
}
