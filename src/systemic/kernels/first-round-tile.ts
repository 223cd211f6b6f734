/** Scenarios that the first round takes together: prices and results asset by asset, so that loops run along rows. */
import { numberAt } from '../network'
import type { SpiralPlan } from '../spiral-plan'

/** A tile's scenarios, and how long its rows are. */
export const TILE_SCENARIOS = 256

export interface Tile {
  /** Scenarios in it, and how many. */
  scenario: Int32Array
  count: number
  /** Assets × tile. */
  prices: Float64Array
  /** Counts, though float64. */
  unhealthy: Float64Array
  /** Each asset's least and most price. */
  least: Float64Array
  most: Float64Array
  /** The farthest that a price falls, and rises, as a multiple of the near price. */
  deepest: number
  highest: number
  /** Markets × tile. */
  loss: Float64Array
}

/** @param memory prices and counts of the tile */
export function newTile({ assets, markets }: SpiralPlan, memory: Pick<Tile, 'prices' | 'unhealthy'>): Tile {
  return {
    ...{ scenario: new Int32Array(TILE_SCENARIOS), count: 0, ...memory },
    least: new Float64Array(assets.length),
    most: new Float64Array(assets.length),
    ...{ deepest: 1, highest: 1 },
    loss: new Float64Array(markets.length * TILE_SCENARIOS),
  }
}

export interface PricePart {
  /** Scenarios × assets, of all scenarios. */
  prices: Float64Array
  /** Scenarios from … to − 1. */
  from: number
  to: number
}

/** The part's scenarios, checked, by the mean of their prices beside the near ones: those of a tile are alike. */
export function bySeverity({ assets, groups }: SpiralPlan, { prices, from, to }: PricePart): Int32Array {
  const mean = new Float64Array(to - from)
  for (let s = from; s < to; s++) {
    for (let a = 0; a < assets.length; a++) {
      const price = prices[s * assets.length + a]!
      if (!(price >= 0 && price < Number.POSITIVE_INFINITY))
        numberAt(price, `price of ${assets[a]!.name} in scenario ${s}`, { least: 0 })
      mean[s - from]! += price / groups.nearPrices[a]!
    }
  }
  const order = Int32Array.from(mean, (_, k) => from + k)
  return order.sort((a, b) => mean[a - from]! - mean[b - from]! || a - b)
}

/** Takes prices of these scenarios, and clears the results. */
export function fillTile(
  { assets, groups }: SpiralPlan,
  prices: Float64Array,
  { tile, scenarios }: { tile: Tile; scenarios: Int32Array },
): void {
  tile.scenario.set(scenarios)
  tile.count = scenarios.length
  tile.loss.fill(0)
  tile.unhealthy.fill(0)
  ;[tile.deepest, tile.highest] = [Number.POSITIVE_INFINITY, 0]
  for (let a = 0; a < assets.length; a++) {
    let [least, most] = [Number.POSITIVE_INFINITY, 0]
    for (let t = 0; t < scenarios.length; t++) {
      const price = prices[scenarios[t]! * assets.length + a]!
      tile.prices[a * TILE_SCENARIOS + t] = price
      if (price < least) least = price
      if (price > most) most = price
    }
    tile.least[a] = least
    tile.most[a] = most
    tile.deepest = Math.min(tile.deepest, least / groups.nearPrices[a]!)
    tile.highest = Math.max(tile.highest, most / groups.nearPrices[a]!)
  }
}

/** What rounding may do to a comparison, as a part of the debt. Who is that near to it is asked of `isSound`. */
export const NEAR = 1e-12

/** Whether position i's limit is its debt or more in scenario t of the tile, summed up as a spiral does. */
export function isSound(
  { positions }: SpiralPlan,
  { prices }: Tile,
  { i, t }: { i: number; t: number },
): boolean {
  const { collateralStart, collateralAsset, collateralUnits, collateralThreshold } = positions
  const { debtStart, debtAsset, debtUnits } = positions
  let limit = 0
  for (let c = collateralStart[i]!; c < collateralStart[i + 1]!; c++) {
    const value = collateralUnits[c]! * prices[collateralAsset[c]! * TILE_SCENARIOS + t]!
    limit += value * collateralThreshold[c]!
  }
  let owed = 0
  for (let d = debtStart[i]!; d < debtStart[i + 1]!; d++)
    owed += debtUnits[d]! * prices[debtAsset[d]! * TILE_SCENARIOS + t]!
  return limit >= owed
}
