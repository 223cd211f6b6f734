/**
 * A lending book as JSON, so that anyone can stress one of their own (docs/stress.md has an example).
 *
 *   assets     id, symbol, priceUsd; optional depth: {"reserve", "fee"?} of a constant-product pool, {"units"} whose sale
 *              takes the whole price, or {"ranges": [[√low, √high or null, liquidity], …], "fee"?}
 *   pools      id; optional chainId, protocol, and close: {closeShare, closeHealth, smallUsd, leastLeftoverUsd}
 *   markets    id, pool, asset; of collaterals threshold and bonus; optional ltv, supplyCap, borrowCap, suppliedUnits,
 *              borrowedUnits (what positions hold and owe, where left out)
 *   positions  account, pool, collateral and debt: lists of {market, units}, a collateral's threshold and bonus where they
 *              are not the market's
 *   asOf       optional: by chain id, height, hash, timestampSec
 *
 * Everything is checked; an error names the field.
 */
import type { AsOfChains, Book, BookAsset, BookMarket, BookPool, BookPositions } from './book'
import { above, type Fields, fieldsAt, indexOf, listAt, refAt, textAt } from './book-json-fields'
import { constantProductDepth, type PriceDepth } from './depth'
import { badInput, numberAt } from './network'

/** The book in a JSON text. Throws PlimsollError naming the field that cannot be. */
export function parseBook(text: string): Book {
  let parsed: unknown
  try {
    parsed = JSON.parse(text.replace(/^\uFEFF/, ''))
  } catch (error) {
    throw badInput(
      `the book is not JSON: ${error instanceof Error ? error.message : String(error)}`,
      'JSON has no NaN and no Infinity',
    )
  }
  const root = fieldsAt(parsed, 'the book')
  const assets = listAt(root.assets, 'assets').map(assetAt)
  const pools = listAt(root.pools, 'pools').map(poolAt)
  const assetIndex = indexOf(assets, 'assets')
  const poolIndex = indexOf(pools, 'pools')
  const markets = listAt(root.markets, 'markets').map((one, i): BookMarket => {
    return marketAt(fieldsAt(one, `markets[${i}]`), `markets[${i}]`, { assetIndex, poolIndex })
  })
  const positions = positionsAt(listAt(root.positions, 'positions'), { markets, poolIndex })
  return {
    asOf: root.asOf === undefined ? {} : asOfAt(root.asOf),
    assets,
    pools,
    markets: withTotals(markets, positions, listAt(root.markets, 'markets')),
    positions,
    unpriced: [],
    withheld: [],
  }
}

/** The JSON form of a book; `parseBook` reads it back to the same, but for what the book leaves out. */
export function bookJson(book: Book): string {
  const { asOf, assets, pools, markets, positions } = book
  const holdings = (from: number, to: number, market: Int32Array, units: Float64Array) =>
    Array.from({ length: to - from }, (_, k) => ({
      market: markets[market[from + k]!]!.id,
      units: units[from + k]!,
    }))
  return JSON.stringify({
    asOf,
    assets: assets.map(({ depth, ...asset }) => ({ ...asset, ...depthJson(depth) })),
    pools,
    markets: markets.map(({ pool, asset, ...market }) => ({
      ...market,
      pool: pools[pool]!.id,
      asset: assets[asset]!.id,
    })),
    positions: positions.accountIds.map((account, i) => {
      const [from, to] = [positions.collateralStart[i]!, positions.collateralStart[i + 1]!]
      return {
        account,
        pool: pools[positions.pool[i]!]!.id,
        collateral: holdings(from, to, positions.collateralMarket, positions.collateralUnits).map(
          (one, k) => ({
            ...one,
            threshold: positions.collateralThreshold[from + k]!,
            bonus: positions.collateralBonus[from + k]!,
          }),
        ),
        debt: holdings(
          positions.debtStart[i]!,
          positions.debtStart[i + 1]!,
          positions.debtMarket,
          positions.debtUnits,
        ),
      }
    }),
  })
}

function depthJson(depth: PriceDepth): object {
  if (depth.kind === 'unmoved') return {}
  if (depth.kind === 'linear') return { depth: { units: depth.units } }
  const ranges = Array.from(depth.liquidity, (liquidity, k) => {
    const high = depth.sqrtHigh[k]!
    return [depth.sqrtLow[k]!, high === Number.POSITIVE_INFINITY ? null : high, liquidity]
  })
  return { depth: { ranges, fee: depth.fee } }
}

function assetAt(value: unknown, i: number): BookAsset {
  const place = `assets[${i}]`
  const fields = fieldsAt(value, place)
  const priceUsd = above(fields.priceUsd, `${place}.priceUsd`)
  const id = textAt(fields.id, `${place}.id`)
  const symbol = fields.symbol === undefined ? id : textAt(fields.symbol, `${place}.symbol`)
  return { id, symbol, priceUsd, depth: depthAt(fields.depth, `${place}.depth`, priceUsd) }
}

function depthAt(value: unknown, place: string, price: number): PriceDepth {
  if (value === undefined || value === null) return { kind: 'unmoved' }
  const fields = fieldsAt(value, place)
  const fee = fields.fee === undefined ? 0 : numberAt(fields.fee, `${place}.fee`, { least: 0, most: 0.5 })
  if (fields.reserve !== undefined)
    return constantProductDepth({ reserve: above(fields.reserve, `${place}.reserve`), price, fee })
  if (fields.units !== undefined) return { kind: 'linear', units: above(fields.units, `${place}.units`) }
  const rows = listAt(fields.ranges, `${place}.ranges`).map((row, k) => {
    const at = `${place}.ranges[${k}]`
    const [low, high, liquidity] = listAt(row, at)
    return {
      low: numberAt(low, `${at}[0]`, { least: 0 }),
      high: high === null ? Number.POSITIVE_INFINITY : above(high, `${at}[1]`),
      liquidity: above(liquidity, `${at}[2]`),
    }
  })
  return {
    kind: 'ranges',
    sqrtLow: Float64Array.from(rows, ({ low }) => low),
    sqrtHigh: Float64Array.from(rows, ({ high }) => high),
    liquidity: Float64Array.from(rows, ({ liquidity }) => liquidity),
    fee,
  }
}

function poolAt(value: unknown, i: number): BookPool {
  const place = `pools[${i}]`
  const fields = fieldsAt(value, place)
  const close = fields.close === undefined ? {} : fieldsAt(fields.close, `${place}.close`)
  const share = (name: string, otherwise: number, most?: number) =>
    close[name] === undefined
      ? otherwise
      : numberAt(close[name], `${place}.close.${name}`, { least: 0, ...(most !== undefined && { most }) })
  const closeShare = share('closeShare', 1, 1)
  if (closeShare === 0) throw badInput(`${place}.close.closeShare is 0: nothing could ever be liquidated`)
  return {
    id: textAt(fields.id, `${place}.id`),
    chainId: fields.chainId === undefined ? 1 : numberAt(fields.chainId, `${place}.chainId`, { least: 0 }),
    protocol: fields.protocol === undefined ? 'given' : textAt(fields.protocol, `${place}.protocol`),
    close: {
      closeShare,
      closeHealth: share('closeHealth', 0, 1),
      smallUsd: share('smallUsd', 0),
      leastLeftoverUsd: share('leastLeftoverUsd', 0),
    },
  }
}

function marketAt(
  fields: Fields,
  place: string,
  { assetIndex, poolIndex }: Record<'assetIndex' | 'poolIndex', ReadonlyMap<string, number>>,
): BookMarket {
  const optional = (name: string, bounds: { least: number; most?: number }) =>
    fields[name] === undefined || fields[name] === null
      ? null
      : numberAt(fields[name], `${place}.${name}`, bounds)
  return {
    id: textAt(fields.id, `${place}.id`),
    pool: refAt(fields.pool, `${place}.pool`, poolIndex),
    asset: refAt(fields.asset, `${place}.asset`, assetIndex),
    suppliedUnits: 0,
    borrowedUnits: 0,
    ltv: optional('ltv', { least: 0, most: 1 }),
    threshold: optional('threshold', { least: 0, most: 1 }),
    bonus: optional('bonus', { least: 1, most: 10 }),
    supplyCap: optional('supplyCap', { least: 0 }),
    borrowCap: optional('borrowCap', { least: 0 }),
  }
}

interface Holdings {
  start: number[]
  market: number[]
  units: number[]
  threshold: number[]
  bonus: number[]
}

function positionsAt(
  rows: readonly unknown[],
  { markets, poolIndex }: { markets: readonly BookMarket[]; poolIndex: ReadonlyMap<string, number> },
): BookPositions {
  const marketIndex = indexOf(markets, 'markets')
  const accountIds: string[] = []
  const pools: number[] = []
  const empty = (): Holdings => ({ start: [0], market: [], units: [], threshold: [], bonus: [] })
  const [collateral, debt] = [empty(), empty()]
  rows.forEach((row, i) => {
    const place = `positions[${i}]`
    const fields = fieldsAt(row, place)
    accountIds.push(textAt(fields.account, `${place}.account`))
    pools.push(refAt(fields.pool, `${place}.pool`, poolIndex))
    for (const [name, into] of [['collateral', collateral] as const, ['debt', debt] as const]) {
      listAt(fields[name] ?? [], `${place}.${name}`).forEach((value, k) => {
        const at = `${place}.${name}[${k}]`
        const holding = fieldsAt(value, at)
        const market = refAt(holding.market, `${at}.market`, marketIndex)
        const { pool, id, threshold, bonus } = markets[market]!
        if (pool !== pools[i]) throw badInput(`${at}.market is ${id}, which is not in the position's pool`)
        into.market.push(market)
        into.units.push(numberAt(holding.units, `${at}.units`, { least: 0 }))
        if (name === 'debt') return
        into.threshold.push(
          numberAt(holding.threshold ?? threshold ?? undefined, `${at}.threshold`, { least: 0, most: 1 }),
        )
        into.bonus.push(numberAt(holding.bonus ?? bonus ?? undefined, `${at}.bonus`, { least: 1, most: 10 }))
      })
      into.start.push(into.market.length)
    }
  })
  return {
    accountIds,
    pool: Int32Array.from(pools),
    collateralStart: Int32Array.from(collateral.start),
    collateralMarket: Int32Array.from(collateral.market),
    collateralUnits: Float64Array.from(collateral.units),
    collateralThreshold: Float64Array.from(collateral.threshold),
    collateralBonus: Float64Array.from(collateral.bonus),
    debtStart: Int32Array.from(debt.start),
    debtMarket: Int32Array.from(debt.market),
    debtUnits: Float64Array.from(debt.units),
  }
}

function withTotals(
  markets: readonly BookMarket[],
  positions: BookPositions,
  rows: readonly unknown[],
): BookMarket[] {
  const supplied = new Float64Array(markets.length)
  const borrowed = new Float64Array(markets.length)
  positions.collateralMarket.forEach((market, k) => {
    supplied[market]! += positions.collateralUnits[k]!
  })
  positions.debtMarket.forEach((market, k) => {
    borrowed[market]! += positions.debtUnits[k]!
  })
  return markets.map((market, m) => {
    const fields = fieldsAt(rows[m], `markets[${m}]`)
    const told = (name: string, otherwise: number) =>
      fields[name] === undefined ? otherwise : numberAt(fields[name], `markets[${m}].${name}`, { least: 0 })
    return {
      ...market,
      suppliedUnits: told('suppliedUnits', supplied[m]!),
      borrowedUnits: told('borrowedUnits', borrowed[m]!),
    }
  })
}

function asOfAt(value: unknown): AsOfChains {
  const entries = Object.entries(fieldsAt(value, 'asOf')).map(([chainId, block]) => {
    const place = `asOf.${chainId}`
    const fields = fieldsAt(block, place)
    return [
      chainId,
      {
        height: numberAt(fields.height, `${place}.height`, { least: 0 }),
        hash: textAt(fields.hash, `${place}.hash`),
        timestampSec: numberAt(fields.timestampSec, `${place}.timestampSec`, { least: 0 }),
      },
    ] as const
  })
  return Object.fromEntries(entries)
}
