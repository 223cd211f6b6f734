/**
 * Which positions can be unhealthy at some prices, without looking at the others. Positions of the same assets stand
 * together, by their health h₀ at some prices p₀. If every collateral still has at least the part m of its p₀ and no debt
 * more than M times its own, then
 *
 *   health ≥ h₀ · m / M
 *
 * so all that could be below 1 stand at the group's front, up to h₀ = M / m. With one collateral and one debt the bound
 * is the health itself, whatever p₀ is. A scenario costs what it touches, not what there is.
 *
 * Within a spiral prices only fall. Where none has fallen by more than the part f since a health was found, it still is at
 * least f times that: until then the position, and whoever stands next in a group, sleep.
 */
import { numberAt } from './network'
import type { SpiralPositions } from './spiral-plan'

/** Group g's positions are order[start[g]] … order[start[g + 1] − 1], by ascending health. */
export interface PositionGroups {
  start: Int32Array
  order: Int32Array
  health: Float64Array
  nearPrices: Float64Array
}

/** What rounding may lift a bound above the health that it bounds. */
const MARGIN = 1 + 1e-9

/** Groups of positions that owe something; without debt nothing can happen to one. */
export function groupByAssets(positions: SpiralPositions, prices: Float64Array): PositionGroups {
  const nearPrices = prices.map((price, a) =>
    numberAt(price, `price of asset ${a}`, { least: 0 }) === 0 ? 1 : price,
  )
  const members = new Map<string, number[]>()
  const health = new Float64Array(positions.closeRule.length)
  for (let i = 0; i < health.length; i++) {
    health[i] = healthAt(positions, i, nearPrices)
    if (health[i] === Number.POSITIVE_INFINITY) continue
    const key = assetsOf(positions, i)
    const list = members.get(key)
    if (list === undefined) members.set(key, [i])
    else list.push(i)
  }
  const { start, order, health: sorted } = layOut([...members.values()], health)
  return { start, order, health: sorted, nearPrices }
}

function layOut(members: readonly number[][], healthOf: Float64Array): Omit<PositionGroups, 'nearPrices'> {
  const start = new Int32Array(members.length + 1)
  members.forEach((list, g) => {
    start[g + 1] = start[g]! + list.length
  })
  const order = new Int32Array(start[members.length]!)
  members.forEach((list, g) => {
    order.set(
      list.sort((a, b) => healthOf[a]! - healthOf[b]! || a - b),
      start[g]!,
    )
  })
  return { start, order, health: Float64Array.from(order, (i) => healthOf[i]!) }
}

function healthAt(positions: SpiralPositions, i: number, prices: Float64Array): number {
  const { collateralStart, collateralAsset, collateralUnits, collateralThreshold } = positions
  let [limit, owed] = [0, 0]
  for (let c = collateralStart[i]!; c < collateralStart[i + 1]!; c++)
    limit += collateralUnits[c]! * prices[collateralAsset[c]!]! * collateralThreshold[c]!
  for (let d = positions.debtStart[i]!; d < positions.debtStart[i + 1]!; d++)
    owed += positions.debtUnits[d]! * prices[positions.debtAsset[d]!]!
  return owed === 0 ? Number.POSITIVE_INFINITY : limit / owed
}

/** Assets of a position, as a key: collaterals, then debts, each ascending. */
function assetsOf(positions: SpiralPositions, i: number): string {
  const rows = (assets: Int32Array, start: Int32Array) =>
    assets
      .slice(start[i]!, start[i + 1]!)
      .sort()
      .join()
  const { collateralAsset, collateralStart, debtAsset, debtStart } = positions
  return `${rows(collateralAsset, collateralStart)}|${rows(debtAsset, debtStart)}`
}

/** Positions that the prices so far could have made unhealthy, and how far into each group they go. */
export interface Reached {
  list: Int32Array
  count: number
  /** Those of the list that may still be liquidated, in its order. */
  open: Int32Array
  openCount: number
  upTo: Int32Array
  /** Part of the first prices that every asset still has, at least: the product of each round's deepest fall. */
  left: number
  /** By position and by group: they sleep while `left` is above this. */
  wake: Float64Array
  groupWake: Float64Array
}

export function reachedNone({ start, order }: PositionGroups, positions: number): Reached {
  return {
    list: new Int32Array(order.length),
    count: 0,
    open: new Int32Array(order.length),
    openCount: 0,
    upTo: new Int32Array(start.length - 1),
    left: 1,
    wake: new Float64Array(positions),
    groupWake: new Float64Array(start.length - 1).fill(Number.POSITIVE_INFINITY),
  }
}

/** No price falls below nothing: what wakes here never does. */
export const NEVER = -1

/** What `left` may fall to before something with `spare` times the health that it needs could be unhealthy. */
export function wakeAt(left: number, spare: number): number {
  return (left / spare) * MARGIN
}

/**
 * Health h₀ below which a position can be unhealthy where its collaterals have at least the part `least` of their p₀ and
 * its debts at most `most` times theirs. Debts that are worth nothing need no collateral, even one worth nothing too.
 */
export function limitOf(least: number, most: number): number {
  return most === 0 ? 0 : (most / least) * MARGIN
}

function limitOfGroup(
  { start, order, nearPrices }: PositionGroups,
  { collateralStart, collateralAsset, debtStart, debtAsset }: SpiralPositions,
  { group, prices }: { group: number; prices: Float64Array },
): number {
  const one = order[start[group]!]!
  const isBare = collateralStart[one] === collateralStart[one + 1]
  let least = isBare ? 0 : Number.POSITIVE_INFINITY
  let most = 0
  for (let c = collateralStart[one]!; c < collateralStart[one + 1]!; c++) {
    const part = prices[collateralAsset[c]!]! / nearPrices[collateralAsset[c]!]!
    if (part < least) least = part
  }
  for (let d = debtStart[one]!; d < debtStart[one + 1]!; d++) {
    const times = prices[debtAsset[d]!]! / nearPrices[debtAsset[d]!]!
    if (times > most) most = times
  }
  return limitOf(least, most)
}

/** Adds to `reached` whoever could be unhealthy at these prices, sleepers' groups left aside. */
export function reach(
  groups: PositionGroups,
  positions: SpiralPositions,
  { prices, reached }: { prices: Float64Array; reached: Reached },
): void {
  const { groupWake, left } = reached
  for (let group = 0; group < groupWake.length; group++) {
    if (left > groupWake[group]!) continue
    const limit = reachGroup(groups, positions, { group, prices, reached })
    const next = groups.start[group]! + reached.upTo[group]!
    groupWake[group] = next === groups.start[group + 1] ? NEVER : wakeAt(left, groups.health[next]! / limit)
  }
}

/** The same at any prices, even above those of the last round: nobody is put to sleep. */
export function reachAnew(
  groups: PositionGroups,
  positions: SpiralPositions,
  { prices, reached }: { prices: Float64Array; reached: Reached },
): void {
  for (let group = 0; group < reached.upTo.length; group++)
    reachGroup(groups, positions, { group, prices, reached })
}

function reachGroup(
  groups: PositionGroups,
  positions: SpiralPositions,
  { group, prices, reached }: { group: number; prices: Float64Array; reached: Reached },
): number {
  const { start, order, health } = groups
  const limit = limitOfGroup(groups, positions, { group, prices })
  const end = start[group + 1]!
  let at = start[group]! + reached.upTo[group]!
  for (; at < end && health[at]! < limit; at++) {
    reached.wake[order[at]!] = Number.POSITIVE_INFINITY
    reached.list[reached.count++] = order[at]!
    reached.open[reached.openCount++] = order[at]!
  }
  reached.upTo[group] = at - start[group]!
  return limit
}
