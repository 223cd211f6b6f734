/** The cohorts by which `liquidation` is audited, and what its card draws: both from out-of-time probabilities. */
import { cohortAudit, levelsOf } from '../cohorts'
import { curvesOf } from '../curves'
import { type LinearModel, linearParts } from '../onnx/linear'
import type { Snapshots } from './dataset'
import { liquidationSpec } from './spec'

const names = liquidationSpec.inputs.map((input) => input.name)
const WIDTH = names.length

/** Bias audit and curves of the judged rows; the importance of inputs is that of `linear`, the model that is served. */
export function liquidationAudit(
  data: Snapshots,
  { rows, scores }: { rows: readonly number[]; scores: ArrayLike<number> },
  linear: LinearModel,
) {
  const scored = { scores, labels: Uint8Array.from(rows, (row) => data.labels[row]!) }
  const column = (values: ArrayLike<number>) => rows.map((row) => values[row]!)
  return {
    cohorts: cohortAudit(scored, {
      chain: rows.map(() => 'ethereum'),
      ageDays: levelsOf(column(data.agesDays), [7, 30, 90]),
      debtDai: levelsOf(column(data.debtsDai), [10_000, 100_000, 1_000_000]),
    }),
    curves: curvesOf({
      scored,
      features: names,
      contributions: rows.flatMap((row) =>
        linearParts(linear, data.rows.subarray(row * WIDTH, (row + 1) * WIDTH)),
      ),
    }),
  }
}
