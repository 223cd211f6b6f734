/**
 * Gradient boosting for a yes/no question: each round fits a tree to the gradients of the log loss and adds it.
 * Stops early when a validation set stops improving. The same data, options and seed give the same forest, bit for bit.
 */
import { seededRandom } from '../../math/statistics'
import { makeBins } from './bins'
import { type Forest, leafOf, type Tree } from './forest'
import { type GrowOptions, growTree, makeScratch } from './grow'

/** Row-major float32 features (NaN = missing), labels 0 or 1, optional positive weights (mean near 1). */
export type LabelledRows = { rows: Float32Array; labels: Uint8Array; weights?: Float64Array }

export type BoostOptions = {
  featureCount: number
  rounds: number
  maxDepth: number
  minLeafRows: number
  lambda: number
  learningRate: number
  /** Share of rows drawn for each tree, without replacement. */
  rowShare: number
  /** Share of features drawn for each tree. */
  featureShare: number
  seed: number
  /** Per feature 1, −1 or 0; all 0 when absent. */
  monotone?: readonly number[]
  /** Features that may be split on; all when absent. */
  usable?: readonly number[]
  /** Bins a feature, 2 to 255; fewer make smoother functions. Default 255. */
  maxBins?: number
  /** Rounds without improvement of the validation log loss before stopping. */
  patience?: number
}

export type BoostResult = {
  forest: Forest
  /** Rounds kept. */
  rounds: number
  /** Validation log loss after each round; empty without a validation set. */
  curve: number[]
}

/** Trains on `train`; with `validation` the forest is cut back to its best round. Throws on bad labels or no rows. */
export function trainBoost(
  train: LabelledRows,
  options: BoostOptions,
  validation?: LabelledRows,
): BoostResult {
  const count = train.labels.length
  const { featureCount, seed } = options
  if (count === 0 || train.rows.length !== count * featureCount) {
    throw new Error(
      `boosting needs ${count} rows × ${featureCount} features, got ${train.rows.length} numbers`,
    )
  }
  const bins = makeBins({
    ...{ rows: train.rows, featureCount, maxBins: options.maxBins ?? 255, usable: options.usable },
  })
  const usable = options.usable ?? Array.from({ length: featureCount }, (_, f) => f)
  const random = seededRandom(seed)
  const base = Math.fround(priorLogOdds(train))
  const margins = new Float64Array(count).fill(base)
  const validationMargins = new Float64Array(validation?.labels.length ?? 0).fill(base)
  const trees: Tree[] = []
  const curve: number[] = []
  const gradient = new Float64Array(count)
  const curvature = new Float64Array(count)
  const grow = growOptions(options)
  const scratch = makeScratch(count)
  let best = { rounds: 0, loss: Infinity }
  for (let round = 1; round <= options.rounds; round++) {
    setGradients({ train, margins, gradient, curvature })
    const rows = drawSome(count, options.rowShare, random)
    const features = [...drawSome(usable.length, options.featureShare, random)].map((i) => usable[i]!)
    const tree = growTree({ bins, gradient, curvature, rows, features, options: grow, scratch })
    trees.push(tree)
    addTree(margins, tree, train.rows, featureCount)
    if (!validation) continue
    addTree(validationMargins, tree, validation.rows, featureCount)
    const loss = logLoss(validation, validationMargins)
    curve.push(loss)
    if (loss < best.loss) best = { rounds: round, loss }
    if (round - best.rounds >= (options.patience ?? 50)) break
  }
  const rounds = validation ? best.rounds : trees.length
  return { forest: { featureCount, base, trees: trees.slice(0, rounds) }, rounds, curve }
}

function growOptions(options: BoostOptions): GrowOptions {
  const { maxDepth, minLeafRows, lambda, learningRate, featureCount, monotone } = options
  return {
    maxDepth,
    minLeafRows,
    lambda,
    learningRate,
    monotone: Int8Array.from(monotone ?? new Int8Array(featureCount)),
  }
}

function priorLogOdds({ labels, weights }: LabelledRows): number {
  let positive = 0
  let total = 0
  labels.forEach((label, i) => {
    if (label !== 0 && label !== 1) throw new Error(`labels must be 0 or 1, got ${label} at row ${i}`)
    positive += label * (weights?.[i] ?? 1)
    total += weights?.[i] ?? 1
  })
  if (positive === 0 || positive === total) throw new Error('boosting needs rows of both classes')
  return Math.log(positive / (total - positive))
}

function setGradients(options: {
  train: LabelledRows
  margins: Float64Array
  gradient: Float64Array
  curvature: Float64Array
}): void {
  const { train, margins, gradient, curvature } = options
  const { labels, weights } = train
  for (let i = 0; i < margins.length; i++) {
    const p = 1 / (1 + Math.exp(-margins[i]!))
    const weight = weights === undefined ? 1 : weights[i]!
    gradient[i] = weight * (p - labels[i]!)
    curvature[i] = weight * p * (1 - p)
  }
}

function addTree(margins: Float64Array, tree: Tree, rows: Float32Array, featureCount: number): void {
  for (let i = 0; i < margins.length; i++) margins[i]! += tree.value[leafOf(tree, rows, i * featureCount)]!
}

function logLoss({ labels, weights }: LabelledRows, margins: Float64Array): number {
  let loss = 0
  for (let i = 0; i < margins.length; i++) {
    const signed = labels[i] === 1 ? -margins[i]! : margins[i]!
    loss += (weights?.[i] ?? 1) * (Math.max(0, signed) + Math.log1p(Math.exp(-Math.abs(signed))))
  }
  return loss / margins.length
}

/** A random share of 0 … count − 1, ascending; at least one. */
function drawSome(count: number, share: number, random: () => number): Int32Array {
  // A loop: `Int32Array.from` with a callback takes longer here than drawing does.
  const all = new Int32Array(count)
  for (let i = 0; i < count; i++) all[i] = i
  if (share >= 1) return all
  const take = Math.max(1, Math.round(count * share))
  for (let i = 0; i < take; i++) {
    const j = i + Math.floor(random() * (count - i))
    const kept = all[i]!
    all[i] = all[j]!
    all[j] = kept
  }
  const taken = new Uint8Array(count)
  for (let i = 0; i < take; i++) taken[all[i]!] = 1
  let kept = 0
  for (let i = 0; i < count; i++) if (taken[i] === 1) all[kept++] = i
  return all.slice(0, take)
}
