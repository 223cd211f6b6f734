/**
 * Sorted lists side by side, and how many numbers of one are above a given number. A list has as many cells of equal width
 * as it has numbers; the guide says what stands before a number's cell, so that only the cell itself is searched.
 */
export interface Ladders {
  /** List i is value[start[i]] … value[start[i + 1] − 1], descending. */
  start: Int32Array
  value: Float64Array
  /** By list: where its cells begin, which go down from there, and cells for each unit. */
  high: Float64Array
  scale: Float64Array
  /** List i's from start[i] + i on: how many of its numbers stand before cell 0, 1, … and, last, how many there are. */
  guide: Int32Array
}

/** Of descending lists of numbers above 0, also of Infinity. */
export function laddersOf(lists: readonly (readonly number[])[]): Ladders {
  const start = new Int32Array(lists.length + 1)
  lists.forEach((list, i) => {
    start[i + 1] = start[i]! + list.length
  })
  const ladders: Ladders = {
    ...{ start, value: Float64Array.from(lists.flat()), guide: new Int32Array(start.at(-1)! + lists.length) },
    ...{ high: new Float64Array(lists.length), scale: new Float64Array(lists.length) },
  }
  lists.forEach((list, i) => {
    setCells(ladders, list, i)
  })
  return ladders
}

/** Cells lie over all but the highest 64th: a few far above the rest share the first one. */
function setCells(ladders: Ladders, list: readonly number[], i: number): void {
  const high = list[list.length >> 6] ?? 0
  const width = high - (list.at(-1) ?? 0)
  ladders.high[i] = high
  ladders.scale[i] = width > 0 && width < Number.POSITIVE_INFINITY ? list.length / width : 0
  const first = ladders.start[i]! + i
  for (const value of list) ladders.guide[first + 1 + cellOf(ladders, i, value)]!++
  for (let cell = 1; cell <= list.length; cell++)
    ladders.guide[first + cell]! += ladders.guide[first + cell - 1]!
}

function cellOf({ start, high, scale }: Ladders, i: number, x: number): number {
  const cell = (high[i]! - x) * scale[i]!
  const last = start[i + 1]! - start[i]! - 1
  return cell > 0 ? (cell < last ? Math.floor(cell) : last) : 0
}

/** How many numbers of list i, which has some, are above x. */
export function above(ladders: Ladders, i: number, x: number): number {
  const { start, value, guide } = ladders
  const first = start[i]!
  const cell = first + i + cellOf(ladders, i, x)
  let [low, high] = [guide[cell]!, guide[cell + 1]!]
  while (low < high) {
    const middle = (low + high) >> 1
    if (value[first + middle]! > x) low = middle + 1
    else high = middle
  }
  return low
}
