/**
 * A monotone curve through knots as an ONNX graph that is exact to the bit on every machine: two one-tree
 * `TreeEnsemble`s look up slope and intercept of the segment, then one multiplication and one addition. That is why
 * calibration does not use `Sigmoid`, whose vectorised exponential differs between CPUs and batch positions.
 */
import type { GraphBuilder } from './graph'

/** y over x: x strictly ascending, y non-descending within [0, 1]; flat outside. At least one knot. */
export type Curve = { x: readonly number[]; y: readonly number[] }

/** The same curve in TypeScript, with the same operations in the same order. NaN gives NaN. */
export function evaluateCurve(curve: Curve, at: number): number {
  if (Number.isNaN(at)) return Number.NaN
  const { slope, intercept } = segments(curve)
  let segment = 0
  while (segment < curve.x.length && at > curve.x[segment]!) segment++
  return Math.min(1, Math.max(0, at * slope[segment]! + intercept[segment]!))
}

/** Knots of 1 / (1 + e^−(slope·m + intercept)), 1/32 logit apart: Platt's calibration within 1.3e-5 of the exact one. */
export function sigmoidCurve({ slope, intercept }: { slope: number; intercept: number }): Curve {
  if (!(slope > 0)) throw new Error(`a calibration slope must be positive, got ${slope}`)
  const x: number[] = []
  const y: number[] = []
  for (let step = -384; step <= 384; step++) {
    const logit = step / 32
    x.push((logit - intercept) / slope)
    y.push(1 / (1 + Math.exp(-logit)))
  }
  return { x, y }
}

/** Adds the curve to a graph; `margin` is double [N,1]; returns the name of double [N,1]. */
export function addCurve(graph: GraphBuilder, margin: string, curve: Curve): string {
  const { slope, intercept } = segments(curve)
  const slopeAt = lookup(graph, { margin, knots: curve.x, values: slope })
  const interceptAt = lookup(graph, { margin, knots: curve.x, values: intercept })
  const line = graph.op('Add', [graph.op('Mul', [margin, slopeAt]), interceptAt])
  const low = graph.constant({ type: 'double', dims: [], values: [0] })
  const high = graph.constant({ type: 'double', dims: [], values: [1] })
  return graph.op('Clip', [line, low, high])
}

/** Segment i lies between knot i−1 (exclusive) and knot i (inclusive); the outermost are flat. */
function segments({ x, y }: Curve): { slope: number[]; intercept: number[] } {
  if (x.length === 0 || x.length !== y.length)
    throw new Error(`curve needs knots: ${x.length} x, ${y.length} y`)
  const slope = [0]
  const intercept = [y[0]!]
  for (let i = 1; i < x.length; i++) {
    const steep = (y[i]! - y[i - 1]!) / (x[i]! - x[i - 1]!)
    slope.push(steep)
    intercept.push(y[i]! - steep * x[i]!)
  }
  slope.push(0)
  intercept.push(y[y.length - 1]!)
  return { slope, intercept }
}

/** A balanced tree: value[i] where i counts the knots below the margin. */
function lookup(
  graph: GraphBuilder,
  { margin, knots, values }: { margin: string; knots: readonly number[]; values: readonly number[] },
): string {
  const splits: number[] = []
  const trueIds: number[] = []
  const falseIds: number[] = []
  const trueLeafs: number[] = []
  const falseLeafs: number[] = []
  const build = (low: number, high: number): number => {
    const middle = (low + high) >> 1
    const node = splits.push(knots[middle]!) - 1
    for (const ids of [trueIds, falseIds, trueLeafs, falseLeafs]) ids.push(0)
    const below = middle > low ? build(low, middle - 1) : middle
    const above = middle < high ? build(middle + 1, high) : middle + 1
    trueIds[node] = below
    trueLeafs[node] = middle > low ? 0 : 1
    falseIds[node] = above
    falseLeafs[node] = middle < high ? 0 : 1
    return node
  }
  build(0, knots.length - 1)
  return graph.op('TreeEnsemble', [margin], {
    domain: 'ai.onnx.ml',
    attributes: {
      aggregate_function: 1,
      n_targets: 1,
      post_transform: 0,
      tree_roots: [0],
      nodes_featureids: splits.map(() => 0),
      nodes_modes: { type: 'uint8', dims: [splits.length], values: new Uint8Array(splits.length) },
      nodes_splits: { type: 'double', dims: [splits.length], values: splits },
      nodes_missing_value_tracks_true: splits.map(() => 0),
      nodes_truenodeids: trueIds,
      nodes_trueleafs: trueLeafs,
      nodes_falsenodeids: falseIds,
      nodes_falseleafs: falseLeafs,
      leaf_targetids: values.map(() => 0),
      leaf_weights: { type: 'double', dims: [values.length], values },
    },
  })
}
