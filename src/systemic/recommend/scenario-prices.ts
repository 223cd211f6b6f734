/** Prices that a set of scenarios gives the assets of a book: scenarios × assets, row-major. */
import type { Book } from '../book'
import { badInput } from '../network'
import type { ScenarioSet } from '../scenarios/scenario-set'

/** 400 MB of doubles. */
const MAX_CELLS = 50_000_000

/** Throws PlimsollError where the set is not of the book's assets, or is larger than should be held at once. */
export function scenarioPrices({ assets }: Book, set: ScenarioSet): Float64Array {
  if (set.assets !== assets.length)
    throw badInput(`scenarios of ${set.assets} assets do not fit ${assets.length}`)
  if (set.scenarios * assets.length > MAX_CELLS)
    throw badInput(
      `${set.scenarios} scenarios × ${assets.length} assets: too many, at most ${MAX_CELLS} prices`,
    )
  const prices = new Float64Array(set.scenarios * assets.length)
  set.fill(0, set.scenarios, prices)
  for (let k = 0; k < prices.length; k++) prices[k]! *= assets[k % assets.length]!.priceUsd
  return prices
}
