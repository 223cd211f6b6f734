/**
 * Positions as first-round.ts reads them: those with one debt and one or two collaterals, which are most, as columns by
 * the debt's asset and then by health at the plan's near prices; all others by their number. 56 bytes a position.
 */
import type { SpiralPlan } from '../spiral-plan'

/** Positions with one or two collaterals and one debt; debt asset a's are places start[a] … start[a + 1] − 1. */
export interface FewColumns {
  start: Int32Array
  /** Assets of the collaterals; with one, the second is the first again and weighs nothing. */
  first: Int32Array
  second: Int32Array
  market: Int32Array
  /** Units · threshold, units / bonus, units owed. */
  firstLimit: Float64Array
  secondLimit: Float64Array
  firstSeizable: Float64Array
  secondSeizable: Float64Array
  owed: Float64Array
  /** At the near prices, ascending within a debt asset. */
  health: Float64Array
}

export interface FirstRoundPlan {
  plan: SpiralPlan
  few: FewColumns
  /** All others that owe something, and their health at the near prices. */
  others: Int32Array
  otherHealth: Float64Array
}

/** Lays the plan's positions out for `firstRound`. */
export function firstRoundPlan(plan: SpiralPlan): FirstRoundPlan {
  const { positions, groups, assets } = plan
  const { collateralStart, debtStart, debtAsset } = positions
  const byDebt: number[][] = assets.map(() => [])
  const others: number[] = []
  groups.order.forEach((i, place) => {
    const collaterals = collateralStart[i + 1]! - collateralStart[i]!
    const isFew = (collaterals === 1 || collaterals === 2) && debtStart[i + 1]! - debtStart[i]! === 1
    if (isFew) byDebt[debtAsset[debtStart[i]!]!]!.push(place)
    else others.push(place)
  })
  const { health } = groups
  for (const list of [...byDebt, others]) list.sort((a, b) => health[a]! - health[b]! || a - b)
  return {
    plan,
    few: fewColumns(plan, byDebt),
    others: Int32Array.from(others, (place) => groups.order[place]!),
    otherHealth: Float64Array.from(others, (place) => health[place]!),
  }
}

function fewColumns({ positions, groups }: SpiralPlan, byDebt: readonly number[][]): FewColumns {
  const places = byDebt.flat()
  const start = new Int32Array(byDebt.length + 1)
  byDebt.forEach((list, a) => {
    start[a + 1] = start[a]! + list.length
  })
  const { collateralStart, collateralAsset, collateralUnits, collateralThreshold, collateralBonus } =
    positions
  const numbers = places.map((place) => groups.order[place]!)
  const firstRow = numbers.map((i) => collateralStart[i]!)
  const lastRow = numbers.map((i) => collateralStart[i + 1]! - 1)
  const debtRow = numbers.map((i) => positions.debtStart[i]!)
  const secondUnits = lastRow.map((c, k) => (c === firstRow[k] ? 0 : collateralUnits[c]!))
  return {
    start,
    first: Int32Array.from(firstRow, (c) => collateralAsset[c]!),
    second: Int32Array.from(lastRow, (c) => collateralAsset[c]!),
    market: Int32Array.from(debtRow, (d) => positions.debtMarket[d]!),
    firstLimit: Float64Array.from(firstRow, (c) => collateralUnits[c]! * collateralThreshold[c]!),
    secondLimit: Float64Array.from(lastRow, (c, k) => secondUnits[k]! * collateralThreshold[c]!),
    firstSeizable: Float64Array.from(firstRow, (c) => collateralUnits[c]! / collateralBonus[c]!),
    secondSeizable: Float64Array.from(lastRow, (c, k) => secondUnits[k]! / collateralBonus[c]!),
    owed: Float64Array.from(debtRow, (d) => positions.debtUnits[d]!),
    health: Float64Array.from(places, (place) => groups.health[place]!),
  }
}
