/**
 * Positions of one collateral and one debt. Whether one is sound depends on a single number, what its collateral is worth in
 * units of its debt, so those of the same two assets stand in a list by where they cease to be, and a scenario asks how
 * many stand above its rate. Losses alike, by market: with sums along the list, those of k positions are one line.
 *
 *   unhealthy   rate < owed / limit                             rate = collateral's price / debt's price
 *   losing      rate < owed / seizable ≤ owed / limit
 *   loss        Σ owed · debt's price − Σ seizable · collateral's price, over those losing
 */
import { groupBy } from '../group-by'
import type { SpiralPlan } from '../spiral-plan'
import { isSound, NEAR, TILE_SCENARIOS, type Tile } from './first-round-tile'
import { above, type Ladders, laddersOf } from './ladders'

export interface Pairs {
  /** By pair of assets. */
  collateral: Int32Array
  debt: Int32Array
  /** Rates below which positions are unhealthy, a list a pair, and the positions. */
  soundAt: Ladders
  position: Int32Array
  /** Rate below which any of the pair loses. */
  lossTop: Float64Array
  /** Pair q's markets are places marketStart[q] … marketStart[q + 1] − 1. */
  marketStart: Int32Array
  market: Int32Array
  /** Rates below which positions lose, a list a place, and sums so far of units owed and of units / bonus. */
  lossAt: Ladders
  owedSum: Float64Array
  seizableSum: Float64Array
}

interface PairPosition {
  position: number
  market: number
  limit: number
  seizable: number
  owed: number
}

/** Whether the position has one collateral and one debt, and loses nothing while it is sound. */
export function isPair({ positions }: SpiralPlan, i: number): boolean {
  const { collateralStart, collateralThreshold, collateralBonus, debtStart } = positions
  const c = collateralStart[i]!
  return (
    collateralStart[i + 1]! - c === 1 &&
    debtStart[i + 1]! - debtStart[i]! === 1 &&
    collateralThreshold[c]! * collateralBonus[c]! <= 1
  )
}

/** Lays out these positions, each of which is a pair. */
export function pairsOf(plan: SpiralPlan, numbers: readonly number[]): Pairs {
  const { collateralStart, collateralAsset, collateralUnits, collateralThreshold, collateralBonus } =
    plan.positions
  const { debtStart, debtAsset, debtMarket, debtUnits } = plan.positions
  const pairs = numbers.map((i): PairPosition => {
    const [c, d] = [collateralStart[i]!, debtStart[i]!]
    const units = collateralUnits[c]!
    return {
      ...{ position: i, market: debtMarket[d]! },
      limit: units * collateralThreshold[c]!,
      seizable: units / collateralBonus[c]!,
      owed: debtUnits[d]!,
    }
  })
  const byAssets = groupBy(pairs, ({ position: i }) => {
    const [collateral, debt] = [collateralAsset[collateralStart[i]!]!, debtAsset[debtStart[i]!]!]
    return collateral * plan.assets.length + debt
  })
  const keys = [...byAssets.keys()]
  const bySound = [...byAssets.values()].map((list) => sorted(list, soundAtOf))
  const byMarket = bySound.map((list) =>
    [...groupBy(list, ({ market }) => market)].map(([market, of]) => ({
      market,
      list: sorted(of, lossAtOf),
    })),
  )
  const places = byMarket.flat()
  const marketStart = new Int32Array(keys.length + 1)
  byMarket.forEach((of, q) => {
    marketStart[q + 1] = marketStart[q]! + of.length
  })
  return {
    collateral: Int32Array.from(keys, (key) => Math.floor(key / plan.assets.length)),
    debt: Int32Array.from(keys, (key) => key % plan.assets.length),
    soundAt: laddersOf(bySound.map((list) => list.map(soundAtOf))),
    position: Int32Array.from(bySound.flat(), ({ position }) => position),
    lossTop: Float64Array.from(byMarket, (of) => Math.max(...of.map(({ list }) => lossAtOf(list[0]!)))),
    ...{ marketStart, market: Int32Array.from(places, ({ market }) => market) },
    lossAt: laddersOf(places.map(({ list }) => list.map(lossAtOf))),
    owedSum: sumsOf(places, ({ owed }) => owed),
    seizableSum: sumsOf(places, ({ seizable }) => seizable),
  }
}

const soundAtOf = ({ owed, limit }: PairPosition) => owed / limit
const lossAtOf = ({ owed, seizable }: PairPosition) => owed / seizable

/** By a key, highest first. */
function sorted(list: readonly PairPosition[], by: (one: PairPosition) => number): PairPosition[] {
  return [...list].sort((a, b) => (by(a) === by(b) ? 0 : by(b) - by(a)))
}

function sumsOf(
  places: readonly { list: readonly PairPosition[] }[],
  by: (one: PairPosition) => number,
): Float64Array {
  return Float64Array.from(
    places.flatMap(({ list }) => {
      let sum = 0
      return list.map((one) => (sum += by(one)))
    }),
  )
}

/** Adds the pairs' counts and losses to the tile's. */
export function runPairs(pairs: Pairs, plan: SpiralPlan, tile: Tile): void {
  const { collateral, debt, soundAt, lossTop } = pairs
  const { prices, least, most, count, unhealthy } = tile
  for (let q = 0; q < collateral.length; q++) {
    const top = soundAt.value[soundAt.start[q]!]! * (1 + NEAR)
    if (least[collateral[q]!]! >= top * most[debt[q]!]!) continue
    const row = collateral[q]! * TILE_SCENARIOS
    const debtRow = debt[q]! * TILE_SCENARIOS
    for (let t = 0; t < count; t++) {
      const price = prices[row + t]!
      const debtPrice = prices[debtRow + t]!
      if (price >= top * debtPrice || debtPrice === 0) continue
      const rate = price / debtPrice
      unhealthy[t]! += unhealthyOf(pairs, plan, { tile, q, t, rate })
      if (rate < lossTop[q]!) addLosses(pairs, tile.loss, { q, t, rate, price, debtPrice })
    }
  }
}

interface At {
  q: number
  t: number
  rate: number
}

function unhealthyOf(
  { soundAt, position }: Pairs,
  plan: SpiralPlan,
  { tile, q, t, rate }: At & { tile: Tile },
): number {
  const { start, value } = soundAt
  let count = above(soundAt, q, rate * (1 + NEAR))
  for (let k = start[q]! + count; k < start[q + 1]! && value[k]! >= rate * (1 - NEAR); k++)
    if (!isSound(plan, tile, { i: position[k]!, t })) count++
  return count
}

function addLosses(
  { marketStart, market, lossAt, owedSum, seizableSum }: Pairs,
  loss: Float64Array,
  { q, t, rate, price, debtPrice }: At & { price: number; debtPrice: number },
): void {
  for (let place = marketStart[q]!; place < marketStart[q + 1]!; place++) {
    const first = lossAt.start[place]!
    if (rate >= lossAt.value[first]!) continue
    const last = first + above(lossAt, place, rate) - 1
    const lacking = owedSum[last]! * debtPrice - seizableSum[last]! * price
    if (lacking > 0) loss[market[place]! * TILE_SCENARIOS + t]! += lacking
  }
}
