/**
 * `npx tsx scripts/replay-windows.ts [folder]` writes src/systemic/scenarios/replay-windows.ts: what prices did within a
 * day, for days that begin every six hours of four crises, from a folder of hourly candles (default: PLIMSOLL_DATA/prices).
 *
 * USDC was not traded for USDT between September 2022 and 11 March 2023, 14:00 UTC: a day that begins within that gap and
 * ends after it begins at the peg.
 */
import { writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { loadConfig } from '../src/config'
import { readPriceFolder } from '../src/stress-run/price-files'
import { daySpans } from '../src/systemic/scenarios/history'
import { REPLAYS } from '../src/systemic/scenarios/replays'

const EVERY_SEC = 6 * 3_600
const HEADER = `/**
 * Written by scripts/replay-windows.ts: price after over price before of days that begin every six hours of each crisis, a
 * column a factor; null where no price was known at one end.
 */
export const REPLAY_WINDOWS: Readonly<
  Record<string, { factors: string; rows: readonly (readonly (number | null)[])[] }>
> = {
`
const DAY_SEC = 86_400
/** Tokens that exist no more tell of themselves alone. */
const GONE = new Set(['LUNA', 'UST', 'USTC'])

const folder = process.argv[2] ?? join(loadConfig().dataSets, 'prices')
const { history } = readPriceFolder(folder)
const events = Object.entries(REPLAYS).map(([name, { fromSec, toSec }]) => {
  const { factors, rows } = daySpans(history, { fromSec, toSec, everySec: EVERY_SEC })
  const kept = factors.filter((factor, k) => !GONE.has(factor) && rows.some((row) => !Number.isNaN(row[k])))
  const columns = kept.map((factor) => factors.indexOf(factor))
  const ends = endsOf(fromSec, toSec)
  const cellOf = (row: readonly number[], k: number, r: number) => {
    const ratio = Number.isNaN(row[k]) && factors[k] === 'USDC' ? (ends[r] ?? Number.NaN) : row[k]!
    // null: no price was known at one end.
    return Number.isNaN(ratio) ? null : Number(ratio.toFixed(4))
  }
  return [name, { factors: kept, rows: rows.map((row, r) => columns.map((k) => cellOf(row, k, r))) }] as const
})

/** What USDC cost at the end of each span. Ether's prices have no gap, so every span is a row. */
function endsOf(fromSec: number, toSec: number): number[] {
  const usdc = history.prices.get('USDC')!
  const ends: number[] = []
  for (let endSec = fromSec + DAY_SEC; endSec <= toSec; endSec += EVERY_SEC)
    ends.push(usdc[history.timesSec.indexOf(endSec)] ?? Number.NaN)
  return ends
}
const file = resolve(__dirname, '../src/systemic/scenarios/replay-windows.ts')
const text = events.map(
  ([name, { factors, rows }]) =>
    `  '${name}': {\n    factors: '${factors.join(' ')}',\n    rows: [\n${rows
      .map((row) => `      ${JSON.stringify(row).replaceAll(',', ', ')},`)
      .join('\n')}\n    ],\n  },`,
)
writeFileSync(file, `${HEADER}${text.join('\n')}\n}\n`)
console.log(
  events.map(([name, { factors, rows }]) => `${name}: ${rows.length} × ${factors.join(' ')}`).join('\n'),
)
