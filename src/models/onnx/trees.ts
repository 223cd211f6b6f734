/**
 * Boosted trees as ONNX `TreeEnsemble` (ai.onnx.ml opset 5) in float64, and their Saabas contributions in the same
 * graph. Why float64: with float32-rounded thresholds and leaves the sums carry no visible rounding, so batch size and
 * thread count cannot change a bit.
 *
 * The ensemble has one target per tree and gives the number of the leaf each tree ends in, so the trees are walked once.
 * Those numbers look up the leaves' values, whose sum is the margin, and rows of a table [leaves, features], whose sum is
 * the explanation. The table holds whole multiples of 2⁻²³, so sums of it are exact and no order of summing can change a
 * bit of a stored reason.
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
  /** Row-major [leaves, features], in units of 2⁻²³ log odds. */
  leafReasons: number[]
}

/** What an entry of the contributions' table counts in: sums of whole numbers are exact in any order. */
const REASON_UNIT = 2 ** -23
const INT32 = 6
const FLOAT = 1

/** Adds the forest to a graph; `x` is double [N, F]. Returns names of margin (double [N,1]) and contributions (float [N,F]). */
export function addForest(
  graph: GraphBuilder,
  x: string,
  forest: Forest,
): { margin: string; contributions: string } {
  const flat = flatten(forest)
  const leafCount = flat.leafTree.length
  const leaf = ensemble(graph, x, flat, {
    targets: forest.trees.length,
    leafTargets: flat.leafTree,
    leafWeights: flat.leafTree.map((_, i) => i),
  })
  const index = graph.op('Cast', [leaf], { attributes: { to: INT32 } })
  const axis = graph.constant({ type: 'int64', dims: [1], values: [1] })
  const leafValues = graph.constant({ type: 'double', dims: [leafCount], values: flat.leafValues })
  const values = graph.op('Gather', [leafValues, index], { attributes: { axis: 0 } })
  const sum = graph.op('ReduceSum', [values, axis], { attributes: { keepdims: 1 } })
  const base = graph.constant({ type: 'double', dims: [1], values: [forest.base] })
  const margin = graph.op('Add', [sum, base])
  const table = graph.constant({
    type: 'int32',
    dims: [leafCount, forest.featureCount],
    values: flat.leafReasons,
  })
  const looked = graph.op('Gather', [table, index], { attributes: { axis: 0 } })
  const units = graph.op('ReduceSum', [looked, axis], { attributes: { keepdims: 0 } })
  const whole = graph.op('Cast', [units], { attributes: { to: 11 } })
  const unit = graph.constant({ type: 'double', dims: [1], values: [REASON_UNIT] })
  const summed = graph.op('Mul', [whole, unit])
  return { margin, contributions: graph.op('Cast', [summed], { attributes: { to: FLOAT } }) }
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
      flat.leafReasons.push(...reasons.get(node)!.map((c) => Math.round(c / REASON_UNIT)))
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
