/**
 * Trees compiled to tensors, for GPUs, which have no TreeEnsemble: all rows step down all trees at once, one level at a
 * time, by looking up tables (Nakandala et al., OSDI 2020, "Hummingbird"). Float32 and int32 only, and no MatMul, so
 * that reduced-precision units cannot interfere.
 *
 * A GPU may not know NaN. The features therefore come twice, side by side in one row of 2F: NaN as −∞ in the first
 * copy, as +∞ in the second. A node whose missing values go left reads the first copy (−∞ <= any threshold), the others
 * read the second. `encodeMissing` makes such rows.
 */
import { createGraph, type GraphBuilder } from './graph'
import type { Ensemble, ReadForest } from './read-forest'

/** Rows [N, F] → [N, 2F]: NaN is −∞ in the first F columns and +∞ in the others. */
export function encodeMissing(rows: Float32Array, featureCount: number): Float32Array {
  const both = new Float32Array(rows.length * 2)
  for (let i = 0; i < rows.length; i++) {
    const x = rows[i]!
    const at = i + featureCount * Math.floor(i / featureCount)
    both[at] = Number.isNaN(x) ? Number.NEGATIVE_INFINITY : x
    both[at + featureCount] = Number.isNaN(x) ? Number.POSITIVE_INFINITY : x
  }
  return both
}

/**
 * The model file's GPU form: input `both` float [N, 2F]; outputs `value`, `margin` [N, 1], `contributions` [N, F] and
 * `bias` [1] as in the canonical file, but float32. Serves only after a comparison with it (models/gate.ts).
 */
export function writeTensorModel(forest: ReadForest, name: string): Uint8Array {
  const graph = createGraph()
  const { inputs, ensemble, leafValues, leafReasons, base, bias, curve } = forest
  const width = inputs.length
  const both = graph.input({ name: 'both', type: 'float', width: 2 * width })
  const leaf = addTraversal(graph, both, ensemble, width)
  const margin = graph.op('Add', [
    sum(graph, look(graph, { type: 'float', dims: [leafValues.length], values: leafValues }, leaf), 1),
    graph.constant({ type: 'float', dims: [1], values: [base] }),
  ])
  const reasons = look(graph, { type: 'float', dims: [leafValues.length, width], values: leafReasons }, leaf)
  const contributions = sum(graph, reasons, 0)
  const segment = addTraversal(graph, margin, curve.tree, 0)
  const slope = look(graph, { type: 'float', dims: [curve.slope.length], values: curve.slope }, segment)
  const intercept = look(
    graph,
    { type: 'float', dims: [curve.slope.length], values: curve.intercept },
    segment,
  )
  const line = graph.op('Add', [graph.op('Mul', [margin, slope]), intercept])
  const [low, high] = [0, 1].map((value) => graph.constant({ type: 'float', dims: [], values: [value] }))
  graph.output({
    name: 'value',
    source: graph.op('Clip', [line, low!, high!]),
    type: 'float',
    dims: ['N', 1],
  })
  graph.output({ name: 'margin', source: margin, type: 'float', dims: ['N', 1] })
  graph.output({ name: 'contributions', source: contributions, type: 'float', dims: ['N', width] })
  const biasName = graph.constant({ type: 'float', dims: [1], values: [bias] })
  graph.output({ name: 'bias', source: biasName, type: 'float', dims: [1] })
  return graph.finish({ name, version: '1', metadata: { form: 'tensor' } })
}

/**
 * Number of the leaf that each row reaches in each tree, int32 [N, trees]. Nodes are numbered inner ones first, leaves
 * after them; a leaf's sides are itself, so that shallow trees wait for deep ones.
 */
function addTraversal(graph: GraphBuilder, x: string, ensemble: Ensemble, secondCopyAt: number): string {
  const { feature, threshold, yes, no, inner } = tablesOf(ensemble, secondCopyAt)
  const table = (values: readonly number[]) =>
    graph.constant({ type: 'int32', dims: [values.length], values })
  const thresholds = graph.constant({ type: 'float', dims: [threshold.length], values: threshold })
  const [features, yesTable, noTable] = [table(feature), table(yes), table(no)]
  const atRoots = (values: readonly number[], type: 'int32' | 'float') =>
    graph.constant({
      type,
      dims: [1, ensemble.roots.length],
      values: ensemble.roots.map((root) => values[root]!),
    })
  const rootFeatures = table(ensemble.roots.map((root) => feature[root]!))
  const first = graph.op('Gather', [x, rootFeatures], { attributes: { axis: 1 } })
  const goes = graph.op('LessOrEqual', [first, atRoots(threshold, 'float')])
  let node = graph.op('Where', [goes, atRoots(yes, 'int32'), atRoots(no, 'int32')])
  const from = (name: string) => graph.op('Gather', [name, node], { attributes: { axis: 0 } })
  for (let level = 1; level < depthOf(ensemble); level++) {
    const value = graph.op('GatherElements', [x, from(features)], { attributes: { axis: 1 } })
    const yesSide = graph.op('LessOrEqual', [value, from(thresholds)])
    node = graph.op('Where', [yesSide, from(yesTable), from(noTable)])
  }
  return graph.op('Sub', [node, graph.constant({ type: 'int32', dims: [1], values: [inner] })])
}

function tablesOf(ensemble: Ensemble, secondCopyAt: number) {
  const inner = ensemble.featureIds.length
  const leaves = Array.from(ensemble.leafWeights, (_, i) => inner + i)
  const sides = (ids: readonly number[], leafs: readonly number[]) => [
    ...ids.map((id, i) => (leafs[i] === 1 ? inner + id : id)),
    ...leaves,
  ]
  const feature = ensemble.featureIds.map((f, i) => (ensemble.missingTrue[i] === 1 ? f : f + secondCopyAt))
  return {
    inner,
    feature: [...feature, ...leaves.map(() => 0)],
    threshold: [...ensemble.splits, ...leaves.map(() => 0)],
    yes: sides(ensemble.trueIds, ensemble.trueLeafs),
    no: sides(ensemble.falseIds, ensemble.falseLeafs),
  }
}

/** Splits on the longest way from a root to a leaf. */
function depthOf({ roots, trueIds, trueLeafs, falseIds, falseLeafs }: Ensemble): number {
  const below = (node: number): number =>
    1 +
    Math.max(
      trueLeafs[node] === 1 ? 0 : below(trueIds[node]!),
      falseLeafs[node] === 1 ? 0 : below(falseIds[node]!),
    )
  return Math.max(...roots.map(below))
}

function look(graph: GraphBuilder, table: Parameters<GraphBuilder['constant']>[0], index: string): string {
  return graph.op('Gather', [graph.constant(table), index], { attributes: { axis: 0 } })
}

/** Sum over axis 1, the trees. */
function sum(graph: GraphBuilder, x: string, keepdims: 0 | 1): string {
  const axis = graph.constant({ type: 'int64', dims: [1], values: [1] })
  return graph.op('ReduceSum', [x, axis], { attributes: { keepdims } })
}
