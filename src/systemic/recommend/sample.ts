/** Rows of scenarios to search on and to judge on, and what a paired difference over them is worth. */
import { bootstrapInterval, type Interval } from '../../math/statistics'
import { badInput } from '../network'

/** Fewer scenarios are not split: each half would be too few to search on. */
const LEAST_TO_SPLIT = 40
const DRAWS = 400

export interface Sample {
  search: Float64Array
  /** Rows that the search has not seen, so that its best of many candidates is not flattered by its own luck. */
  judge: Float64Array
}

/** Even rows to search on, odd ones to judge on. Throws PlimsollError on no whole number of rows. */
export function splitScenarios(prices: Float64Array, assets: number): Sample {
  const count = prices.length / assets
  if (!Number.isInteger(count) || count === 0)
    throw badInput(`${prices.length} prices are no whole number of scenarios of ${assets} assets`)
  if (count < LEAST_TO_SPLIT) return { search: prices, judge: prices }
  const rows = (first: number) => {
    const size = Math.floor((count - first + 1) / 2)
    const out = new Float64Array(size * assets)
    for (let k = 0; k < size; k++)
      out.set(prices.subarray((first + 2 * k) * assets, (first + 2 * k + 1) * assets), k * assets)
    return out
  }
  return { search: rows(0), judge: rows(1) }
}

/** Interval of the mean of before − after over the same scenarios; above 0 throughout: the change saves. */
export function savedInterval(
  before: Float64Array,
  after: Float64Array,
  { seed, confidence }: { seed: number; confidence: number },
): Interval {
  const saved = Float64Array.from(before, (loss, s) => loss - after[s]!)
  if (saved.every((value) => value === saved[0])) return { low: saved[0]!, high: saved[0]! }
  return bootstrapInterval({
    clusters: Int32Array.from(saved, (_, s) => s),
    statistic: (rows) => {
      let sum = 0
      for (const row of rows) sum += saved[row]!
      return sum / rows.length
    },
    ...{ draws: DRAWS, level: confidence, seed },
  })
}
