/** The cohorts by which `credit` is audited, and what its card draws: both from out-of-time probabilities of 30 days. */
import { cohortAudit, levelsOf } from '../cohorts'
import { type Curves, curvesOf } from '../curves'
import { type LinearModel, linearParts } from '../onnx/linear'
import type { Judged } from './backtest'
import { CREDIT_INPUTS } from './hazard'

const WIDTH = CREDIT_INPUTS.length

/** Bias audit and curves; the importance of inputs is that of `linear`, the model that is served, on the judged rows. */
export function creditAudit({ data, rows, scores }: Judged, linear: LinearModel) {
  const labels = Uint8Array.from(rows, (row) => (data.daysToLiquidation[row]! <= 30 ? 1 : 0))
  const scored = { scores, labels }
  const column = (values: ArrayLike<number>) => rows.map((row) => values[row]!)
  const curves: Curves = curvesOf({
    scored,
    features: CREDIT_INPUTS,
    contributions: rows.flatMap((row) =>
      linearParts(linear, data.rows.subarray(row * WIDTH, (row + 1) * WIDTH)),
    ),
  })
  const cohorts = cohortAudit(scored, {
    chain: rows.map(() => 'ethereum'),
    ageDays: levelsOf(column(data.agesDays), [7, 30, 90]),
    debtDai: levelsOf(column(data.debtsDai), [10_000, 100_000, 1_000_000]),
  })
  return { cohorts, curves }
}
