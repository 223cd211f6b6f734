/** Wilson's score interval (1927) of a share: within 0 … 1 and sensible for few cases, unlike the textbook's. Pure. */
import type { Interval } from './statistics'

const Z = 1.959963984540054

/** 95 % interval of hits among count; 0 … 1 where nothing was counted. */
export function shareInterval(hits: number, count: number): Interval {
  if (count === 0) return { low: 0, high: 1 }
  const [share, z2] = [hits / count, (Z * Z) / count]
  const middle = share + z2 / 2
  const half = Z * Math.sqrt((share * (1 - share)) / count + z2 / (4 * count))
  return { low: Math.max(0, (middle - half) / (1 + z2)), high: Math.min(1, (middle + half) / (1 + z2)) }
}
