/**
 * The fit: a discrete-time hazard model over the intervals (0, 1], (1, 7] and (7, 30] days with one risk index.
 *
 * The index is a logistic regression of "liquidated within 30 days" on the inputs, beside an effect for every fortnight:
 * positions of one moment are compared with each other, so that a month in which everything rose or crashed teaches no
 * slopes. Signs are held, so the index falls with the health factor and rises with the loan to value. Then each interval's
 * hazard among those who reached it is a logistic curve of the index (Cox, 1972; Singer & Willett, 1993), and the
 * probabilities are 1 − Π (1 − hazard): within 1 day is never above within 7, that never above within 30. A snapshot whose
 * interval is not over by the end of what may be known is not used for it (the embargo).
 */
import { PlimsollError } from '../../errors'
import { fitPlatt } from '../learn/evaluate'
import { trainLogistic } from '../learn/logistic'
import type { Curve } from '../onnx/curve'
import { type LinearModel, linearMargin } from '../onnx/linear'
import type { Snapshots } from './snapshots'
import { creditSpec } from './spec'

export const CREDIT_INPUTS = creditSpec.inputs.map((input) => input.name)
const WIDTH = CREDIT_INPUTS.length
const DAY_SEC = 86_400
const PERIOD_SEC = 14 * DAY_SEC
const SIGNS: Readonly<Record<string, number>> = {
  distanceRoot30d: -1,
  chosenDistanceRoot30d: -1,
  youth: 1,
  loanToValue: 1,
}
const INTERVALS_DAYS = [
  { afterDays: 0, untilDays: 1 },
  { afterDays: 1, untilDays: 7 },
  { afterDays: 7, untilDays: 30 },
] as const
/** Fewer liquidated vaults than this teach nothing. */
const MIN_VAULTS = 3
/** Knots of the curves: 1/32 apart over this range of the index around 0. */
const CURVE_RANGE = 16

export type Hazard = {
  linear: LinearModel
  /** Probability of a liquidation within 1, 7 and 30 days over the index. */
  p1d: Curve
  p7d: Curve
  p30d: Curve
  learntFrom: { snapshots: number; positives: number; liquidatedVaults: number }
}

export type FitOptions = {
  /** Nothing that happened at or after this moment is used; seconds since the epoch. */
  knownUntilSec: number
  /** Inputs to use; the others get weight 0. */
  inputs: readonly string[]
  /** Penalty of the slopes, in snapshots. */
  l2: number
}

/** Fits. @throws PlimsollError when fewer than 3 liquidated vaults are known by then */
export function fitHazard(data: Snapshots, options: FitOptions): Hazard {
  const { knownUntilSec } = options
  const over = (row: number, days: number) => data.timesSec[row]! + days * DAY_SEC <= knownUntilSec
  const known = rowsWhere(data, (row) => over(row, 30))
  const positive = known.filter((row) => data.daysToLiquidation[row]! <= 30)
  const liquidatedVaults = new Set(positive.map((row) => data.vaults[row]!)).size
  if (liquidatedVaults < MIN_VAULTS) {
    throw new PlimsollError(
      `${liquidatedVaults} liquidated vaults are known by ${day(knownUntilSec)}; a model needs ${MIN_VAULTS}`,
      { hint: 'take a later --from: only what was over by then may be learnt from', exitCode: 2 },
    )
  }
  const linear = fitIndex(data, known, options)
  const index = indexOf(data, linear)
  const hazards = INTERVALS_DAYS.map(({ afterDays, untilDays }) => {
    const reached = (row: number) => afterDays === 0 || data.daysToLiquidation[row]! > afterDays
    const rows = rowsWhere(data, (row) => over(row, untilDays) && reached(row))
    return fitPlatt(
      rows.map((row) => index[row]!),
      Uint8Array.from(rows, (row) => (data.daysToLiquidation[row]! <= untilDays ? 1 : 0)),
    )
  })
  return {
    linear,
    p1d: probabilityCurve(hazards.slice(0, 1)),
    p7d: probabilityCurve(hazards.slice(0, 2)),
    p30d: probabilityCurve(hazards),
    learntFrom: { snapshots: known.length, positives: positive.length, liquidatedVaults },
  }
}

/** Risk index of every snapshot. */
export function indexOf(data: Snapshots, linear: LinearModel): Float64Array {
  return Float64Array.from(data.vaults, (_, row) =>
    linearMargin(linear, data.rows.subarray(row * WIDTH, (row + 1) * WIDTH)),
  )
}

/** Slopes within fortnights; the effects of the fortnights are dropped, the curves find the level. */
function fitIndex(data: Snapshots, known: readonly number[], { inputs, l2 }: FitOptions): LinearModel {
  const columns = inputs.map((name) => CREDIT_INPUTS.indexOf(name))
  const periodOf = (row: number) => Math.floor(data.timesSec[row]! / PERIOD_SEC)
  const periods = [...new Set(known.map(periodOf))].sort((a, b) => a - b).slice(1)
  const width = columns.length + periods.length
  const rows = new Float32Array(known.length * width)
  known.forEach((row, i) => {
    columns.forEach((column, c) => {
      rows[i * width + c] = data.rows[row * WIDTH + column]!
    })
    const period = periods.indexOf(periodOf(row))
    if (period >= 0) rows[i * width + columns.length + period] = 1
  })
  const labels = Uint8Array.from(known, (row) => (data.daysToLiquidation[row]! <= 30 ? 1 : 0))
  const signs = [...inputs.map((name) => SIGNS[name] ?? 0), ...periods.map(() => 0)]
  const fit = trainLogistic({ rows, labels }, { featureCount: width, l2, signs })
  const weight = new Array<number>(WIDTH).fill(0)
  const mean = new Array<number>(WIDTH).fill(0)
  columns.forEach((column, c) => {
    weight[column] = fit.weight[c]!
    mean[column] = fit.mean[c]!
  })
  return { weight, mean, bias: fit.bias }
}

/** 1 − Π (1 − hazard) over the index, as knots. */
function probabilityCurve(hazards: readonly { slope: number; intercept: number }[]): Curve {
  const x: number[] = []
  const y: number[] = []
  for (let step = -CURVE_RANGE * 32; step <= CURVE_RANGE * 32; step++) {
    const at = step / 32
    const alive = hazards.reduce(
      (product, { slope, intercept }) => product / (1 + Math.exp(slope * at + intercept)),
      1,
    )
    x.push(at)
    y.push(Math.max(y[y.length - 1] ?? 0, 1 - alive))
  }
  return { x, y }
}

function rowsWhere(data: Snapshots, keep: (row: number) => boolean): number[] {
  return [...data.vaults.keys()].filter(keep)
}

function day(sec: number): string {
  return new Date(sec * 1000).toISOString().slice(0, 10)
}
