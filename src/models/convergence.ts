/**
 * How training came to its end: the mean log loss over the training rows after the first trees, a few of them, and all. It
 * falls steeply, then flattens; a curve that still falls steeply at its end stopped too early. Before calibration. Pure.
 */
import { type Forest, forestMargins } from './learn/forest'

const POINTS = 20

export interface ConvergencePoint {
  trees: number
  /** Natural log, over the rows given. */
  logLoss: number
}

/** The curve at twenty places, or at every tree when there are fewer. `rows` row-major float32; labels 0 or 1. */
export function convergenceOf(
  forest: Forest,
  { rows, labels }: { rows: Float32Array; labels: ArrayLike<number> },
): ConvergencePoint[] {
  const margins = new Float64Array(labels.length).fill(forest.base)
  const every = Math.max(1, Math.ceil(forest.trees.length / POINTS))
  const points: ConvergencePoint[] = []
  forest.trees.forEach((tree, i) => {
    const step = forestMargins({ ...forest, base: 0, trees: [tree] }, rows)
    for (let row = 0; row < margins.length; row++) margins[row]! += step[row]!
    const trees = i + 1
    if (trees === 1 || trees % every === 0 || trees === forest.trees.length) {
      points.push({ trees, logLoss: Number(meanLogLoss(margins, labels).toFixed(6)) })
    }
  })
  return points
}

function meanLogLoss(margins: Float64Array, labels: ArrayLike<number>): number {
  let sum = 0
  for (let row = 0; row < margins.length; row++) {
    const wrong = labels[row] === 1 ? -margins[row]! : margins[row]!
    // ln(1 + eˣ) without overflow.
    sum += Math.max(wrong, 0) + Math.log1p(Math.exp(-Math.abs(wrong)))
  }
  return sum / margins.length
}
