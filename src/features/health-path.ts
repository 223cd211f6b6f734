/** What a sampled health factor was like over time. Pure. */

export interface HealthPath {
  min: number
  /** Weighted by time. */
  mean: number
  /** Share of the time with debt at a health factor below 1.1, 1.25 and 1.5. */
  below110Share: number
  below125Share: number
  below150Share: number
}

/**
 * A sample stands until the next of all samples, whether or not the account owed anything at that; the last one has the
 * length of nothing, unless it is the only one with debt. NaN everywhere without a point.
 *
 * Worked: 2.0 for an hour, then 1.2 for three hours → min 1.2, mean 1.4, below 1.25 for 0.75 of the time.
 * @param points ascending in time; of samples with debt
 * @param times of all samples, ascending; the last ends the path
 */
export function healthPath(
  points: readonly { timeSec: number; health: number }[],
  times: readonly number[],
): HealthPath {
  let seconds = 0
  const sums = { health: 0, below110: 0, below125: 0, below150: 0 }
  let min = Number.NaN
  const total = points.reduce((sum, point) => sum + lengthOf(point.timeSec, times), 0)
  for (const { timeSec, health } of points) {
    const length = total === 0 ? 1 : lengthOf(timeSec, times)
    seconds += length
    sums.health += health * length
    if (health < 1.1) sums.below110 += length
    if (health < 1.25) sums.below125 += length
    if (health < 1.5) sums.below150 += length
    min = Number.isNaN(min) ? health : Math.min(min, health)
  }
  return {
    min,
    mean: sums.health / seconds,
    below110Share: sums.below110 / seconds,
    below125Share: sums.below125 / seconds,
    below150Share: sums.below150 / seconds,
  }
}

function lengthOf(timeSec: number, times: readonly number[]): number {
  const next = times.find((time) => time > timeSec)
  return next === undefined ? 0 : next - timeSec
}
