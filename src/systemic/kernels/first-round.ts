/**
 * First round of many scenarios: whose health is below 1, and what would be lost if all their collateral went to
 * liquidators at the scenario's prices. No sale moves a price here; the spiral goes on from this.
 *
 *   unhealthy   Σ units·price·threshold < Σ debt·price
 *   loss        max(0, Σ debt·price − Σ units·price/bonus) of the unhealthy, shared among its debts by value
 *
 * Scenarios are taken in tiles of like severity. Runs over a part of the scenarios, so that threads can share prices and
 * results; a scenario's figures are the same to the bit in whatever part it is. Memory beside the plan and these: one
 * tile, 2 · (assets + markets) KiB.
 */
import { badInput } from '../network'
import type { SpiralPlan } from '../spiral-plan'
import type { FirstRoundPlan } from './first-round-layout'
import { runPairs } from './first-round-pairs'
import { runRows } from './first-round-rows'
import { bySeverity, fillTile, newTile, type PricePart, TILE_SCENARIOS, type Tile } from './first-round-tile'

/** Row-major, a row a scenario. May lie over shared memory. */
export interface FirstRound {
  /** Scenarios × markets, USD. */
  lossUsd: Float64Array
  /** By scenario. */
  unhealthy: Int32Array
}

export interface FirstRoundPart extends PricePart {
  out: FirstRound
}

/** Fills the part's rows of `out`. Throws PlimsollError on a price that is NaN, negative or infinite. */
export function firstRound({ plan, pairs, rows, all }: FirstRoundPlan, part: FirstRoundPart): void {
  const assets = plan.assets.length
  if (part.prices.length < part.to * assets)
    throw badInput(`${part.prices.length} prices are too few for ${part.to} scenarios of ${assets} assets`)
  const tile = newTile(plan, { prices: rows.prices, unhealthy: rows.unhealthy })
  const order = bySeverity(plan, part)
  for (let begin = 0; begin < order.length; begin += TILE_SCENARIOS) {
    fillTile(plan, part.prices, { tile, scenarios: order.subarray(begin, begin + TILE_SCENARIOS) })
    runPairs(pairs, plan, tile)
    runRows(rows, plan, { tile, all })
    writeTile(plan, tile, part.out)
  }
}

function writeTile({ markets }: SpiralPlan, tile: Tile, out: FirstRound): void {
  for (let t = 0; t < tile.count; t++) {
    const s = tile.scenario[t]!
    out.unhealthy[s] = tile.unhealthy[t]!
    for (let m = 0; m < markets.length; m++)
      out.lossUsd[s * markets.length + m] = tile.loss[m * TILE_SCENARIOS + t]!
  }
}
