/** Books of one pool made by hand: a collateral, a dollar, and positions of some collateral and some debt. */
import type { Book, BookMarket } from '../../../src/systemic/book'
import { constantProductDepth, type PriceDepth } from '../../../src/systemic/depth'

export const ETH = 0
export const USD = 1
export const ETH_MARKET = '1:0xpool:0xeth'

export interface MadeBook {
  /** [ETH held, dollars owed] */
  positions: readonly (readonly [number, number])[]
  terms?: { ltv: number; threshold: number; bonus: number }
  depth?: PriceDepth
  supplyCap?: number | null
  protocol?: string
  /** ETH of accounts that owe nothing. */
  idleEth?: number
}

export const PRICE = 2_000
export const deep = constantProductDepth({ reserve: 1e6, price: PRICE })

const CLOSE = { closeShare: 0.5, closeHealth: 0.95, smallUsd: 0, leastLeftoverUsd: 0 }

export function madeBook(made: MadeBook): Book {
  const { positions, terms = { ltv: 0.75, threshold: 0.8, bonus: 1.05 }, depth = deep } = made
  const held = positions.reduce((sum, [eth]) => sum + eth, made.idleEth ?? 0)
  const owed = positions.reduce((sum, [, usd]) => sum + usd, 0)
  const market = { pool: 0, supplyCap: null, borrowCap: null }
  const markets: BookMarket[] = [
    {
      ...{ ...market, ...terms, id: ETH_MARKET, asset: ETH, supplyCap: made.supplyCap ?? null },
      ...{ suppliedUnits: held, borrowedUnits: 0 },
    },
    {
      ...{ ...market, id: '1:0xpool:0xusd', asset: USD, ltv: null, threshold: null, bonus: null },
      ...{ suppliedUnits: 2 * owed, borrowedUnits: owed },
    },
  ]
  const count = positions.length
  const starts = Int32Array.from({ length: count + 1 }, (_, i) => i)
  return {
    asOf: { 1: { height: 100, hash: '0x64', timestampSec: 1_700_000_000 } },
    assets: [
      { id: '1:0xeth', symbol: 'ETH', priceUsd: PRICE, depth },
      { id: '1:0xusd', symbol: 'USD', priceUsd: 1, depth: { kind: 'unmoved' } },
    ],
    pools: [{ id: '1:0xpool', chainId: 1, protocol: made.protocol ?? 'aave-v3', close: CLOSE }],
    markets,
    positions: {
      accountIds: positions.map((_, i) => `1:0x${i.toString(16)}`),
      pool: new Int32Array(count),
      collateralStart: starts,
      collateralMarket: new Int32Array(count),
      collateralUnits: Float64Array.from(positions, ([eth]) => eth),
      collateralThreshold: new Float64Array(count).fill(terms.threshold),
      collateralBonus: new Float64Array(count).fill(terms.bonus),
      debtStart: starts.slice(),
      debtMarket: new Int32Array(count).fill(1),
      debtUnits: Float64Array.from(positions, ([, usd]) => usd),
    },
    unpriced: [],
    withheld: [],
  }
}

/** Scenarios in which ETH has these prices and a dollar is a dollar. */
export function ethAt(...prices: readonly number[]): Float64Array {
  return Float64Array.from(prices.flatMap((price) => [price, 1]))
}
