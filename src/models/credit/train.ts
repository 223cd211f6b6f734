/**
 * Trains `credit`. Candidates of rising complexity, every one with held signs: the distance to liquidation; beside it the
 * distance at which the owner last left the position; beside these its youth; beside all the loan to value. Judged by
 * rolling origin over four periods: what is predicted for a period was learnt from snapshots whose days were over when it
 * began. The candidate with the highest mean AUC of the periods is served, a simpler one when it is within 0.001. Then
 * the crash of May 2021, which no period of the choice reaches, is judged by its liquidations within 7 days.
 */
import { PlimsollError } from '../../errors'
import { rocAuc } from '../../math/statistics'
import type { Trained } from '../publish'
import { creditAudit } from './audit'
import { CREDIT_L2, CREDIT_SEED, type HorizonFigures, type Judged, judge, probabilities } from './backtest'
import type { VaultHistory } from './events'
import { creditRow } from './features'
import { CREDIT_INPUTS, fitHazard, type Hazard } from './hazard'
import type { PriceHistory } from './prices'
import { type Snapshots, takeSnapshots } from './snapshots'
import { creditSpec } from './spec'

const DAY_SEC = 86_400
/** Where each period of the rolling origin begins; the last ends with the last snapshot whose 30 days are over. */
const ORIGINS = ['2021-01-20', '2021-02-01', '2021-03-01', '2021-04-01']
const CRASH_FROM = '2021-05-02'
const SIMPLER_WITHIN = 0.001
const CANDIDATES: Readonly<Record<string, readonly string[]>> = {
  distance: ['distanceRoot30d'],
  chosen: ['distanceRoot30d', 'chosenDistanceRoot30d'],
  habit: ['distanceRoot30d', 'chosenDistanceRoot30d', 'youth'],
  full: CREDIT_INPUTS,
}

/** Trains and evaluates; deterministic, under a minute. Throws when a period cannot be judged. */
export function trainCredit(
  history: VaultHistory,
  prices: PriceHistory,
  { draws = 1000, log = () => undefined }: { draws?: number; log?: (line: string) => void } = {},
): Trained {
  const data = takeSnapshots(history, prices, { fromSec: history.fromSec, untilSec: history.untilSec })
  const judged = mapValues(CANDIDATES, (inputs) => rollingOrigin(data, history, inputs))
  const served = choose(mapValues(judged, ({ aucs }) => aucs))
  const figures = mapValues(judged, (candidate) => required(judge(candidate, { days: 30, draws }), 'month'))
  for (const [name, { auc }] of Object.entries(figures)) log(`${name}: AUC ${auc.value.toFixed(4)}`)
  const main = figures[served]!
  log(`served: ${served}, above the ratio by ${measuredText(main.pairedAuc.overCollateralRatio)}`)
  const inputs = CANDIDATES[served]!
  const crash = crashFigures({ data, history, inputs, draws })
  const hazard = fitHazard(data, { knownUntilSec: history.untilSec, inputs, l2: CREDIT_L2 })
  return {
    spec: creditSpec,
    body: { kind: 'linear', linear: hazard.linear },
    curve: hazard.p30d,
    further: { p1d: hazard.p1d, p7d: hazard.p7d, p30d: hazard.p30d },
    metrics: {
      data: {
        files: { ...history.files, ...prices.files },
        counts: countsOf(data, history),
        fromSec: history.fromSec,
        untilSec: history.untilSec,
      },
      features: CREDIT_INPUTS,
      split: splitText(main),
      intervals: `95 %, percentile bootstrap by vault, ${draws} draws`,
      seed: CREDIT_SEED,
      options: { l2: CREDIT_L2, candidates: CANDIDATES, origins: ORIGINS, simplerWithin: SIMPLER_WITHIN },
      served,
      periodAucs: mapValues(judged, ({ aucs }) => aucs),
      weights: Object.fromEntries(CREDIT_INPUTS.map((name, i) => [name, hazard.linear.weight[i]!])),
      metrics: { auc: main.auc, ap: main.ap, ece: main.ece },
      candidates: mapValues(figures, ({ auc, ap, ece }) => ({ auc, ap, ece })),
      baselines: main.baselines,
      pairedAuc: main.pairedAuc,
      crash: crash,
      ...creditAudit(judged[served]!, hazard.linear),
    },
    goldenRows: goldenRows(),
    trainingRows: data.rows,
  }
}

/** The candidate's predictions for the four periods, and its AUC in each. */
function rollingOrigin(
  data: Snapshots,
  history: VaultHistory,
  inputs: readonly string[],
): Judged & { aucs: number[] } {
  const rows: number[] = []
  const scores: number[] = []
  const aucs: number[] = []
  ORIGINS.forEach((origin, i) => {
    const fromSec = secOf(origin)
    const next = ORIGINS[i + 1]
    const untilSec = Math.min(
      next === undefined ? Number.POSITIVE_INFINITY : secOf(next),
      history.untilSec - 30 * DAY_SEC,
    )
    const hazard = fitHazard(data, { knownUntilSec: fromSec, inputs, l2: CREDIT_L2 })
    const period = rowsBetween(data, fromSec, untilSec)
    const all = probabilities(data, hazard, 30)
    const own = period.map((row) => all[row]!)
    const labels = Uint8Array.from(period, (row) => (data.daysToLiquidation[row]! <= 30 ? 1 : 0))
    aucs.push(rocAuc({ scores: own, labels }))
    rows.push(...period)
    scores.push(...own)
  })
  return { data, rows, scores, aucs }
}

function crashFigures(options: {
  data: Snapshots
  history: VaultHistory
  inputs: readonly string[]
  draws: number
}): Pick<HorizonFigures, 'auc' | 'ap' | 'ece' | 'baselines' | 'pairedAuc'> & { split: string } {
  const { data, history, inputs, draws } = options
  const fromSec = secOf(CRASH_FROM)
  const hazard: Hazard = fitHazard(data, { knownUntilSec: fromSec, inputs, l2: CREDIT_L2 })
  const rows = rowsBetween(data, fromSec, history.untilSec - 7 * DAY_SEC)
  const all = probabilities(data, hazard, 7)
  const found = judge({ data, rows, scores: rows.map((row) => all[row]!) }, { days: 7, draws })
  const { n, positives, vaults, liquidatedVaults, ...figures } = required(found, CRASH_FROM)
  return {
    split: `${n} daily snapshots of ${vaults} vaults from ${CRASH_FROM}, ${positives} liquidated within 7 days (${liquidatedVaults} vaults); learnt from what was over by then`,
    ...figures,
  }
}

/** By mean AUC of the periods; the simplest within a thousandth of the best. */
function choose(aucs: Readonly<Record<string, readonly number[]>>): string {
  const means = Object.entries(aucs).map(([name, list]) => ({
    name,
    mean: list.reduce((sum, auc) => sum + auc, 0) / list.length,
  }))
  const best = Math.max(...means.map(({ mean }) => mean))
  return means.find(({ mean }) => mean >= best - SIMPLER_WITHIN)!.name
}

function countsOf(data: Snapshots, history: VaultHistory): Record<string, number> {
  const liquidations = history.events.filter((event) => event.kind === 'liquidation')
  return {
    vaults: new Set(history.events.map((event) => event.vault)).size,
    events: history.events.length,
    liquidations: liquidations.length,
    liquidatedVaults: new Set(liquidations.map((event) => event.vault)).size,
    snapshots: data.vaults.length,
    positives: data.daysToLiquidation.filter((days) => days <= 30).length,
    belowOne: data.healthFactors.filter((healthFactor) => healthFactor < 1).length,
    ...data.counts,
  }
}

function rowsBetween(data: Snapshots, fromSec: number, untilSec: number): number[] {
  return [...data.vaults.keys()].filter(
    (row) => data.timesSec[row]! >= fromSec && data.timesSec[row]! < untilSec,
  )
}

function splitText({ n, vaults, positives, liquidatedVaults }: HorizonFigures): string {
  return (
    `rolling origin over daily snapshots, periods from ${ORIGINS.join(', ')}, 30-day embargo; ` +
    `judged ${n} snapshots of ${vaults} vaults, ${positives} positive of ${liquidatedVaults} vaults`
  )
}

function required<T>(figures: T | undefined, name: string): T {
  if (figures !== undefined) return figures
  throw new PlimsollError(`no vault is liquidated in the period "${name}"; more history is needed`, {
    exitCode: 2,
  })
}

function mapValues<A, B>(record: Readonly<Record<string, A>>, change: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]))
}

function secOf(date: string): number {
  return Date.parse(`${date}T00:00:00Z`) / 1000
}

function measuredText({ value, low, high }: { value: number; low: number; high: number }): string {
  return `${value.toFixed(4)} (${low.toFixed(4)} to ${high.toFixed(4)})`
}

/** From hopeless to safe, untended and defended, and a position without debt. */
function goldenRows(): number[][] {
  const at = (healthFactor: number, volatility: number, valueAtLastAction = 1, ageDays = 100) =>
    creditRow({
      healthFactor,
      debtValue: 100,
      collateralValue: 130 * healthFactor,
      volatility,
      valueAtLastAction,
      ageDays,
    })
  return [
    at(0.95, 0.9),
    at(1, 0.9, 1.2, 3),
    at(1.05, 0.5, 1.5, 400),
    at(1.3, 1.2, 0.8, 0),
    at(1.8, 0.9, 0.6, 30),
    at(2, 0.9),
    at(20, 0.3),
    at(Number.POSITIVE_INFINITY, 1),
  ]
}
