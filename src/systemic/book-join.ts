/** Books of several chains as one: indices shift, ids carry their chain, and no asset of one is an asset of another. */
import type { Book } from './book'
import { badInput } from './network'

/** One book of several chains'. Throws PlimsollError where two describe one chain, or there is none. */
export function joinBooks(books: readonly Book[]): Book {
  const [first] = books
  if (first === undefined) throw badInput('there is no book to join')
  return books.slice(1).reduce(joinTwo, first)
}

function joinTwo(a: Book, b: Book): Book {
  const twice = Object.keys(b.asOf).find((chainId) => chainId in a.asOf)
  if (twice !== undefined) throw badInput(`two books describe chain ${twice}`)
  const [assets, pools, markets] = [a.assets.length, a.pools.length, a.markets.length]
  const [one, other] = [a.positions, b.positions]
  const shift = (values: Int32Array, by: number) => values.map((value) => value + by)
  const starts = (x: Int32Array, y: Int32Array) => concatInts(x, shift(y.subarray(1), x[x.length - 1]!))
  return {
    asOf: { ...a.asOf, ...b.asOf },
    assets: [...a.assets, ...b.assets],
    pools: [...a.pools, ...b.pools],
    markets: [
      ...a.markets,
      ...b.markets.map((market) => ({ ...market, pool: market.pool + pools, asset: market.asset + assets })),
    ],
    positions: {
      accountIds: [...one.accountIds, ...other.accountIds],
      pool: concatInts(one.pool, shift(other.pool, pools)),
      collateralStart: starts(one.collateralStart, other.collateralStart),
      collateralMarket: concatInts(one.collateralMarket, shift(other.collateralMarket, markets)),
      collateralUnits: concatFloats(one.collateralUnits, other.collateralUnits),
      collateralThreshold: concatFloats(one.collateralThreshold, other.collateralThreshold),
      collateralBonus: concatFloats(one.collateralBonus, other.collateralBonus),
      debtStart: starts(one.debtStart, other.debtStart),
      debtMarket: concatInts(one.debtMarket, shift(other.debtMarket, markets)),
      debtUnits: concatFloats(one.debtUnits, other.debtUnits),
    },
    unpriced: [...a.unpriced, ...b.unpriced],
    withheld: [...a.withheld, ...b.withheld],
    unusedPools: [...(a.unusedPools ?? []), ...(b.unusedPools ?? [])],
  }
}

function concatInts(x: Int32Array, y: Int32Array): Int32Array {
  const all = new Int32Array(x.length + y.length)
  all.set(x)
  all.set(y, x.length)
  return all
}

function concatFloats(x: Float64Array, y: Float64Array): Float64Array {
  const all = new Float64Array(x.length + y.length)
  all.set(x)
  all.set(y, x.length)
  return all
}
