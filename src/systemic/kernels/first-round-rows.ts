/**
 * Positions of several collaterals or debts, one by one along a tile's rows of prices. By ascending health at near prices:
 * from the first on whose health outweighs the worst of the tile (spiral-groups.ts has the bound) all are sound, and
 * before it whoever is at the least price of each collateral and the most of each debt.
 */
import { limitOf } from '../spiral-groups'
import type { SpiralPlan } from '../spiral-plan'
import { isSound, NEAR, TILE_SCENARIOS, type Tile } from './first-round-tile'
import { SOME_BELOW, SOME_NEAR, type Weigher, weigher } from './weigh'

export interface Rows {
  /** Positions, by ascending health at the near prices, and that health. */
  position: Int32Array
  health: Float64Array
  /**
   * Position k's amounts are start[k] … start[k + 1] − 1: an asset, and dollars for each of its price, as what may be owed
   * against it. Below 0, what is owed.
   */
  start: Int32Array
  asset: Int32Array
  limit: Float64Array
  /** The tile's, in the memory where it is weighed. */
  prices: Float64Array
  unhealthy: Float64Array
  /** By scenario, of the position weighed last: limit − debt, and what its collateral fetches − debt. */
  net: Float64Array
  fetched: Float64Array
  weigh: Weigher['weigh']
}

/** Columns of weights. */
const LIMIT = 0
const SEIZABLE = 1

/** Lays out these positions. */
export function rowsOf(plan: SpiralPlan, of: readonly { position: number; health: number }[]): Rows {
  const { collateralStart, collateralAsset, collateralUnits, collateralThreshold, collateralBonus } =
    plan.positions
  const { debtStart, debtAsset, debtUnits } = plan.positions
  const ordered = [...of].sort((a, b) => a.health - b.health || a.position - b.position)
  const start = [0]
  const [asset, limit, seizable]: [number[], number[], number[]] = [[], [], []]
  for (const { position: i } of ordered) {
    for (let c = collateralStart[i]!; c < collateralStart[i + 1]!; c++) {
      asset.push(collateralAsset[c]!)
      limit.push(collateralUnits[c]! * collateralThreshold[c]!)
      seizable.push(collateralUnits[c]! / collateralBonus[c]!)
    }
    for (let d = debtStart[i]!; d < debtStart[i + 1]!; d++) {
      asset.push(debtAsset[d]!)
      limit.push(-debtUnits[d]!)
      seizable.push(-debtUnits[d]!)
    }
    start.push(asset.length)
  }
  const assets = Int32Array.from(asset)
  const columns = [Float64Array.from(limit), Float64Array.from(seizable)] as const
  const { rows, sums, below, weigh } = weigher({
    ...{ rows: plan.assets.length, width: TILE_SCENARIOS, row: assets, columns },
  })
  return {
    position: Int32Array.from(ordered, ({ position }) => position),
    health: Float64Array.from(ordered, ({ health }) => health),
    ...{ start: Int32Array.from(start), asset: assets, limit: columns[LIMIT] },
    ...{ prices: rows, unhealthy: below[LIMIT]!, net: sums[LIMIT]!, fetched: sums[SEIZABLE]!, weigh },
  }
}

/** Adds the rows' counts and losses to the tile's; weighs everybody where `all`, for the same results. */
export function runRows(rows: Rows, plan: SpiralPlan, { tile, all }: { tile: Tile; all: boolean }): void {
  const { position, health, start } = rows
  const sound = all ? Number.POSITIVE_INFINITY : limitOf(tile.deepest, tile.highest)
  for (let k = 0; k < position.length; k++) {
    if (health[k]! >= sound) break
    const [from, to] = [start[k]!, start[k + 1]!]
    if (!all && leastNet(rows, tile, { from, to }) > 0) continue
    const near = NEAR * mostOwed(rows, tile, { from, to })
    const found = rows.weigh(LIMIT, from, to, near)
    if (found === 0) continue
    const i = position[k]!
    if (found & SOME_NEAR) settleNear(rows, plan, { tile, i, near })
    if (rows.weigh(SEIZABLE, from, to, 0) & SOME_BELOW) addLosses(rows, plan, { tile, i })
  }
}

interface Range {
  from: number
  to: number
}

/** A bound of limit − debt in the tile that rounding cannot lift above 0. */
function leastNet({ asset, limit }: Rows, { least, most }: Tile, { from, to }: Range): number {
  let net = 0
  for (let r = from; r < to; r++)
    net += limit[r]! * (limit[r]! < 0 ? most[asset[r]!]! * (1 + NEAR) : least[asset[r]!]!)
  return net
}

function mostOwed({ asset, limit }: Rows, { most }: Tile, { from, to }: Range): number {
  let owed = 0
  for (let r = from; r < to; r++) if (limit[r]! < 0) owed -= limit[r]! * most[asset[r]!]!
  return owed
}

/** Decides scenarios in which the position is that near to 0. */
function settleNear(
  { net, unhealthy }: Rows,
  plan: SpiralPlan,
  { tile, i, near }: { tile: Tile; i: number; near: number },
): void {
  for (let t = 0; t < TILE_SCENARIOS; t++) {
    if (!(Math.abs(net[t]!) <= near)) continue
    const isBelow = !isSound(plan, tile, { i, t })
    unhealthy[t]! += Number(isBelow) - Number(net[t]! < 0)
    net[t] = isBelow ? -1 : 1
  }
}

/** Shares what the position's collateral does not repay among its debts by value, where it is unhealthy. */
function addLosses(
  { net, fetched }: Rows,
  { positions }: SpiralPlan,
  { tile, i }: { tile: Tile; i: number },
): void {
  const { debtStart, debtAsset, debtMarket, debtUnits } = positions
  const { prices, loss, count } = tile
  const [from, to] = [debtStart[i]!, debtStart[i + 1]!]
  for (let t = 0; t < count; t++) {
    if (fetched[t]! >= 0 || net[t]! >= 0) continue
    if (to === from + 1) {
      loss[debtMarket[from]! * TILE_SCENARIOS + t]! -= fetched[t]!
      continue
    }
    let owed = 0
    for (let d = from; d < to; d++) owed += debtUnits[d]! * prices[debtAsset[d]! * TILE_SCENARIOS + t]!
    for (let d = from; d < to; d++) {
      const owedHere = debtUnits[d]! * prices[debtAsset[d]! * TILE_SCENARIOS + t]!
      loss[debtMarket[d]! * TILE_SCENARIOS + t]! -= fetched[t]! * (owedHere / owed)
    }
  }
}
