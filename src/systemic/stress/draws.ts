/** Runs the first round and the spiral of a scenario's draws, tile by tile, and keeps what figures are made of. */
import { type Book, bookPrices } from '../book'
import { type FirstRound, firstRound } from '../kernels/first-round'
import type { FirstRoundPlan } from '../kernels/first-round-layout'
import type { ScenarioSet } from '../scenarios/scenario-set'
import type { SpiralPlan } from '../spiral-plan'
import { runScenarios } from '../spiral-scenarios'
import type { Losses } from './parts'

/** Position-draws of a tile: about a tenth of a second. */
const TILE_WORK = 400_000
const MOST_TILE = 2_048

export interface DrawnLosses extends Losses {
  /** By draw. */
  unhealthy: Int32Array
  /** Of each position, summed over the draws. */
  lostUsd: Float64Array
  /** Draws that did not come to rest. */
  unsettled: number
}

/** Draws [from, to) of a scenario. */
export interface TileRange {
  from: number
  to: number
}

/** The tiles of the first `draws` draws, in their order. Sums are taken tile by tile, so they are the same whoever runs them. */
export function tilesOf({ positions }: Book, draws: number): TileRange[] {
  const size = Math.max(1, Math.min(MOST_TILE, Math.floor(TILE_WORK / positions.pool.length)))
  return Array.from({ length: Math.ceil(draws / size) }, (_, k) => ({
    from: k * size,
    to: Math.min(draws, (k + 1) * size),
  }))
}

/** What draws are run on. */
export interface DrawnFrom {
  set: ScenarioSet
  plan: SpiralPlan
  /** Of the same plan. */
  firstRoundPlan: FirstRoundPlan
}

/** A book's prices in these draws, a row a draw. */
export function drawnPrices(book: Book, set: ScenarioSet, { from, to }: TileRange): Float64Array {
  const start = bookPrices(book)
  const prices = new Float64Array((to - from) * start.length)
  set.fill(from, to, prices)
  for (let k = 0; k < prices.length; k++) prices[k]! *= start[k % start.length]!
  return prices
}

export function runTile(book: Book, { plan, firstRoundPlan, set }: DrawnFrom, range: TileRange): DrawnLosses {
  const prices = drawnPrices(book, set, range)
  const draws = range.to - range.from
  const { badDebtUsd, liquidatedUsd, lostUsd, unsettled } = runScenarios(plan, prices, { byPosition: true })
  const out: FirstRound = {
    lossUsd: new Float64Array(draws * book.markets.length),
    unhealthy: new Int32Array(draws),
  }
  firstRound(firstRoundPlan, { prices, from: 0, to: draws, out })
  const { lossUsd: firstRoundUsd, unhealthy } = out
  return { badDebtUsd, liquidatedUsd, firstRoundUsd, unhealthy, lostUsd: lostUsd!, unsettled }
}

export function noLosses({ markets, positions }: Book, draws: number): DrawnLosses {
  return {
    badDebtUsd: new Float64Array(draws * markets.length),
    liquidatedUsd: new Float64Array(draws * markets.length),
    firstRoundUsd: new Float64Array(draws * markets.length),
    unhealthy: new Int32Array(draws),
    lostUsd: new Float64Array(positions.pool.length),
    unsettled: 0,
  }
}

/** Adds the losses of the next tile; tiles come in their order. */
export function addTile({ markets }: Book, total: DrawnLosses, tile: DrawnLosses, { from }: TileRange): void {
  total.badDebtUsd.set(tile.badDebtUsd, from * markets.length)
  total.liquidatedUsd.set(tile.liquidatedUsd, from * markets.length)
  total.firstRoundUsd.set(tile.firstRoundUsd, from * markets.length)
  total.unhealthy.set(tile.unhealthy, from)
  tile.lostUsd.forEach((lost, i) => {
    total.lostUsd[i]! += lost
  })
  total.unsettled += tile.unsettled
}

/** Runs the first `draws` draws; yields how many it did since it last yielded. */
export function* runDraws(
  book: Book,
  { draws, ...of }: DrawnFrom & { draws: number },
): Generator<number, DrawnLosses> {
  const total = noLosses(book, draws)
  for (const range of tilesOf(book, draws)) {
    addTile(book, total, runTile(book, of, range), range)
    yield range.to - range.from
  }
  return total
}

/** Sum over the chosen markets, one a draw. */
export function chosenTotals(matrix: Float64Array, markets: number, chosen: Int32Array): Float64Array {
  const totals = new Float64Array(matrix.length / markets)
  for (let s = 0; s < totals.length; s++) for (const m of chosen) totals[s]! += matrix[s * markets + m]!
  return totals
}
