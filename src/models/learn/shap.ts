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

/** What each feature did to the row's margin. Throws when the row has another width or a node has no cover. */
export function treeShap(forest: CoveredForest, row: ArrayLike<number>): ShapValues {
  if (row.length !== forest.featureCount) {
    throw new Error(`the forest has ${forest.featureCount} features; the row has ${row.length}`)
  }
  const contributions = new Float64Array(forest.featureCount)
  let bias = forest.base
  for (const tree of forest.trees) {
    bias += expectedValue(tree, 0)
    descend({ tree, row, contributions }, { node: 0, path: [], zero: 1, one: 1, feature: -1 })
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

/** Shares of a node's training rows that went left and right. */
function sharesOf(tree: CoveredTree, node: number): [number, number] {
  const left = tree.cover[tree.left[node]!]!
  const right = tree.cover[tree.right[node]!]!
  if (!(left > 0 && right > 0)) throw new Error(`node ${node} has cover ${left} left and ${right} right`)
  return [left / (left + right), right / (left + right)]
}

/** A feature on the path: the share of its splits passed when unknown, 1 or 0 when known, and the subsets' weight. */
type Step = { feature: number; zero: number; one: number; weight: number }
type Walk = { tree: CoveredTree; row: ArrayLike<number>; contributions: Float64Array }

function descend(
  walk: Walk,
  at: { node: number; path: readonly Step[]; zero: number; one: number; feature: number },
): void {
  const { tree, row, contributions } = walk
  let path = extend(at.path, at)
  const split = tree.feature[at.node]!
  if (split < 0) {
    for (let i = 1; i < path.length; i++) {
      const { feature, one, zero } = path[i]!
      contributions[feature]! += unwoundSum(path, i) * (one - zero) * tree.value[at.node]!
    }
    return
  }
  let [zero, one] = [1, 1]
  const seen = path.findIndex(({ feature }, i) => i > 0 && feature === split)
  if (seen > 0) {
    ;({ zero, one } = path[seen]!)
    path = unwind(path, seen)
  }
  const x = row[split]!
  const goesLeft = Number.isNaN(x) ? tree.missingLeft[at.node] === 1 : x <= tree.threshold[at.node]!
  const [leftShare, rightShare] = sharesOf(tree, at.node)
  const step = (node: number, share: number, taken: boolean) =>
    descend(walk, { node, path, zero: zero * share, one: taken ? one : 0, feature: split })
  step(tree.left[at.node]!, leftShare, goesLeft)
  step(tree.right[at.node]!, rightShare, !goesLeft)
}

/** The path with one feature more; weights are the permutation weights of subsets by size. */
function extend(path: readonly Step[], { zero, one, feature }: Omit<Step, 'weight'>): Step[] {
  const depth = path.length
  const next = path.map((step) => ({ ...step }))
  next.push({ feature, zero, one, weight: depth === 0 ? 1 : 0 })
  for (let i = depth - 1; i >= 0; i--) {
    next[i + 1]!.weight += (one * next[i]!.weight * (i + 1)) / (depth + 1)
    next[i]!.weight = (zero * next[i]!.weight * (depth - i)) / (depth + 1)
  }
  return next
}

/** The path as if the feature at `index` had never been added. */
function unwind(path: readonly Step[], index: number): Step[] {
  const depth = path.length - 1
  const { one, zero } = path[index]!
  const next = path.map((step) => ({ ...step }))
  let after = next[depth]!.weight
  for (let i = depth - 1; i >= 0; i--) {
    const step = next[i]!
    if (one !== 0) {
      const weight = step.weight
      step.weight = (after * (depth + 1)) / ((i + 1) * one)
      after = weight - (step.weight * zero * (depth - i)) / (depth + 1)
    } else step.weight = (step.weight * (depth + 1)) / (zero * (depth - i))
  }
  for (let i = index; i < depth; i++) {
    const { feature, zero: nextZero, one: nextOne } = next[i + 1]!
    Object.assign(next[i]!, { feature, zero: nextZero, one: nextOne })
  }
  next.pop()
  return next
}

/** Sum of the weights that `unwind` would leave. */
function unwoundSum(path: readonly Step[], index: number): number {
  return unwind(path, index).reduce((sum, { weight }) => sum + weight, 0)
}
