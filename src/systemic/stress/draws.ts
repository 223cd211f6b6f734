/** Runs the spiral of a scenario's draws, tile by tile, and keeps what figures are made of. */
import { type Book, bookPrices } from '../book'
import type { ScenarioSet } from '../scenarios/scenario-set'
import type { SpiralPlan } from '../spiral-plan'
import { runScenarios } from '../spiral-scenarios'
import type { Losses } from './parts'

/** Position-draws of a tile: about a tenth of a second. */
const TILE_WORK = 400_000
const MOST_TILE = 2_048

export interface DrawnLosses extends Losses {
  /** Of each position, summed over the draws. */
  lostUsd: Float64Array
  /** Draws that did not come to rest. */
  unsettled: number
}

/** Runs the first `draws` draws; yields how many it did since it last yielded. */
export function* runDraws(
  book: Book,
  { plan, set, draws }: { plan: SpiralPlan; set: ScenarioSet; draws: number },
): Generator<number, DrawnLosses> {
  const [markets, positions] = [book.markets.length, book.positions.pool.length]
  const start = bookPrices(book)
  const result: DrawnLosses = {
    badDebtUsd: new Float64Array(draws * markets),
    liquidatedUsd: new Float64Array(draws * markets),
    lostUsd: new Float64Array(positions),
    unsettled: 0,
  }
  const tile = Math.max(1, Math.min(MOST_TILE, Math.floor(TILE_WORK / positions)))
  for (let from = 0; from < draws; from += tile) {
    const to = Math.min(draws, from + tile)
    const prices = new Float64Array((to - from) * start.length)
    set.fill(from, to, prices)
    for (let k = 0; k < prices.length; k++) prices[k]! *= start[k % start.length]!
    const run = runScenarios(plan, prices, { byPosition: true })
    result.badDebtUsd.set(run.badDebtUsd, from * markets)
    result.liquidatedUsd.set(run.liquidatedUsd, from * markets)
    run.lostUsd?.forEach((lost, i) => {
      result.lostUsd[i]! += lost
    })
    result.unsettled += run.unsettled
    yield to - from
  }
  return result
}

/** Sum over the chosen markets, one a draw. */
export function chosenTotals(matrix: Float64Array, markets: number, chosen: Int32Array): Float64Array {
  const totals = new Float64Array(matrix.length / markets)
  for (let s = 0; s < totals.length; s++) for (const m of chosen) totals[s]! += matrix[s * markets + m]!
  return totals
}
