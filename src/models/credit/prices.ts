/**
 * Hourly prices of ETH as the protocol knew them: the close of a candle reaches it an hour after the candle is over,
 * because its price module delays every price by an hour.
 */
import { join } from 'node:path'
import { PlimsollError } from '../../errors'
import type { ValuePoint } from '../liquidation/features'
import { readTableFile } from './table'

const HOUR_SEC = 3600
/** A price older than this is not a price: better no answer than one from before a crash. */
const MAX_AGE_SEC = 24 * HOUR_SEC

export type PriceHistory = { points: readonly ValuePoint[]; files: Readonly<Record<string, string>> }

/** The hourly ETH prices of a folder of data sets, older file first. */
export function ethPriceFiles(dataSets: string): string[] {
  return ['eth-usdt-hourly-2017-2021.csv.gz', 'eth-usdt-hourly-2021-2023.csv.gz'].map((name) =>
    join(dataSets, 'prices', name),
  )
}

/** Candles of `files` (columns `unix` in seconds or milliseconds, or `date`; and `close`), ascending; a later file wins. */
export function readPrices(files: readonly string[]): PriceHistory {
  const found = new Map<number, number>()
  const hashes: Record<string, string> = {}
  for (const path of files) {
    const { file, sha256, columns, rows } = readTableFile(path)
    hashes[file] = sha256
    for (const row of rows) {
      const openSec = columns.includes('unix') ? unixSec(row('unix').number()) : row('date').utcSec()
      const close = row('close').number()
      if (!(close > 0)) throw new PlimsollError(`${file}: a price of ${close}`, { exitCode: 2 })
      found.set(openSec + 2 * HOUR_SEC, close)
    }
  }
  const points = [...found]
    .map(([timeSec, value]) => ({ timeSec, value }))
    .sort((a, b) => a.timeSec - b.timeSec)
  return { points, files: hashes }
}

/** Index of the newest point at or before a moment. @throws PlimsollError when it is older than a day or there is none */
export function priceIndexAt({ points }: PriceHistory, timeSec: number): number {
  let low = 0
  let high = points.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (points[middle]!.timeSec <= timeSec) low = middle + 1
    else high = middle
  }
  const point = points[low - 1]
  if (point !== undefined && timeSec - point.timeSec <= MAX_AGE_SEC) return low - 1
  throw new PlimsollError(`no ETH price for ${new Date(timeSec * 1000).toISOString()}`, {
    details: [
      point === undefined
        ? 'the price files begin later'
        : `the newest before it is of ${new Date(point.timeSec * 1000).toISOString()}`,
    ],
    hint: 'name files that cover the period with --prices',
    exitCode: 2,
  })
}

/** One of the files changes from seconds to milliseconds half-way. */
function unixSec(unix: number): number {
  return unix > 1e11 ? unix / 1000 : unix
}
