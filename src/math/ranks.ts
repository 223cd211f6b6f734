/**
 * Ranks of numbers, and the order that follows from them by counting. Figures over hundreds of draws of the same rows rank
 * the rows once: to sort a draw then takes a pass over it, and no comparisons.
 */

/** Rank of each number among the distinct ones, 0 the lowest. */
export type Ranks = { ranks: Int32Array; distinct: number }

/** Undefined when a number is NaN, which has no rank. */
export function rank(values: ArrayLike<number>): Ranks | undefined {
  const sorted = Float64Array.from(values).sort()
  if (Number.isNaN(sorted.at(-1))) return undefined
  const distinct = sorted.filter((value, i) => i === 0 || value !== sorted[i - 1])
  const ranks = new Int32Array(values.length)
  for (let i = 0; i < ranks.length; i++) ranks[i] = firstNotBelow(distinct, values[i]!)
  return { ranks, distinct: distinct.length }
}

function firstNotBelow(sorted: Float64Array, value: number): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (sorted[middle]! < value) low = middle + 1
    else high = middle
  }
  return low
}

/** Indices by rising rank, ties by index. */
export function orderOf({ ranks, distinct }: Ranks): Int32Array {
  const next = new Int32Array(distinct + 1)
  for (let i = 0; i < ranks.length; i++) next[ranks[i]! + 1]!++
  for (let one = 0; one < distinct; one++) next[one + 1]! += next[one]!
  const order = new Int32Array(ranks.length)
  for (let i = 0; i < ranks.length; i++) order[next[ranks[i]!]!++] = i
  return order
}
