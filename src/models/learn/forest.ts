/**
 * Boosted trees as plain arrays, their evaluation in TypeScript (the reference the ONNX files are checked against) and
 * their additive explanation.
 *
 * A row goes left when `x <= threshold`, or when x is NaN and the node says so. Thresholds and leaf values are float32
 * numbers; sums are float64, tree after tree.
 */

/** One tree; node 0 is the root; node i is a leaf when `feature[i]` is −1. */
export type Tree = {
  feature: Int32Array
  threshold: Float32Array
  left: Int32Array
  right: Int32Array
  missingLeft: Uint8Array
  /** Leaf value on the margin's scale (log odds), learning rate included; 0 at inner nodes. */
  value: Float32Array
  /** Mean of the leaf values below each node over its training rows: what the tree expects before it looks further. */
  expected: Float64Array
  /** Training rows that passed through each node, which TreeSHAP weighs by; absent in trees made by hand. */
  cover?: Float64Array
}

/** margin(row) = base + Σ tree(row). */
export type Forest = { featureCount: number; base: number; trees: Tree[] }

/** Index of the leaf that a row of float32 features falls into; `offset` is where the row starts. */
export function leafOf(tree: Tree, rows: ArrayLike<number>, offset = 0): number {
  let node = 0
  while (tree.feature[node]! >= 0) {
    const x = rows[offset + tree.feature[node]!]!
    const goesLeft = Number.isNaN(x) ? tree.missingLeft[node] === 1 : x <= tree.threshold[node]!
    node = goesLeft ? tree.left[node]! : tree.right[node]!
  }
  return node
}

/** Margins (log odds) of a row-major block of float32 features. */
export function forestMargins(forest: Forest, rows: Float32Array): Float64Array {
  const count = rows.length / forest.featureCount
  const margins = new Float64Array(count)
  for (let r = 0; r < count; r++) {
    let sum = 0
    for (const tree of forest.trees) sum += tree.value[leafOf(tree, rows, r * forest.featureCount)]!
    margins[r] = sum + forest.base
  }
  return margins
}

/** What the forest says of nobody in particular: base plus each root's expectation. Contributions add to it. */
export function forestBias(forest: Forest): number {
  return forest.trees.reduce((sum, tree) => sum + tree.expected[0]!, forest.base)
}

/**
 * Per leaf of one tree, what each feature added on the way down (Saabas: the change of expectation at every split goes
 * to the feature split on). Returns node index → contributions; leaves only. For each leaf they add up to its value
 * minus the root's expectation.
 */
export function leafContributions(tree: Tree, featureCount: number): Map<number, Float64Array> {
  const found = new Map<number, Float64Array>()
  const walk = (node: number, soFar: Float64Array): void => {
    const feature = tree.feature[node]!
    if (feature < 0) {
      found.set(node, soFar)
      return
    }
    for (const child of [tree.left[node]!, tree.right[node]!]) {
      const next = soFar.slice()
      next[feature] = next[feature]! + tree.expected[child]! - tree.expected[node]!
      walk(child, next)
    }
  }
  walk(0, new Float64Array(featureCount))
  return found
}
