/** Values over time, ascending, and what held at a moment. */
export interface Point {
  timeSec: number
  value: number
}

/** The last entry at or before a moment, by binary search; undefined where there is none. */
export function lastAt<T extends { timeSec: number }>(entries: readonly T[], timeSec: number): T | undefined {
  let [low, high] = [0, entries.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (entries[middle]!.timeSec <= timeSec) low = middle + 1
    else high = middle
  }
  return entries[low - 1]
}

/** Its value. */
export function valueAt(points: readonly Point[], timeSec: number): number | undefined {
  return lastAt(points, timeSec)?.value
}
