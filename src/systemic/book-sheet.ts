/**
 * The tables of a book: assets, pools and markets that accounts hold or owe something in, and the positions as columns.
 *
 * Which pools share an asset's price is decided here: the first price of an asset is that of the market which holds most of
 * it, and every market whose price lies within five per cent of it joins.
 */
import type { Hex } from '../chains/types'
import type { Standing } from '../features/position'
import type { MarketState } from '../protocols/types'
import type { BookMarket, BookPool, BookPositions } from './book'
import type { BookInput } from './book-of'
import { closeRuleOf } from './book-terms'

/** How far prices of one asset may lie apart and be one. */
const SAME_PRICE = 0.05

/** One account's holding of a market in floats, valued by its own pool. Amounts in whole tokens. */
export interface PricedHolding {
  marketId: string
  asset: Hex
  /** What gave the price. */
  source: string
  pool: Hex
  protocol: string
  /** Above 0. */
  priceUsd: number
  supplied: number
  borrowed: number
  isCollateral: boolean
  threshold: number
  bonus: number
}

export interface PricedAccount {
  standing: Standing
  holdings: readonly PricedHolding[]
}

interface SheetAsset {
  id: string
  address: Hex
  symbol: string
  priceUsd: number
  /** Its price is that of all pools which agree; else one oracle's alone. */
  isShared: boolean
}

type SheetMarket = Pick<BookMarket, 'id' | 'pool' | 'asset' | 'suppliedUnits' | 'borrowedUnits'> & {
  row: MarketState
  /** Units of the book for one whole token. */
  ratio: number
}

export interface BookSheet {
  assets: readonly SheetAsset[]
  pools: readonly BookPool[]
  markets: readonly SheetMarket[]
  poolAt: ReadonlyMap<Hex, number>
  marketAt: ReadonlyMap<string, number>
}

/** Assets, pools and markets of the accounts, each in the order of its id. */
export function bookSheet(input: BookInput, accounts: readonly PricedAccount[]): BookSheet {
  const totals = marketTotals(accounts)
  const pools = poolsOf(input, totals)
  const poolAt = new Map(pools.map(({ id }, at) => [id.slice(id.indexOf(':') + 1) as Hex, at]))
  const assets: SheetAsset[] = []
  const assetOf = new Map<string, SheetAsset>()
  const dearest = [...totals].sort(
    (a, b) => b.valueUsd - a.valueUsd || (a.first.marketId < b.first.marketId ? -1 : 1),
  )
  for (const { first } of dearest) {
    const asset = assetFor(first, assets, input)
    if (!assets.includes(asset)) assets.push(asset)
    assetOf.set(first.marketId, asset)
  }
  assets.sort((a, b) => (a.id < b.id ? -1 : 1))
  const markets = totals.map(({ first, supplied, borrowed }): SheetMarket => {
    const asset = assetOf.get(first.marketId)!
    const ratio = first.priceUsd / asset.priceUsd
    return {
      id: first.marketId,
      pool: poolAt.get(first.pool)!,
      asset: assets.indexOf(asset),
      suppliedUnits: supplied * ratio,
      borrowedUnits: borrowed * ratio,
      row: input.positions.markets.get(first.marketId)!,
      ratio,
    }
  })
  return { assets, pools, markets, poolAt, marketAt: new Map(markets.map(({ id }, at) => [id, at])) }
}

interface MarketTotal {
  first: PricedHolding
  supplied: number
  borrowed: number
  valueUsd: number
}

function marketTotals(accounts: readonly PricedAccount[]): MarketTotal[] {
  const totals = new Map<string, MarketTotal>()
  for (const { holdings } of accounts) {
    for (const holding of holdings) {
      const { marketId, supplied, borrowed, priceUsd } = holding
      let total = totals.get(marketId)
      if (total === undefined) {
        total = { first: holding, supplied: 0, borrowed: 0, valueUsd: 0 }
        totals.set(marketId, total)
      }
      total.supplied += supplied
      total.borrowed += borrowed
      total.valueUsd += (supplied + borrowed) * priceUsd
    }
  }
  return [...totals.values()].sort((a, b) => (a.first.marketId < b.first.marketId ? -1 : 1))
}

/** The asset whose price a market shares, made where there is none yet. */
function assetFor(first: PricedHolding, assets: readonly SheetAsset[], input: BookInput): SheetAsset {
  const { asset: address, source, priceUsd } = first
  const id = `${input.positions.at.chainId}:${address}`
  const agrees = (one: SheetAsset) => Math.abs(priceUsd / one.priceUsd - 1) <= SAME_PRICE
  const shared = assets.find((one) => one.id === id)
  const name = symbolOf(address, input)
  if (shared === undefined) return { id, address, symbol: name, priceUsd, isShared: true }
  if (agrees(shared)) return shared
  const own = { id: `${id}@${source}`, address, symbol: name, priceUsd, isShared: false }
  const same = assets.find((one) => one.id === own.id)
  return same ?? own
}

export function symbolOf(address: Hex, { chain, symbols }: BookInput): string {
  return chain.tokens.find((token) => token.address === address)?.symbol ?? symbols.get(address) ?? address
}

function poolsOf({ positions }: BookInput, totals: readonly MarketTotal[]): BookPool[] {
  const { chainId } = positions.at
  const pools = new Map<Hex, BookPool>()
  for (const { first } of totals) {
    const row = positions.markets.get(first.marketId)!
    const pool = positions.markets.get(poolRowId(row))
    const close = closeRuleOf({ protocol: first.protocol, revision: row.revision, pool })
    const id = `${chainId}:${first.pool}`
    if (!pools.has(first.pool)) pools.set(first.pool, { id, chainId, protocol: first.protocol, close })
  }
  return [...pools.values()].sort((a, b) => (a.id < b.id ? -1 : 1))
}

/** Id of the row in which a reserve's pool keeps what all its reserves share. */
export function poolRowId(reserve: MarketState): string {
  return reserve.id.slice(0, reserve.id.lastIndexOf(':'))
}

/** Accounts that owe something, as columns. */
export function bookColumns(sheet: BookSheet, accounts: readonly PricedAccount[]): BookPositions {
  const owing = accounts.filter(({ holdings }) => holdings.some(({ borrowed }) => borrowed > 0))
  const at = ({ marketId }: PricedHolding) => sheet.marketAt.get(marketId)!
  const units = (holding: PricedHolding, amount: number) => amount * sheet.markets[at(holding)]!.ratio
  const collateral = owing.map(({ holdings }) =>
    holdings.filter(({ isCollateral, supplied }) => isCollateral && supplied > 0),
  )
  const debt = owing.map(({ holdings }) => holdings.filter(({ borrowed }) => borrowed > 0))
  const [seized, owed] = [collateral.flat(), debt.flat()]
  return {
    accountIds: owing.map(({ standing }) => standing.accountId),
    pool: Int32Array.from(owing, ({ standing }) => sheet.poolAt.get(standing.pool)!),
    collateralStart: startsOf(collateral),
    collateralMarket: Int32Array.from(seized, at),
    collateralUnits: Float64Array.from(seized, (one) => units(one, one.supplied)),
    collateralThreshold: Float64Array.from(seized, ({ threshold }) => threshold),
    collateralBonus: Float64Array.from(seized, ({ bonus }) => bonus),
    debtStart: startsOf(debt),
    debtMarket: Int32Array.from(owed, at),
    debtUnits: Float64Array.from(owed, (one) => units(one, one.borrowed)),
  }
}

function startsOf(rows: readonly (readonly unknown[])[]): Int32Array {
  const starts = new Int32Array(rows.length + 1)
  rows.forEach((row, i) => {
    starts[i + 1] = starts[i]! + row.length
  })
  return starts
}
