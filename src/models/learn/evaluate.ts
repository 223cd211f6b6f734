/**
 * Honest evaluation: folds in which both classes keep their share, calibration fitted beside the rows it is judged on,
 * and every figure with an interval from drawing whole entities.
 */
import { rank } from '../../math/ranks'
import {
  averagePrecision,
  bootstrapInterval,
  brierScore,
  calibrationError,
  pickScored,
  rocAuc,
  type Scored,
  seededRandom,
} from '../../math/statistics'
import type { LabelledRows } from './boost'
import { trainLogistic } from './logistic'

/** A figure with its 95 % interval. */
export type Measured = { value: number; low: number; high: number }

/** Fold number of each row, 0 … folds − 1; within each class the folds' sizes differ by at most one. */
export function stratifiedFolds(labels: Uint8Array, folds: number, seed: number): Uint8Array {
  const random = seededRandom(seed)
  const fold = new Uint8Array(labels.length)
  for (const label of [0, 1]) {
    const members = [...labels.keys()].filter((i) => labels[i] === label)
    for (let i = members.length - 1; i > 0; i--) {
      const j = Math.floor(random() * (i + 1))
      const kept = members[i]!
      members[i] = members[j]!
      members[j] = kept
    }
    members.forEach((row, i) => {
      fold[row] = i % folds
    })
  }
  return fold
}

/** The rows whose index passes, as a set of its own. */
export function selectRows(all: LabelledRows, width: number, keep: (index: number) => boolean): LabelledRows {
  const picked = [...all.labels.keys()].filter(keep)
  const rows = new Float32Array(picked.length * width)
  picked.forEach((from, to) => {
    rows.set(all.rows.subarray(from * width, (from + 1) * width), to * width)
  })
  const labels = Uint8Array.from(picked, (i) => all.labels[i]!)
  const { weights } = all
  return weights ? { rows, labels, weights: Float64Array.from(picked, (i) => weights[i]!) } : { rows, labels }
}

/** Platt's calibration: slope and intercept of a logistic regression of the labels on the margins. */
export function fitPlatt(
  margins: ArrayLike<number>,
  labels: Uint8Array,
): { slope: number; intercept: number } {
  const { weight, mean, bias } = trainLogistic(
    { rows: Float32Array.from(margins), labels },
    { featureCount: 1, l2: 1e-6, signs: [1] },
  )
  return { slope: weight[0]!, intercept: bias - weight[0]! * mean[0]! }
}

/** AUC, average precision, calibration error and Brier score, with intervals by clusters (one entity, one cluster). */
export function measure(
  scored: Scored,
  options: { clusters: ArrayLike<number | string>; draws: number; seed: number },
): { auc: Measured; ap: Measured; ece: Measured; brier: Measured } {
  const ranked: Scored = { ...scored, ranked: rank(scored.scores) }
  const one = (statistic: (s: Scored) => number): Measured => ({
    value: statistic(ranked),
    ...bootstrapInterval({ ...options, statistic: (rows) => statistic(pickScored(ranked, rows)) }),
  })
  return {
    auc: one(rocAuc),
    ap: one(averagePrecision),
    ece: one((s) => calibrationError(s)),
    brier: one(brierScore),
  }
}
