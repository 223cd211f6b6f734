/**
 * The best split of one node, read from its histogram: for every feature and cut, and for both homes of the missing
 * values, the gain G²/(H+λ) of the two sides over the whole. Numbers are kept in scalars, not objects: this loop runs
 * for every bin of every node.
 */
import { MISSING } from './bins'
import { BIN_WIDTH, FEATURE_WIDTH, type GrowInput, type Histogram } from './grow'

export type Split = {
  feature: number
  /** Rows with code <= bin go left. */
  bin: number
  missingLeft: boolean
  gain: number
  /** Leaf values the two sides would have, before the learning rate. */
  leftValue: number
  rightValue: number
}

type Search = { histogram: Histogram; input: GrowInput; low: number; high: number; best: Split | undefined }

const MIN_GAIN = 1e-6
const MIN_CURVATURE = 1e-3

/** Undefined when no split gains enough, leaves enough rows on both sides and keeps the monotone order. */
export function bestSplit(options: {
  histogram: Histogram
  input: GrowInput
  low: number
  high: number
}): Split | undefined {
  const search: Search = { ...options, best: undefined }
  options.input.features.forEach((feature, place) => {
    searchFeature(search, feature, place)
  })
  return search.best
}

function searchFeature(search: Search, feature: number, place: number): void {
  const sums = search.histogram.subarray(place * FEATURE_WIDTH, (place + 1) * FEATURE_WIDTH)
  const cuts = search.input.bins.cuts[feature]!.length
  const { minLeafRows } = search.input.options
  let allG = 0
  let allH = 0
  let allRows = 0
  for (let at = 0; at <= cuts * BIN_WIDTH; at += BIN_WIDTH) {
    allG += sums[at]!
    allH += sums[at + 1]!
    allRows += sums[at + 2]!
  }
  const missingRows = sums[MISSING * BIN_WIDTH + 2]!
  const missingG = missingRows > 0 ? sums[MISSING * BIN_WIDTH]! : 0
  const missingH = missingRows > 0 ? sums[MISSING * BIN_WIDTH + 1]! : 0
  let g = 0
  let h = 0
  let n = 0
  for (let bin = 0; bin < cuts; bin++) {
    const at = bin * BIN_WIDTH
    const rows = sums[at + 2]!
    if (rows === 0) continue
    g += sums[at]!
    h += sums[at + 1]!
    n += rows
    const restG = allG - g
    const restH = allH - h
    const restN = allRows - n
    const largerLeft = n >= restN
    if ((missingRows > 0 || largerLeft) && n + missingRows >= minLeafRows && restN >= minLeafRows)
      judge(search, feature, bin, true, g + missingG, h + missingH, restG, restH)
    if ((missingRows > 0 || !largerLeft) && n >= minLeafRows && restN + missingRows >= minLeafRows)
      judge(search, feature, bin, false, g, h, restG + missingG, restH + missingH)
  }
}

/** Keeps the candidate when it gains more than the best so far. The last four are sums of gradient and curvature. */
function judge(
  search: Search,
  feature: number,
  bin: number,
  missingLeft: boolean,
  leftG: number,
  leftH: number,
  rightG: number,
  rightH: number,
): void {
  if (leftH < MIN_CURVATURE || rightH < MIN_CURVATURE) return
  const { low, high } = search
  const { lambda, monotone } = search.input.options
  const leftValue = Math.min(high, Math.max(low, -leftG / (leftH + lambda)))
  const rightValue = Math.min(high, Math.max(low, -rightG / (rightH + lambda)))
  if (monotone[feature]! * (rightValue - leftValue) < 0) return
  const g = leftG + rightG
  const h = leftH + rightH
  const whole = Math.min(high, Math.max(low, -g / (h + lambda)))
  const gain =
    score(leftG, leftH + lambda, leftValue) +
    score(rightG, rightH + lambda, rightValue) -
    score(g, h + lambda, whole)
  if (gain > Math.max(MIN_GAIN, search.best?.gain ?? 0))
    search.best = { feature, bin, missingLeft, gain, leftValue, rightValue }
}

function score(g: number, penalisedH: number, value: number): number {
  return -(2 * g * value + penalisedH * value * value)
}
