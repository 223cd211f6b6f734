/** `plimsoll backtest credit`: reads what the command names, runs the backtest, and words the answer. */
import { existsSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { PlimsollError } from '../../errors'
import type { Measured } from '../learn/evaluate'
import { type Backtest, backtestCredit, type HorizonFigures } from './backtest'
import { readVaultHistory } from './events'
import { CREDIT_INPUTS } from './hazard'
import { ethPriceFiles, readPrices } from './prices'
import { utcSec } from './table'

const DAY_SEC = 86_400

export type BacktestRequest = {
  /** Folder of event files. */
  events: string
  /** Dates, `YYYY-MM-DD`, UTC; both days included. */
  from: string
  to: string
  /** Price files; those of `dataSets` when absent. */
  prices?: readonly string[] | undefined
  /** Folder of the data sets. */
  dataSets: string
  draws?: number | undefined
}

/** @throws PlimsollError (exit code 2) for what cannot be read, and for periods that cannot be judged */
export function runBacktest(request: BacktestRequest): Backtest {
  const fromSec = dateSec('--from', request.from)
  const toSec = dateSec('--to', request.to)
  if (fromSec > toSec) {
    throw new PlimsollError(`--from ${request.from} is after --to ${request.to}`, { exitCode: 2 })
  }
  if (!existsSync(request.events) || !statSync(request.events).isDirectory()) {
    throw new PlimsollError(`--events ${request.events} is not a folder`, { exitCode: 2 })
  }
  const history = readVaultHistory(request.events)
  const prices = readPrices(request.prices ?? defaultPrices(request.dataSets))
  const { draws } = request
  return backtestCredit(history, prices, { fromSec, toSec, ...(draws === undefined ? {} : { draws }) })
}

/** The last line of `--json`: figures of the 30 days. */
export function jsonLine({ horizons }: Backtest): string {
  const { auc, ap, ece, n, positives, baselines } = horizons[30]!
  return JSON.stringify({
    auc: auc.value,
    ap: ap.value,
    ece: ece.value,
    n,
    positives,
    baselines: {
      collateralRatio: { auc: baselines.collateralRatio.auc.value },
      structural: { auc: baselines.structural.auc.value },
    },
  })
}

/** Model and baselines with their intervals, for a terminal. */
export function reportText({ fromSec, toSec, hazard, horizons }: Backtest): string {
  const { snapshots, positives, liquidatedVaults } = hazard.learntFrom
  const slopes = CREDIT_INPUTS.map((name, i) => `${name} ${hazard.linear.weight[i]!.toFixed(3)}`)
  return [
    `learnt from ${snapshots} daily snapshots whose 30 days were over by ${day(fromSec)}: ` +
      `${positives} positive, of ${liquidatedVaults} vaults`,
    `slopes: ${slopes.join(', ')}`,
    `judged: daily snapshots from ${day(fromSec)} to ${day(toSec)}; 95 % intervals by drawing vaults`,
    ...(['30', '7', '1'] as const).flatMap((days) => {
      const figures = horizons[days]
      return figures ? horizonLines(days, figures) : ['', `within ${days} days: nobody is liquidated`]
    }),
  ].join('\n')
}

function horizonLines(days: string, figures: HorizonFigures): string[] {
  const { n, positives, vaults, liquidatedVaults, auc, ap, ece, baselines, pairedAuc } = figures
  const { collateralRatio, structural } = baselines
  const line = (name: string, cells: string[]) =>
    `  ${name.padEnd(18)}${cells.map((c) => c.padEnd(26)).join('')}`
  return [
    '',
    `within ${days} ${days === '1' ? 'day' : 'days'}: ${n} snapshots of ${vaults} vaults, ${positives} positive of ${liquidatedVaults} vaults`,
    line('', ['AUC', 'AP', 'ECE']),
    line('credit', [text(auc), text(ap), text(ece)]),
    line('collateral ratio', [text(collateralRatio.auc), text(collateralRatio.ap), 'no probability']),
    line('structural', [text(structural.auc), text(structural.ap), text(structural.ece)]),
    line('AUC above ratio', [text(pairedAuc.overCollateralRatio)]),
    line('AUC above struct.', [text(pairedAuc.overStructural)]),
  ].map((each) => each.trimEnd())
}

function defaultPrices(dataSets: string): string[] {
  const wanted = ethPriceFiles(dataSets)
  const files = wanted.filter((path) => existsSync(path))
  if (files.length > 0) return files
  throw new PlimsollError(`no ETH prices in ${join(dataSets, 'prices')}`, {
    details: wanted.map((path) => `looked for ${basename(path)}`),
    hint: 'set PLIMSOLL_DATA, or name files with --prices',
    exitCode: 2,
  })
}

function dateSec(option: string, date: string): number {
  const sec = /^\d{4}-\d{2}-\d{2}$/.test(date) ? utcSec(date) : undefined
  if (sec !== undefined) return sec
  throw new PlimsollError(`${option} ${date} is not a date like 2021-06-01`, { exitCode: 2 })
}

function text({ value, low, high }: Measured): string {
  return `${value.toFixed(4)} (${low.toFixed(4)} to ${high.toFixed(4)})`
}

function day(sec: number): string {
  return new Date(Math.floor(sec / DAY_SEC) * DAY_SEC * 1000).toISOString().slice(0, 10)
}
