/**
 * MakerDAO's ETH-B vaults as weekly snapshots of `liquidationSpec` rows with the label "liquidated within 30 days".
 *
 * Debt is exact up to the fee: borrowed and repaid DAI are divided by the fee index of their moment (the ilk's yearly
 * `duty`, compounded by the second, from the parameter changes), because repayments include the stability fee and a
 * plain running sum goes negative. What still ends below zero counts as no debt. Liquidated collateral is published in
 * whole ETH, so small vaults show 0 there; any row of the liquidation file counts as a liquidation. The protocol's
 * price is the hourly market price one hour late, as its price module delays it. Keepers liquidate within minutes, so a
 * snapshot with a health factor below 1 is a vault whose state the files do not tell; it is dropped and counted.
 */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { parse } from 'csv-parse/sync'
import { ewmaVolatility, liquidationRow, type ValuePoint } from './features'

const DAY_SEC = 86_400
const HOUR_SEC = 3600
const WEEK_SEC = 7 * DAY_SEC
export const HORIZON_SEC = 30 * DAY_SEC
/** The ilk's liquidation ratio in every month of the files; collateral · price / ratio against debt is the health factor. */
const LIQUIDATION_RATIO = 1.3
/** Below this a vault is dust: nobody gains by liquidating it. */
const MIN_DEBT_DAI = 10
const HISTORY_SEC = 120 * DAY_SEC

type VaultEvent = {
  timeSec: number
  vault: string
  collateralEth: number
  debtDai: number
  liquidation: boolean
}

export type Snapshots = {
  /** Row-major, in spec order, float32. */
  rows: Float32Array
  labels: Uint8Array
  vaults: string[]
  timesSec: Float64Array
  debtsDai: Float64Array
  /** Days since the vault's first event. */
  agesDays: Float64Array
  counts: Record<
    'vaults' | 'events' | 'liquidations' | 'liquidatedVaults' | 'belowOne' | 'snapshots' | 'positives',
    number
  >
  /** First and last event. */
  fromSec: number
  untilSec: number
  files: Record<string, string>
}

/**
 * Reads a folder of event files and the price files, and takes a snapshot of every vault with debt each Monday 00:00
 * UTC whose 30 days ahead are covered. Throws when a file or a column is missing.
 */
export function readVaults(options: { eventsFolder: string; priceFiles: string[] }): Snapshots {
  const files: Record<string, string> = {}
  const read = (folder: string, name: string) => readCsv(join(folder, name), files)
  const folder = options.eventsFolder
  const index = feeIndex(read(folder, 'ETHB-Parameter-Changes.csv.gz'))
  const events = readEvents((name) => read(folder, name))
  const prices = readPrices(options.priceFiles.map((path) => readCsv(path, files)))
  const liquidations = new Map<string, number[]>()
  for (const { vault, timeSec, liquidation } of events) {
    if (liquidation) liquidations.set(vault, [...(liquidations.get(vault) ?? []), timeSec])
  }
  const fromSec = events[0]!.timeSec
  const untilSec = events[events.length - 1]!.timeSec
  const all = takeSnapshots({ events, index, prices, liquidations, untilSec })
  const taken = all.filter((s) => s.row[0]! >= 0)
  return {
    rows: Float32Array.from(taken.flatMap((s) => s.row)),
    labels: Uint8Array.from(taken, (s) => s.label),
    vaults: taken.map((s) => s.vault),
    timesSec: Float64Array.from(taken, (s) => s.timeSec),
    debtsDai: Float64Array.from(taken, (s) => s.debtDai),
    agesDays: Float64Array.from(taken, (s) => s.ageDays),
    counts: {
      vaults: new Set(events.map((e) => e.vault)).size,
      events: events.length,
      liquidations: events.filter((e) => e.liquidation).length,
      liquidatedVaults: liquidations.size,
      belowOne: all.length - taken.length,
      snapshots: taken.length,
      positives: taken.filter((s) => s.label === 1).length,
    },
    fromSec,
    untilSec,
    files,
  }
}

type Snapshot = {
  row: number[]
  label: number
  vault: string
  timeSec: number
  debtDai: number
  ageDays: number
}

function takeSnapshots(options: {
  events: VaultEvent[]
  index: (timeSec: number) => number
  prices: ValuePoint[]
  liquidations: Map<string, number[]>
  untilSec: number
}): Snapshot[] {
  const { events, index, prices, liquidations, untilSec } = options
  const state = new Map<string, { collateralEth: number; shares: number; bornSec: number }>()
  const snapshots: Snapshot[] = []
  let next = 0
  for (
    let timeSec = firstMonday(events[0]!.timeSec);
    timeSec + HORIZON_SEC <= untilSec;
    timeSec += WEEK_SEC
  ) {
    for (; next < events.length && events[next]!.timeSec < timeSec; next++) {
      const { vault, collateralEth, debtDai, timeSec: at } = events[next]!
      const before = state.get(vault) ?? { collateralEth: 0, shares: 0, bornSec: at }
      const shares = Math.max(0, before.shares + debtDai / index(at))
      state.set(vault, {
        ...before,
        collateralEth: Math.max(0, before.collateralEth + collateralEth),
        shares,
      })
    }
    const history = prices.filter((p) => p.timeSec <= timeSec && p.timeSec > timeSec - HISTORY_SEC)
    const price = history[history.length - 1]!.value
    const volatility = ewmaVolatility(history, timeSec)
    for (const [vault, { collateralEth, shares, bornSec }] of state) {
      const debtValue = shares * index(timeSec)
      const collateralValue = collateralEth * price
      if (debtValue < MIN_DEBT_DAI || collateralValue === 0) continue
      const healthFactor = collateralValue / LIQUIDATION_RATIO / debtValue
      const row = liquidationRow({ healthFactor, debtValue, collateralValue, volatility })
      const hit = liquidations.get(vault)?.some((t) => t >= timeSec && t < timeSec + HORIZON_SEC)
      const ageDays = (timeSec - bornSec) / DAY_SEC
      snapshots.push({ row, label: hit ? 1 : 0, vault, timeSec, debtDai: debtValue, ageDays })
    }
  }
  return snapshots
}

function readEvents(read: (name: string) => Record<string, string>[]): VaultEvent[] {
  const kinds: { file: string; eth?: string; dai?: string; sign: number; liquidation?: boolean }[] = [
    { file: 'ethb_vault_deposits', eth: 'DEPOSIT_AMOUNT_ADJ', sign: 1 },
    { file: 'ethb_vault_withdrawals', eth: 'WITHDRAWN_AMOUNT_ADJ', sign: 1 },
    { file: 'ethb_dai_borrows', dai: 'DAI_MINTED', sign: 1 },
    { file: 'ethb_dai_repayments', dai: 'DAI_REPAYED', sign: -1 },
    {
      file: 'ethb_vault_liquidations',
      eth: 'COLLATERAL_LIQUIDATED_AMOUNT',
      dai: 'DAI_REPAYED_AMOUNT',
      sign: -1,
      liquidation: true,
    },
  ]
  const events = kinds.flatMap(({ file, eth, dai, sign, liquidation = false }) =>
    read(`${file}.csv.gz`).map((record) => ({
      timeSec: utcSec(cell(record, 'BLOCK_TIMESTAMP')),
      vault: cell(record, 'VAULT_NUMBER'),
      collateralEth: eth ? sign * Number(cell(record, eth)) : 0,
      debtDai: dai ? sign * Number(cell(record, dai)) : 0,
      liquidation,
    })),
  )
  return events.sort((a, b) => a.timeSec - b.timeSec)
}

/** Growth of one DAI of debt since the first `duty`, by the time. */
function feeIndex(changes: Record<string, string>[]): (timeSec: number) => number {
  const duties = changes
    .filter((change) => cell(change, 'PARAMETER') === 'JUG.ilks.duty')
    .map((change) => ({
      timeSec: utcSec(cell(change, 'TIMESTAMP')),
      yearly: Number(cell(change, 'TO_VALUE')),
    }))
    .sort((a, b) => a.timeSec - b.timeSec)
  return (timeSec) =>
    duties.reduce((index, { timeSec: from, yearly }, i) => {
      const until = Math.min(timeSec, duties[i + 1]?.timeSec ?? timeSec)
      return until > from ? index * (1 + yearly) ** ((until - from) / (365 * DAY_SEC)) : index
    }, 1)
}

/** Hourly closes, each stamped when the protocol would know it: an hour after the candle has closed. */
function readPrices(tables: Record<string, string>[][]): ValuePoint[] {
  const found = new Map<number, number>()
  for (const record of tables.flat()) {
    const open = record.unix === undefined ? utcSec(cell(record, 'date')) : unixSec(Number(record.unix))
    found.set(open + 2 * HOUR_SEC, Number(cell(record, 'close')))
  }
  return [...found].map(([timeSec, value]) => ({ timeSec, value })).sort((a, b) => a.timeSec - b.timeSec)
}

/** The price file changes from seconds to milliseconds half-way. */
function unixSec(unix: number): number {
  return unix > 1e11 ? unix / 1000 : unix
}

function utcSec(text: string): number {
  const match = /^(\d+)-(\d+)-(\d+) (\d+):(\d+):(\d+)/.exec(text)
  if (!match) throw new Error(`not a time: "${text}"`)
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1).map(Number)
  return Date.UTC(year, month - 1, day, hour, minute, second) / 1000
}

/** The epoch began on a Thursday. */
function firstMonday(timeSec: number): number {
  return Math.ceil((timeSec - 4 * DAY_SEC) / WEEK_SEC) * WEEK_SEC + 4 * DAY_SEC
}

function readCsv(path: string, files: Record<string, string>): Record<string, string>[] {
  const file = readFileSync(path)
  files[path.split(/[\\/]/).slice(-2).join('/')] = createHash('sha256').update(file).digest('hex')
  return parse(gunzipSync(file), {
    columns: (header: string[]) => header.map((name) => name.trim()),
    bom: true,
  })
}

function cell(record: Record<string, string>, column: string): string {
  const text = record[column]
  if (text === undefined)
    throw new Error(`file has no column "${column}"; it has ${Object.keys(record).join(', ')}`)
  return text
}
