/**
 * Prices of factors over time, on one grid of times: what scenarios are fitted from and what replays show. A price that is
 * not known at a time is NaN there, never filled in.
 */
import { badInput } from '../network'

export interface FactorHistory {
  /** As a result names it, such as `prices of harbor` or a folder. */
  source: string
  /** Ascending. */
  timesSec: Float64Array
  /** By factor (asset-classes.ts), one price a time. */
  prices: ReadonlyMap<string, Float64Array>
}

export interface PricePointAt {
  timeSec: number
  price: number
}

const DAY_SEC = 86_400

/** One history of many factors' points, in any order. Throws PlimsollError on a price that is not above zero. */
export function factorHistory(
  source: string,
  points: ReadonlyMap<string, readonly PricePointAt[]>,
): FactorHistory {
  const times = new Set<number>()
  for (const [factor, list] of points)
    for (const { timeSec, price } of list) {
      if (!(price > 0 && price < Number.POSITIVE_INFINITY))
        throw badInput(`the price of ${factor} at ${timeSec} is ${price}: it must be above 0`)
      times.add(timeSec)
    }
  const timesSec = Float64Array.from(times).sort()
  const at = new Map(Array.from(timesSec, (timeSec, index) => [timeSec, index]))
  const prices = new Map<string, Float64Array>()
  for (const [factor, list] of points) {
    const column = new Float64Array(timesSec.length).fill(Number.NaN)
    for (const { timeSec, price } of list) column[at.get(timeSec)!] = price
    prices.set(factor, column)
  }
  return { source, timesSec, prices }
}

/** Log returns from one day's last price to the next day's, by the day (since 1970) on which they end. */
export function dailyReturns({ timesSec, prices }: FactorHistory, factor: string): Map<number, number> {
  const column = prices.get(factor)
  const closes = new Map<number, number>()
  if (column === undefined) return closes
  column.forEach((price, t) => {
    if (!Number.isNaN(price)) closes.set(Math.floor(timesSec[t]! / DAY_SEC), price)
  })
  const returns = new Map<number, number>()
  for (const [day, price] of closes) {
    const before = closes.get(day - 1)
    if (before !== undefined) returns.set(day, Math.log(price / before))
  }
  return returns
}

/**
 * Price after over price before of every span of a day that begins in [fromSec, toSec − a day], `everySec` apart: one row
 * a span, a column a factor, NaN where an end is unknown. Spans of which no factor is known are left out.
 */
export function daySpans(
  { timesSec, prices }: FactorHistory,
  { fromSec, toSec, everySec }: { fromSec: number; toSec: number; everySec: number },
): { factors: string[]; rows: number[][] } {
  const at = new Map(Array.from(timesSec, (timeSec, index) => [timeSec, index]))
  const factors = [...prices.keys()].sort()
  const rows: number[][] = []
  for (let startSec = fromSec; startSec + DAY_SEC <= toSec; startSec += everySec) {
    const [first, last] = [at.get(startSec), at.get(startSec + DAY_SEC)]
    if (first === undefined || last === undefined) continue
    const row = factors.map((factor) => prices.get(factor)![last]! / prices.get(factor)![first]!)
    if (row.some((ratio) => !Number.isNaN(ratio))) rows.push(row)
  }
  return { factors, rows }
}
