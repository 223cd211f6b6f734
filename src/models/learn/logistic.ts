/**
 * Logistic regression with an L2 penalty, by Newton's method on standardised inputs. Weights may be required to have a
 * sign; those that come out on the wrong side are fixed at zero, worst first, and the rest is fitted again.
 */

import type { LinearModel } from '../onnx/linear'
import type { LabelledRows } from './boost'

export type LogisticOptions = {
  featureCount: number
  /** Penalty λ/2 · |w|² on standardised weights, in units of one row; the intercept is free. */
  l2: number
  /** Per feature 1 (weight >= 0), −1 (weight <= 0) or 0. */
  signs?: readonly number[]
}

/** Fits; NaN is refused. Constant features get weight 0. The result's bias is the log odds at the mean row. */
export function trainLogistic(train: LabelledRows, options: LogisticOptions): LinearModel {
  const { featureCount } = options
  const { mean, deviation } = moments(train.rows, featureCount)
  const open = new Set<number>()
  deviation.forEach((d, f) => {
    if (d > 0) open.add(f)
  })
  for (;;) {
    const active = [...open]
    const design = standardise(train.rows, { featureCount, active, mean, deviation })
    const solution = newton(design, train, { width: active.length + 1, l2: options.l2 })
    const wrong = active
      .map((f, i) => ({ f, wrongness: -(options.signs?.[f] ?? 0) * solution[i + 1]! }))
      .filter(({ wrongness }) => wrongness > 0)
      .sort((a, b) => b.wrongness - a.wrongness)[0]
    if (wrong) {
      open.delete(wrong.f)
      continue
    }
    const weight = new Array<number>(featureCount).fill(0)
    active.forEach((f, i) => {
      weight[f] = solution[i + 1]! / deviation[f]!
    })
    return { weight, mean, bias: solution[0]! }
  }
}

function moments(rows: Float32Array, featureCount: number): { mean: number[]; deviation: number[] } {
  const count = rows.length / featureCount
  const mean = new Array<number>(featureCount).fill(0)
  const square = new Array<number>(featureCount).fill(0)
  rows.forEach((x, i) => {
    if (Number.isNaN(x))
      throw new Error(`logistic regression refuses NaN (row ${Math.floor(i / featureCount)})`)
    mean[i % featureCount]! += x / count
  })
  rows.forEach((x, i) => {
    square[i % featureCount]! += (x - mean[i % featureCount]!) ** 2 / count
  })
  return { mean, deviation: square.map((s, f) => (s > 1e-12 * (1 + mean[f]! ** 2) ? Math.sqrt(s) : 0)) }
}

/** Row-major [rows, 1 + active]: a one, then the standardised active features. */
function standardise(
  rows: Float32Array,
  options: { featureCount: number; active: number[]; mean: number[]; deviation: number[] },
): Float64Array {
  const { featureCount, active, mean, deviation } = options
  const count = rows.length / featureCount
  const width = active.length + 1
  const design = new Float64Array(count * width)
  for (let r = 0; r < count; r++) {
    design[r * width] = 1
    active.forEach((f, i) => {
      design[r * width + i + 1] = (rows[r * featureCount + f]! - mean[f]!) / deviation[f]!
    })
  }
  return design
}

function newton(
  design: Float64Array,
  { labels, weights }: LabelledRows,
  { width, l2 }: { width: number; l2: number },
): Float64Array {
  const solution = new Float64Array(width)
  for (let step = 0; step < 50; step++) {
    const gradient = new Float64Array(width)
    const curvature = new Float64Array(width * width)
    for (let i = 1; i < width; i++) {
      gradient[i] = l2 * solution[i]!
      curvature[i * width + i] = l2
    }
    for (let r = 0; r < labels.length; r++) {
      let margin = 0
      for (let i = 0; i < width; i++) margin += solution[i]! * design[r * width + i]!
      const p = 1 / (1 + Math.exp(-margin))
      const weight = weights?.[r] ?? 1
      for (let i = 0; i < width; i++) {
        const xi = design[r * width + i]!
        gradient[i]! += weight * (p - labels[r]!) * xi
        for (let j = 0; j <= i; j++)
          curvature[i * width + j]! += weight * p * (1 - p) * xi * design[r * width + j]!
      }
    }
    const change = solveSymmetric(curvature, gradient)
    const size = Math.max(...change.map(Math.abs))
    const damp = Math.min(1, 4 / size)
    for (let i = 0; i < width; i++) solution[i]! -= damp * change[i]!
    if (size < 1e-10) break
  }
  return solution
}

/** Solves A x = b by Cholesky; A is symmetric positive definite, its lower triangle given. Overwrites A. */
export function solveSymmetric(a: Float64Array, b: Float64Array): Float64Array {
  const n = b.length
  const x = b.slice()
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = a[i * n + j]!
      for (let k = 0; k < j; k++) sum -= a[i * n + k]! * a[j * n + k]!
      if (i === j && !(sum > 0)) throw new Error('matrix is not positive definite; raise the penalty')
      a[i * n + j] = i === j ? Math.sqrt(sum) : sum / a[j * n + j]!
    }
  }
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < i; k++) x[i]! -= a[i * n + k]! * x[k]!
    x[i]! /= a[i * n + i]!
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let k = i + 1; k < n; k++) x[i]! -= a[k * n + i]! * x[k]!
    x[i]! /= a[i * n + i]!
  }
  return x
}
