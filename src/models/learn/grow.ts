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

/**
 * Sums per bin of one node: gradient, curvature and rows beside each other, 256 bins for each of the input's `features`, in
 * their order.
 */
export type Histogram = Float64Array
export const BIN_WIDTH = 3
export const FEATURE_WIDTH = 256 * BIN_WIDTH

export type GrowInput = {
  bins: Bins
  gradient: Float64Array
  curvature: Float64Array
  /** Rows to learn from; reordered in place. */
  rows: Int32Array
  /** Features that may be split on. */
  features: readonly number[]
  options: GrowOptions
  /** As long as `rows`; what they hold is written over. */
  scratch: Scratch
}

export type Scratch = { rows: Int32Array; gradient: Float64Array; curvature: Float64Array }

export function makeScratch(count: number): Scratch {
  return {
    rows: new Int32Array(count),
    gradient: new Float64Array(count),
    curvature: new Float64Array(count),
  }
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
    if (split) stack.push(...applySplit(input, { nodes, task, split }))
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
  { nodes, task, split }: { nodes: TreeNodes; task: Task; split: Split },
): Task[] {
  const middle = partition(input, task, split)
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
  for (let at = 0; at < histogram.length; at++) histogram[at]! -= small[at]!
  return smallIsLeft ? [small, histogram] : [histogram, small]
}

/** Stable partition of the task's rows; returns where the right side starts. */
function partition({ rows, bins, scratch }: GrowInput, { start, end }: Task, split: Split): number {
  const spare = scratch.rows
  const { bin, missingLeft } = split
  const column = bins.codes.subarray(split.feature * bins.rowCount, (split.feature + 1) * bins.rowCount)
  let left = start
  let right = 0
  for (let i = start; i < end; i++) {
    const row = rows[i]!
    const code = column[row]!
    if (code === MISSING ? missingLeft : code <= bin) rows[left++] = row
    else spare[right++] = row
  }
  rows.set(spare.subarray(0, right), left)
  return left
}

function histogramOf(input: GrowInput, start: number, end: number): Histogram {
  const { bins, rows, features, scratch } = input
  // The node's sums lie in its rows' order, so that every feature's pass reads them one behind the other.
  const { gradient, curvature } = scratch
  for (let i = start; i < end; i++) {
    gradient[i] = input.gradient[rows[i]!]!
    curvature[i] = input.curvature[rows[i]!]!
  }
  const histogram = new Float64Array(features.length * FEATURE_WIDTH)
  for (let place = 0; place < features.length; place++) {
    const column = features[place]! * bins.rowCount
    addColumn(histogram.subarray(place * FEATURE_WIDTH, (place + 1) * FEATURE_WIDTH), {
      codes: bins.codes.subarray(column, column + bins.rowCount),
      ...{ rows, start, end, gradient, curvature },
    })
  }
  return histogram
}

function addColumn(
  sums: Float64Array,
  of: Scratch & { codes: Uint8Array; start: number; end: number },
): void {
  const { codes, rows, start, end, gradient, curvature } = of
  for (let i = start; i < end; i++) {
    const at = codes[rows[i]!]! * BIN_WIDTH
    sums[at]! += gradient[i]!
    sums[at + 1]! += curvature[i]!
    sums[at + 2]! += 1
  }
}
