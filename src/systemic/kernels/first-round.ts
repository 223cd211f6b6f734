/**
 * First round of many scenarios: whose health is below 1, and what would be lost if all their collateral went to
 * liquidators at the scenario's prices. No sale moves a price here; the spiral goes on from this.
 *
 *   unhealthy   Σ units·price·threshold < Σ debt·price
 *   loss        max(0, Σ debt·price − Σ units·price/bonus) of the unhealthy, shared among its debts by value
 *
 * A tile of scenarios stands asset by asset, so a position is a few numbers times whole rows of prices, without a gather;
 * positions that owe one asset are weighed with prices in that asset, which leaves the debt a constant. Scenarios go into
 * tiles by how far prices fall; a position whose health at near prices outweighs the worst of a tile (spiral-groups.ts
 * has the bound) is sound in all of it and is passed over. Runs over a part of the scenarios, so that threads can share
 * prices and results. Memory beside the plan and these: one tile, (2 · assets + markets) KiB.
 */
import { badInput, numberAt } from '../network'
import { limitOf } from '../spiral-groups'
import type { SpiralPlan } from '../spiral-plan'
import type { FewColumns, FirstRoundPlan } from './first-round-layout'

/** Row-major, a row a scenario. May lie over shared memory. */
export interface FirstRound {
  /** Scenarios × markets, USD. */
  lossUsd: Float64Array
  /** By scenario. */
  unhealthy: Int32Array
}

export interface FirstRoundPart {
  /** Scenarios × assets, of all scenarios. */
  prices: Float64Array
  /** Scenarios from … to − 1. */
  from: number
  to: number
  out: FirstRound
  /** Pass over nobody: for checks and benches; the same results. */
  all?: boolean
}

const TILE_SCENARIOS = 128

interface Tile {
  /** Scenarios in it, and how many. */
  scenario: Int32Array
  count: number
  /** Assets × tile, and by asset the least and most of price / near price. */
  prices: Float64Array
  /** The same in one debt asset after the other; Infinity where that is worth nothing. */
  relative: Float64Array
  least: Float64Array
  most: Float64Array
  /** Markets × tile. */
  loss: Float64Array
  unhealthy: Int32Array
  limit: Float64Array
  owed: Float64Array
}

/** Fills the part's rows of `out`. Throws PlimsollError on a price that is NaN, negative or infinite. */
export function firstRound(laidOut: FirstRoundPlan, part: FirstRoundPart): void {
  const { plan } = laidOut
  const assets = plan.assets.length
  if (part.prices.length < part.to * assets)
    throw badInput(`${part.prices.length} prices are too few for ${part.to} scenarios of ${assets} assets`)
  const tile = newTile(plan)
  const order = bySeverity(plan, part)
  for (let begin = 0; begin < order.length; begin += TILE_SCENARIOS) {
    fillTile(plan, part.prices, { tile, scenarios: order.subarray(begin, begin + TILE_SCENARIOS) })
    runFew(laidOut, tile, part.all === true)
    runOthers(laidOut, tile, part.all === true)
    writeTile(plan, tile, part.out)
  }
}

/** The part's scenarios, checked, by the mean of their prices beside the near ones. */
function bySeverity({ assets, groups }: SpiralPlan, { prices, from, to }: FirstRoundPart): Int32Array {
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

function newTile({ assets, markets }: SpiralPlan): Tile {
  const rows = (count: number) => new Float64Array(count * TILE_SCENARIOS)
  return {
    scenario: new Int32Array(TILE_SCENARIOS),
    count: 0,
    prices: rows(assets.length),
    relative: rows(assets.length),
    least: new Float64Array(assets.length),
    most: new Float64Array(assets.length),
    loss: rows(markets.length),
    unhealthy: new Int32Array(TILE_SCENARIOS),
    ...{ limit: rows(1), owed: rows(1) },
  }
}

function fillTile(
  { assets, groups }: SpiralPlan,
  prices: Float64Array,
  { tile, scenarios }: { tile: Tile; scenarios: Int32Array },
): void {
  tile.scenario.set(scenarios)
  tile.count = scenarios.length
  tile.loss.fill(0)
  tile.unhealthy.fill(0)
  for (let a = 0; a < assets.length; a++) {
    let [least, most] = [Number.POSITIVE_INFINITY, 0]
    for (let t = 0; t < scenarios.length; t++) {
      const price = prices[scenarios[t]! * assets.length + a]!
      tile.prices[a * TILE_SCENARIOS + t] = price
      if (price < least) least = price
      if (price > most) most = price
    }
    tile.least[a] = least / groups.nearPrices[a]!
    tile.most[a] = most / groups.nearPrices[a]!
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

/** Fills `relative` with prices in units of a debt asset; the least health that is sound with whatever collateral. */
function relate(tile: Tile, debt: number): number {
  const { prices, relative, count } = tile
  const debtRow = debt * TILE_SCENARIOS
  let least = Number.POSITIVE_INFINITY
  for (let a = 0; a < tile.least.length; a++) {
    const row = a * TILE_SCENARIOS
    if (tile.least[a]! < least) least = tile.least[a]!
    for (let t = 0; t < count; t++) {
      const debtPrice = prices[debtRow + t]!
      relative[row + t] = debtPrice === 0 ? Number.POSITIVE_INFINITY : prices[row + t]! / debtPrice
    }
  }
  return limitOf(least, tile.most[debt]!)
}

function runFew({ few }: FirstRoundPlan, tile: Tile, all: boolean): void {
  const { start, first, second, health } = few
  const { least, most } = tile
  for (let debt = 0; debt < least.length; debt++) {
    if (start[debt] === start[debt + 1]) continue
    const sound = relate(tile, debt)
    for (let k = start[debt]!; k < start[debt + 1]!; k++) {
      if (!all) {
        if (health[k]! >= sound) break
        const [one, other] = [least[first[k]!]!, least[second[k]!]!]
        if (health[k]! >= limitOf(one < other ? one : other, most[debt]!)) continue
      }
      runOne(few, tile, { k, debtRow: debt * TILE_SCENARIOS })
    }
  }
}

/** What rounding may do to a health that is weighed in the debt's asset; what passes is weighed again in dollars. */
const MARGIN = 1 + 1e-12

function runOne(few: FewColumns, tile: Tile, { k, debtRow }: { k: number; debtRow: number }): void {
  const { prices, relative, loss, unhealthy, count } = tile
  const [limit, otherLimit, owed] = [few.firstLimit[k]!, few.secondLimit[k]!, few.owed[k]!]
  const [seizable, otherSeizable] = [few.firstSeizable[k]!, few.secondSeizable[k]!]
  const row = few.first[k]! * TILE_SCENARIOS
  const otherRow = few.second[k]! * TILE_SCENARIOS
  const lossRow = few.market[k]! * TILE_SCENARIOS
  const most = owed * MARGIN
  for (let t = 0; t < count; t++) {
    if (!(limit * relative[row + t]! + otherLimit * relative[otherRow + t]! < most)) continue
    const price = prices[row + t]!
    const other = prices[otherRow + t]!
    const owedUsd = owed * prices[debtRow + t]!
    if (limit * price + otherLimit * other >= owedUsd) continue
    unhealthy[t]!++
    const lacking = owedUsd - seizable * price - otherSeizable * other
    if (lacking > 0) loss[lossRow + t]! += lacking
  }
}

function runOthers({ plan, others, otherHealth }: FirstRoundPlan, tile: Tile, all: boolean): void {
  for (let k = 0; k < others.length; k++)
    if (all || otherHealth[k]! < worstOf(plan.positions, others[k]!, tile))
      runPosition(plan.positions, others[k]!, tile)
}

/** Health at near prices below which the position could be unhealthy somewhere in the tile. */
function worstOf(positions: SpiralPlan['positions'], i: number, tile: Tile): number {
  const { collateralStart, collateralAsset, debtStart, debtAsset } = positions
  const isBare = collateralStart[i] === collateralStart[i + 1]
  let [least, most] = [isBare ? 0 : Number.POSITIVE_INFINITY, 0]
  for (let c = collateralStart[i]!; c < collateralStart[i + 1]!; c++) {
    const part = tile.least[collateralAsset[c]!]!
    if (part < least) least = part
  }
  for (let d = debtStart[i]!; d < debtStart[i + 1]!; d++) {
    const times = tile.most[debtAsset[d]!]!
    if (times > most) most = times
  }
  return limitOf(least, most)
}

function runPosition(positions: SpiralPlan['positions'], i: number, tile: Tile): void {
  const { collateralStart, collateralAsset, collateralUnits, collateralThreshold } = positions
  const { debtStart, debtAsset, debtUnits } = positions
  const { limit, owed, count } = tile
  limit.fill(0, 0, count)
  owed.fill(0, 0, count)
  for (let c = collateralStart[i]!; c < collateralStart[i + 1]!; c++)
    addRow(limit, tile, { asset: collateralAsset[c]!, weight: collateralUnits[c]! * collateralThreshold[c]! })
  for (let d = debtStart[i]!; d < debtStart[i + 1]!; d++)
    addRow(owed, tile, { asset: debtAsset[d]!, weight: debtUnits[d]! })
  for (let t = 0; t < count; t++) if (limit[t]! < owed[t]!) addLoss(positions, tile, { i, t })
}

/** out += weight · prices of an asset, over the tile. */
function addRow(
  out: Float64Array,
  { prices, count }: Tile,
  { asset, weight }: { asset: number; weight: number },
): void {
  const row = asset * TILE_SCENARIOS
  for (let t = 0; t < count; t++) out[t]! += weight * prices[row + t]!
}

function addLoss(positions: SpiralPlan['positions'], tile: Tile, { i, t }: { i: number; t: number }): void {
  const { collateralStart, collateralAsset, collateralUnits, collateralBonus } = positions
  const { debtStart, debtAsset, debtMarket, debtUnits } = positions
  const { prices, loss, owed } = tile
  tile.unhealthy[t]!++
  let seizable = 0
  for (let c = collateralStart[i]!; c < collateralStart[i + 1]!; c++)
    seizable +=
      (collateralUnits[c]! * prices[collateralAsset[c]! * TILE_SCENARIOS + t]!) / collateralBonus[c]!
  const lacking = owed[t]! - seizable
  if (lacking <= 0) return
  for (let d = debtStart[i]!; d < debtStart[i + 1]!; d++) {
    const share = (debtUnits[d]! * prices[debtAsset[d]! * TILE_SCENARIOS + t]!) / owed[t]!
    loss[debtMarket[d]! * TILE_SCENARIOS + t]! += lacking * share
  }
}
