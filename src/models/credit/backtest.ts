/**
 * Out-of-time test: what could be known before a date is learnt from, the snapshots of a later period are judged. The
 * model stands beside two baselines that need no fitting: the health factor (for one collateral the collateral ratio) and
 * the structural first-passage probability. Intervals and paired differences by drawing whole vaults. Pure.
 */
import { PlimsollError } from '../../errors'
import type { Measured } from '../learn/evaluate'
import { evaluateCurve } from '../onnx/curve'
import type { VaultHistory } from './events'
import { fitHazard, type Hazard, indexOf } from './hazard'
import type { PriceHistory } from './prices'
import {
  bootstrap,
  numberClusters,
  type Ranked,
  rank,
  weightedAp,
  weightedAuc,
  weightedEce,
} from './resample'
import { type Snapshots, takeSnapshots } from './snapshots'

const DAY_SEC = 86_400
/** A month of daily snapshots of one vault says little more than one of them, so thirty weigh as one. */
export const CREDIT_L2 = 30
export const CREDIT_SEED = 20_263
export const SERVED_INPUTS = ['distanceRoot30d', 'chosenDistanceRoot30d', 'youth'] as const

export type HorizonFigures = {
  n: number
  positives: number
  liquidatedVaults: number
  vaults: number
  auc: Measured
  ap: Measured
  ece: Measured
  baselines: {
    collateralRatio: { auc: Measured; ap: Measured }
    structural: { auc: Measured; ap: Measured; ece: Measured }
  }
  /** Model's AUC less the baseline's, over the same draws. */
  pairedAuc: { overCollateralRatio: Measured; overStructural: Measured }
}

export type Backtest = {
  /** First and last snapshot judged. */
  fromSec: number
  toSec: number
  hazard: Hazard
  /** By days. A horizon without a liquidated vault is left out. */
  horizons: Readonly<Record<'1' | '7' | '30', HorizonFigures | undefined>>
}

export type BacktestOptions = {
  fromSec: number
  /** Snapshots up to this moment whose outcome the history covers. */
  toSec: number
  inputs?: readonly string[]
  draws?: number
  seed?: number
}

/** @throws PlimsollError (exit code 2) when the period has no snapshot, or no vault is liquidated within 30 days */
export function backtestCredit(
  history: VaultHistory,
  prices: PriceHistory,
  options: BacktestOptions,
): Backtest {
  const { fromSec, toSec } = options
  const lastSec = Math.min(toSec, history.untilSec - 30 * DAY_SEC)
  if (fromSec > lastSec) throw emptyPeriod(history, options)
  const past = takeSnapshots(history, prices, { fromSec: history.fromSec, untilSec: fromSec - 1 })
  const hazard = fitHazard(past, {
    knownUntilSec: fromSec,
    inputs: options.inputs ?? SERVED_INPUTS,
    l2: CREDIT_L2,
  })
  const judged = takeSnapshots(history, prices, { fromSec, untilSec: lastSec })
  if (judged.vaults.length === 0) throw emptyPeriod(history, options)
  const rows = [...judged.vaults.keys()]
  const figures = (days: 1 | 7 | 30) =>
    judge({ data: judged, rows, scores: probabilities(judged, hazard, days) }, { days, ...options })
  const month = figures(30)
  if (month === undefined) {
    throw new PlimsollError(
      `no vault is liquidated within 30 days of a snapshot from ${day(fromSec)} to ${day(lastSec)}`,
      { hint: 'AUC needs both outcomes: take a longer period', exitCode: 2 },
    )
  }
  return { fromSec, toSec: lastSec, hazard, horizons: { 1: figures(1), 7: figures(7), 30: month } }
}

/** Probabilities of every snapshot within 1, 7 or 30 days. */
export function probabilities(data: Snapshots, hazard: Hazard, days: 1 | 7 | 30): Float64Array {
  const curve = { 1: hazard.p1d, 7: hazard.p7d, 30: hazard.p30d }[days]
  return indexOf(data, hazard.linear).map((index) => evaluateCurve(curve, index))
}

/** Snapshots that are judged together: rows of `data` and what was predicted for each of them. */
export type Judged = { data: Snapshots; rows: readonly number[]; scores: ArrayLike<number> }

/** Figures of one horizon; undefined when nobody, or everybody, is liquidated. */
export function judge(
  { data, rows, scores }: Judged,
  { days, draws = 1000, seed = CREDIT_SEED }: { days: number; draws?: number; seed?: number },
): HorizonFigures | undefined {
  const labels = Uint8Array.from(rows, (row) => (data.daysToLiquidation[row]! <= days ? 1 : 0))
  const positives = labels.reduce((sum, label) => sum + label, 0)
  if (positives === 0 || positives === labels.length) return undefined
  const vaults = rows.map((row) => data.vaults[row]!)
  const { clusters, count } = numberClusters(vaults)
  const ranked = (by: ArrayLike<number>) => rank(by, labels, clusters)
  const found = compare(
    {
      model: ranked(scores),
      ratio: ranked(rows.map((row) => -data.healthFactors[row]!)),
      structural: ranked(rows.map((row) => data.structural[row]!)),
    },
    { count, draws, seed },
  )
  return {
    n: labels.length,
    positives,
    liquidatedVaults: new Set(vaults.filter((_, i) => labels[i] === 1)).size,
    vaults: count,
    auc: found.auc,
    ap: found.ap,
    ece: found.ece,
    baselines: {
      collateralRatio: { auc: found.ratioAuc, ap: found.ratioAp },
      structural: { auc: found.structuralAuc, ap: found.structuralAp, ece: found.structuralEce },
    },
    pairedAuc: { overCollateralRatio: found.overRatio, overStructural: found.overStructural },
  }
}

/** Every figure from the same draws, so that differences are paired. */
function compare(
  { model, ratio, structural }: Record<'model' | 'ratio' | 'structural', Ranked>,
  options: { count: number; draws: number; seed: number },
) {
  return bootstrap((times) => {
    const auc = weightedAuc(model, times)
    const ratioAuc = weightedAuc(ratio, times)
    const structuralAuc = weightedAuc(structural, times)
    return {
      auc,
      ap: weightedAp(model, times),
      ece: weightedEce(model, times),
      ratioAuc,
      ratioAp: weightedAp(ratio, times),
      structuralAuc,
      structuralAp: weightedAp(structural, times),
      structuralEce: weightedEce(structural, times),
      overRatio: auc - ratioAuc,
      overStructural: auc - structuralAuc,
    }
  }, options)
}

function emptyPeriod(history: VaultHistory, { fromSec, toSec }: BacktestOptions): PlimsollError {
  return new PlimsollError(`no snapshot from ${day(fromSec)} to ${day(toSec)} can be judged`, {
    details: [`events reach from ${day(history.fromSec)} to ${day(history.untilSec)}`],
    hint: 'a snapshot is judged when its next 30 days lie before the last event, and some vault owes something then',
    exitCode: 2,
  })
}

function day(sec: number): string {
  return new Date(sec * 1000).toISOString().slice(0, 10)
}
