/**
 * One regression tree on gradients and curvatures (Newton boosting: Chen & Guestrin, KDD 2016), grown depth first from
 * histograms. A missing value goes to whichever side gains more; monotone features keep their order by bounding the
 * leaf values on both sides of a split.
 */
import { type Bins, MISSING } from './bins'
import type { Tree } from './forest'
import { bestSplit, type Split } from './split'
import { addNode, emptyNodes, packTree, setSplit, type TreeNodes } from './tree-nodes'

export type GrowOptions = {
  maxDepth: number
  minLeafRows: number
  /** L2 penalty on leaf values. */
  lambda: number
  learningRate: number
  /** Per feature: 1 = margin may only rise with it, −1 = only fall, 0 = free. */
  monotone: Int8Array
}

/** Sums per bin of one node: gradient, curvature and rows; 256 bins for each of the input's `features`, in their order. */
export type Histogram = { gradient: Float64Array; curvature: Float64Array; rows: Float64Array }

export type GrowInput = {
  bins: Bins
  gradient: Float64Array
  curvature: Float64Array
  /** Rows to learn from; reordered in place. */
  rows: Int32Array
  /** Features that may be split on. */
  features: readonly number[]
  options: GrowOptions
}

type Task = {
  node: number
  start: number
  end: number
  depth: number
  low: number
  high: number
  histogram: Histogram
}
/** Grows a tree. The result's leaf values carry the learning rate and are float32. */
export function growTree(input: GrowInput): Tree {
  const { rows, options } = input
  const nodes = emptyNodes()
  const spare = new Int32Array(rows.length)
  const root = histogramOf(input, 0, rows.length)
  const stack: Task[] = [
    {
      node: addNode(nodes),
      start: 0,
      end: rows.length,
      depth: 0,
      low: -Infinity,
      high: Infinity,
      histogram: root,
    },
  ]
  for (let task = stack.pop(); task; task = stack.pop()) {
    nodes.cover[task.node] = task.end - task.start
    const split = findSplit(input, task)
    if (split) stack.push(...applySplit(input, { nodes, spare, task, split }))
    else nodes.value[task.node] = Math.fround(options.learningRate * leafValue(input, task))
  }
  return packTree(nodes)
}

function findSplit(input: GrowInput, task: Task): Split | undefined {
  const { maxDepth, minLeafRows } = input.options
  if (task.depth >= maxDepth || task.end - task.start < 2 * minLeafRows) return undefined
  return bestSplit({ histogram: task.histogram, input, low: task.low, high: task.high })
}

function leafValue(input: GrowInput, task: Task): number {
  let gradient = 0
  let curvature = 0
  for (let i = task.start; i < task.end; i++) {
    gradient += input.gradient[input.rows[i]!]!
    curvature += input.curvature[input.rows[i]!]!
  }
  return Math.min(task.high, Math.max(task.low, -gradient / (curvature + input.options.lambda)))
}

/** Writes the split into the node, parts its rows, and returns the two tasks that follow. */
function applySplit(
  input: GrowInput,
  { nodes, spare, task, split }: { nodes: TreeNodes; spare: Int32Array; task: Task; split: Split },
): Task[] {
  const middle = partition(input, { spare, task, split })
  const { node, start, end, depth, low, high } = task
  const left = addNode(nodes)
  const right = addNode(nodes)
  const threshold = input.bins.cuts[split.feature]![split.bin]!
  setSplit(nodes, node, { ...split, threshold, left, right })
  const order = input.options.monotone[split.feature]!
  const half = (split.leftValue + split.rightValue) / 2
  const leftBounds = { low: order < 0 ? half : low, high: order > 0 ? half : high }
  const rightBounds = { low: order > 0 ? half : low, high: order < 0 ? half : high }
  const [leftHistogram, rightHistogram] = childHistograms(input, { task, middle })
  return [
    { node: left, start, end: middle, depth: depth + 1, ...leftBounds, histogram: leftHistogram },
    { node: right, start: middle, end, depth: depth + 1, ...rightBounds, histogram: rightHistogram },
  ]
}

/** Counts the smaller side and subtracts it from the parent, whose arrays become the larger side's. */
function childHistograms(
  input: GrowInput,
  { task, middle }: { task: Task; middle: number },
): [Histogram, Histogram] {
  const { start, end, depth, histogram } = task
  const { maxDepth, minLeafRows } = input.options
  if (depth + 1 >= maxDepth || end - start < 2 * minLeafRows) return [histogram, histogram]
  const smallIsLeft = middle - start <= end - middle
  const small = smallIsLeft ? histogramOf(input, start, middle) : histogramOf(input, middle, end)
  for (let at = 0; at < histogram.rows.length; at++) {
    histogram.gradient[at]! -= small.gradient[at]!
    histogram.curvature[at]! -= small.curvature[at]!
    histogram.rows[at]! -= small.rows[at]!
  }
  return smallIsLeft ? [small, histogram] : [histogram, small]
}

/** Stable partition of the task's rows; returns where the right side starts. */
function partition(
  input: GrowInput,
  { spare, task, split }: { spare: Int32Array; task: Task; split: Split },
): number {
  const { rows, bins } = input
  const column = split.feature * bins.rowCount
  let left = task.start
  let right = 0
  for (let i = task.start; i < task.end; i++) {
    const row = rows[i]!
    const code = bins.codes[column + row]!
    const goesLeft = code === MISSING ? split.missingLeft : code <= split.bin
    if (goesLeft) rows[left++] = row
    else spare[right++] = row
  }
  rows.set(spare.subarray(0, right), left)
  return left
}

function histogramOf(input: GrowInput, start: number, end: number): Histogram {
  const { bins, rows, features } = input
  const size = features.length * 256
  const histogram = {
    gradient: new Float64Array(size),
    curvature: new Float64Array(size),
    rows: new Float64Array(size),
  }
  for (let place = 0; place < features.length; place++) {
    const column = features[place]! * bins.rowCount
    const offset = place * 256
    for (let i = start; i < end; i++) {
      const row = rows[i]!
      const at = offset + bins.codes[column + row]!
      histogram.gradient[at]! += input.gradient[row]!
      histogram.curvature[at]! += input.curvature[row]!
      histogram.rows[at]! += 1
    }
  }
  return histogram
}
