/**
 * Boosted trees as ONNX `TreeEnsemble` (ai.onnx.ml opset 5) in float64, and their Saabas contributions in the same
 * graph. Why float64: with float32-rounded thresholds and leaves the sums carry no visible rounding, so batch size and
 * thread count cannot change a bit.
 *
 * Contributions: a second ensemble has one target per tree and gives the number of the leaf each tree ends in; those
 * numbers look up rows of a table [leaves, features] whose sum over trees is the explanation. The table holds multiples
 * of 2⁻²³, so float64 sums of it are exact and no order of summing can change a bit of a stored reason.
 */
import { type Forest, leafContributions, type Tree } from '../learn/forest'
import type { AttributeValue, GraphBuilder } from './graph'

/** Nodes and leaves of all trees, flattened as the operator wants them. */
type Flat = {
  roots: number[]
  featureIds: number[]
  splits: number[]
  missingTrue: number[]
  trueIds: number[]
  trueLeafs: number[]
  falseIds: number[]
  falseLeafs: number[]
  leafTree: number[]
  leafValues: number[]
  /** Row-major [leaves, features]. */
  leafReasons: number[]
}

/** Adds the forest to a graph; `x` is double [N, F]. Returns names of margin (double [N,1]) and contributions (float [N,F]). */
export function addForest(
  graph: GraphBuilder,
  x: string,
  forest: Forest,
): { margin: string; contributions: string } {
  const flat = flatten(forest)
  const sum = ensemble(graph, x, flat, {
    targets: 1,
    leafTargets: flat.leafTree.map(() => 0),
    leafWeights: flat.leafValues,
  })
  const base = graph.constant({ type: 'double', dims: [1], values: [forest.base] })
  const margin = graph.op('Add', [sum, base])
  const leaf = ensemble(graph, x, flat, {
    targets: forest.trees.length,
    leafTargets: flat.leafTree,
    leafWeights: flat.leafTree.map((_, i) => i),
  })
  const index = graph.op('Cast', [leaf], { attributes: { to: 6 } })
  const table = graph.constant({
    type: 'float',
    dims: [flat.leafTree.length, forest.featureCount],
    values: flat.leafReasons,
  })
  const wide = graph.op('Cast', [table], { attributes: { to: 11 } })
  const looked = graph.op('Gather', [wide, index], { attributes: { axis: 0 } })
  const axis = graph.constant({ type: 'int64', dims: [1], values: [1] })
  const summed = graph.op('ReduceSum', [looked, axis], { attributes: { keepdims: 0 } })
  return { margin, contributions: graph.op('Cast', [summed], { attributes: { to: 1 } }) }
}

function ensemble(
  graph: GraphBuilder,
  x: string,
  flat: Flat,
  leaves: { targets: number; leafTargets: number[]; leafWeights: number[] },
): string {
  const count = flat.featureIds.length
  const attributes: Record<string, AttributeValue> = {
    aggregate_function: 1,
    n_targets: leaves.targets,
    post_transform: 0,
    tree_roots: flat.roots,
    nodes_featureids: flat.featureIds,
    nodes_modes: { type: 'uint8', dims: [count], values: new Uint8Array(count) },
    nodes_splits: { type: 'double', dims: [count], values: flat.splits },
    nodes_missing_value_tracks_true: flat.missingTrue,
    nodes_truenodeids: flat.trueIds,
    nodes_trueleafs: flat.trueLeafs,
    nodes_falsenodeids: flat.falseIds,
    nodes_falseleafs: flat.falseLeafs,
    leaf_targetids: leaves.leafTargets,
    leaf_weights: { type: 'double', dims: [leaves.leafWeights.length], values: leaves.leafWeights },
  }
  return graph.op('TreeEnsemble', [x], { domain: 'ai.onnx.ml', attributes })
}

function flatten(forest: Forest): Flat {
  const flat: Flat = {
    roots: [],
    featureIds: [],
    splits: [],
    missingTrue: [],
    trueIds: [],
    trueLeafs: [],
    falseIds: [],
    falseLeafs: [],
    leafTree: [],
    leafValues: [],
    leafReasons: [],
  }
  forest.trees.forEach((tree, number) => {
    flat.roots.push(flat.featureIds.length)
    flattenTree(flat, { tree, number, featureCount: forest.featureCount })
  })
  return flat
}

/** Inner nodes get ids in node order, leaves likewise. A tree of one leaf becomes a split whose sides are equal. */
function flattenTree(
  flat: Flat,
  { tree, number, featureCount }: { tree: Tree; number: number; featureCount: number },
) {
  const reasons = leafContributions(tree, featureCount)
  const place = new Map<number, number>()
  const firstInner = flat.featureIds.length
  let inner = 0
  tree.feature.forEach((feature, node) => {
    if (feature >= 0) place.set(node, firstInner + inner++)
    else {
      place.set(node, flat.leafTree.length)
      flat.leafTree.push(number)
      flat.leafValues.push(tree.value[node]!)
      flat.leafReasons.push(...reasons.get(node)!.map((c) => Math.round(c * 2 ** 23) / 2 ** 23))
    }
  })
  const isLeaf = (node: number) => (tree.feature[node]! < 0 ? 1 : 0)
  const nodes = inner === 0 ? [0] : [...tree.feature.keys()].filter((node) => !isLeaf(node))
  for (const node of nodes) {
    const [left, right] = inner === 0 ? [0, 0] : [tree.left[node]!, tree.right[node]!]
    flat.featureIds.push(Math.max(0, tree.feature[node]!))
    flat.splits.push(tree.threshold[node]!)
    flat.missingTrue.push(tree.missingLeft[node]!)
    flat.trueIds.push(place.get(left)!)
    flat.trueLeafs.push(isLeaf(left))
    flat.falseIds.push(place.get(right)!)
    flat.falseLeafs.push(isLeaf(right))
  }
}
