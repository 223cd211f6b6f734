/**
 * A folder of candle files as one history: `<symbol>-<quote>-….csv` or `.csv.gz` with columns `unix` (seconds or
 * milliseconds) or `date` (UTC), and `close`. Several files of one symbol are joined, in the order of their names; files in
 * another shape are left out, and named.
 */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { messageOf, PlimsollError } from '../errors'
import { readPrices } from '../models/credit/prices'
import { assetClassOf } from '../systemic/scenarios/asset-classes'
import { type FactorHistory, factorHistory, type PricePointAt } from '../systemic/scenarios/history'

const HOUR_SEC = 3_600
/** `readPrices` stamps a candle two hours after its opening, when a delayed oracle knows it; it closes after one. */
const STAMP_LAG_SEC = HOUR_SEC
const NAME = /^([a-z0-9.]+)-(usdt?|usdc)-.*\.csv(\.gz)?$/i

/** Throws PlimsollError where the folder cannot be read or holds no such file. */
export function readPriceFolder(folder: string): { history: FactorHistory; leftOut: string[] } {
  const leftOut: string[] = []
  const points = new Map<string, PricePointAt[]>()
  for (const name of namesIn(folder)) {
    const symbol = NAME.exec(name)?.[1]
    if (symbol === undefined) continue
    const { factor } = assetClassOf(symbol)
    try {
      const found = readPrices([join(folder, name)]).points
      const own = points.get(factor) ?? []
      for (const { timeSec, value } of found) own.push({ timeSec: timeSec - STAMP_LAG_SEC, price: value })
      points.set(factor, own)
    } catch (error) {
      leftOut.push(`${name}: ${messageOf(error)}`)
    }
  }
  if (points.size === 0)
    throw new PlimsollError(`${folder} holds no price file`, {
      details: leftOut,
      hint: 'files are called such as eth-usdt-hourly.csv.gz, with columns date (or unix) and close',
      exitCode: 2,
    })
  return { history: factorHistory(folder, points), leftOut }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort()
  } catch (error) {
    throw new PlimsollError(`${folder} cannot be read: ${messageOf(error)}`, { exitCode: 2 })
  }
}
