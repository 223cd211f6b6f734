/**
 * TreeSHAP, path-dependent: exact Shapley values of one row under a tree ensemble, in time O(leaves · depth²) instead of
 * 2^features (Lundberg, Erion & Lee 2018, "Consistent individualized feature attribution for tree ensembles").
 *
 * The game: a tree that does not know a feature takes both sides of its splits, weighted by the training rows (cover)
 * that went there. Descending, the algorithm keeps for the features on the path the share of subsets in which each is
 * known ("one") or unknown ("zero"), and at a leaf takes each feature out again to see what it changed. A missing value
 * follows its node's side, like any other.
 *
 * Worked: one split on x0 at 0, leaves −1 (3 rows) and +1 (1 row), row x0 = 5: bias = (3·−1 + 1·1)/4 = −0.5,
 * contribution of x0 = +1 − (−0.5) = 1.5.
 */
import type { Forest, Tree } from './forest'

/** A tree that knows how many training rows passed each node. */
export type CoveredTree = Omit<Tree, 'expected' | 'cover'> & { cover: ArrayLike<number> }
export type CoveredForest = Omit<Forest, 'trees'> & { trees: readonly CoveredTree[] }

/** margin(row) = bias + Σ contributions, up to float64 rounding (below 1e-9). */
export type ShapValues = { bias: number; contributions: Float64Array }

/**
 * What each feature did to the row's margin. Throws when the row has another width or no training row passed a node; that
 * all of them went to one of its sides is allowed.
 */
export function treeShap(forest: CoveredForest, row: ArrayLike<number>): ShapValues {
  if (row.length !== forest.featureCount) {
    throw new Error(`the forest has ${forest.featureCount} features; the row has ${row.length}`)
  }
  const contributions = new Float64Array(forest.featureCount)
  const levels: Path[] = []
  let bias = forest.base
  for (const tree of forest.trees) {
    bias += expectedValue(tree, 0)
    descend({ tree, row, contributions, levels }, { node: 0, level: 0, zero: 1, one: 1, feature: -1 })
  }
  return { bias, contributions }
}

/** Mean leaf value below a node, weighted by cover: what the tree says when it knows nothing more. */
export function expectedValue(tree: CoveredTree, node: number): number {
  if (tree.feature[node]! < 0) return tree.value[node]!
  const [left, right] = [tree.left[node]!, tree.right[node]!]
  const [share, rest] = sharesOf(tree, node)
  return share * expectedValue(tree, left) + rest * expectedValue(tree, right)
}

/** Shares of a node's training rows that went left and right; one of them may be 0. */
function sharesOf(tree: CoveredTree, node: number): [number, number] {
  const left = tree.cover[tree.left[node]!]!
  const right = tree.cover[tree.right[node]!]!
  if (!(left >= 0 && right >= 0 && left + right > 0))
    throw new Error(`node ${node} has cover ${left} left and ${right} right`)
  return [left / (left + right), right / (left + right)]
}

/**
 * The features on the way to a node, in parallel arrays of which the first `length` entries count: the share of a
 * feature's splits passed when it is unknown, 1 or 0 when it is known, and the subsets' weight. Entry 0 is no feature.
 */
type Path = {
  length: number
  feature: Int32Array
  zero: Float64Array
  one: Float64Array
  weight: Float64Array
}
/** `levels[d]` is the path of the node at depth d that is being visited; it is overwritten by its next sibling. */
type Walk = { tree: CoveredTree; row: ArrayLike<number>; contributions: Float64Array; levels: Path[] }
type Step = { node: number; level: number; zero: number; one: number; feature: number }

function descend(walk: Walk, at: Step): void {
  const { tree, row, contributions } = walk
  const path = extended(walk, at)
  const split = tree.feature[at.node]!
  if (split < 0) {
    for (let i = 1; i < path.length; i++) {
      const change = path.one[i]! - path.zero[i]!
      contributions[path.feature[i]!]! += unwoundSum(path, i) * change * tree.value[at.node]!
    }
    return
  }
  let [zero, one] = [1, 1]
  const seen = path.feature.subarray(0, path.length).indexOf(split)
  if (seen > 0) {
    zero = path.zero[seen]!
    one = path.one[seen]!
    unwind(path, seen)
  }
  const x = row[split]!
  const goesLeft = Number.isNaN(x) ? tree.missingLeft[at.node] === 1 : x <= tree.threshold[at.node]!
  const [leftShare, rightShare] = sharesOf(tree, at.node)
  const step = (node: number, share: number, taken: boolean) => {
    const next = { node, level: at.level + 1, zero: zero * share, one: taken ? one : 0, feature: split }
    // Where neither the training rows nor this row went, every term is a multiple of 0.
    if (next.zero !== 0 || next.one !== 0) descend(walk, next)
  }
  step(tree.left[at.node]!, leftShare, goesLeft)
  step(tree.right[at.node]!, rightShare, !goesLeft)
}

/** The path of the level above with one feature more; weights are the permutation weights of subsets by size. */
function extended({ levels }: Walk, { level, zero, one, feature }: Step): Path {
  const above = levels[level - 1]
  const depth = above?.length ?? 0
  levels[level] ??= emptyPath(level + 1)
  const path = levels[level]
  path.length = depth + 1
  for (let i = 0; i < depth; i++) {
    path.feature[i] = above!.feature[i]!
    path.zero[i] = above!.zero[i]!
    path.one[i] = above!.one[i]!
    path.weight[i] = above!.weight[i]!
  }
  path.feature[depth] = feature
  path.zero[depth] = zero
  path.one[depth] = one
  path.weight[depth] = depth === 0 ? 1 : 0
  for (let i = depth - 1; i >= 0; i--) {
    path.weight[i + 1]! += (one * path.weight[i]! * (i + 1)) / (depth + 1)
    path.weight[i] = (zero * path.weight[i]! * (depth - i)) / (depth + 1)
  }
  return path
}

function emptyPath(size: number): Path {
  const numbers = () => new Float64Array(size)
  return { length: 0, feature: new Int32Array(size), zero: numbers(), one: numbers(), weight: numbers() }
}

/** Makes the path what it would be had the feature at `index` never been added. */
function unwind(path: Path, index: number): void {
  const depth = path.length - 1
  const [one, zero] = [path.one[index]!, path.zero[index]!]
  let after = path.weight[depth]!
  for (let i = depth - 1; i >= 0; i--) {
    if (one !== 0) {
      const weight = path.weight[i]!
      path.weight[i] = (after * (depth + 1)) / ((i + 1) * one)
      after = weight - (path.weight[i]! * zero * (depth - i)) / (depth + 1)
    } else path.weight[i] = (path.weight[i]! * (depth + 1)) / (zero * (depth - i))
  }
  for (let i = index; i < depth; i++) {
    path.feature[i] = path.feature[i + 1]!
    path.zero[i] = path.zero[i + 1]!
    path.one[i] = path.one[i + 1]!
  }
  path.length = depth
}

/** Sum of the weights that `unwind` would leave; the path stays as it is. */
function unwoundSum(path: Path, index: number): number {
  const depth = path.length - 1
  const [one, zero] = [path.one[index]!, path.zero[index]!]
  let after = path.weight[depth]!
  let sum = 0
  for (let i = depth - 1; i >= 0; i--) {
    if (one !== 0) {
      const weight = (after * (depth + 1)) / ((i + 1) * one)
      sum += weight
      after = path.weight[i]! - (weight * zero * (depth - i)) / (depth + 1)
    } else sum += (path.weight[i]! * (depth + 1)) / (zero * (depth - i))
  }
  return sum
}
