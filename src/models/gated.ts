/**
 * A forest of two parts under one question: every tree first asks whether one feature, the gate, is there at all, and then
 * goes on in the part for rows with it or the part for rows without it (illicit/merge.ts makes such forests).
 *
 * Which part answers is a fact about where a row comes from, not about the account. So a row is explained within the part
 * that answered it: the Shapley values are those of the game in which the gate is known from the start, what nobody in
 * particular gets is the part's own expectation, and the absence of a feature on a chain that is indexed without it is
 * held neither for nor against anybody. Pure.
 */
import type { CoveredForest, CoveredTree } from './learn/shap'

export type GatedForest = { gate: number; present: CoveredForest; missing: CoveredForest }

/** A split there parts what is there from what is missing. */
export const GREATEST_FLOAT32 = 2 ** 128 - 2 ** 104

/** The two parts, or undefined when the trees do not all begin with one such question. */
export function gatedForest(forest: CoveredForest): GatedForest | undefined {
  const gate = forest.trees[0]?.feature[0] ?? -1
  const asks = ({ feature, threshold, missingLeft }: CoveredTree) =>
    feature[0] === gate && threshold[0] === GREATEST_FLOAT32 && missingLeft[0] === 0
  if (gate < 0 || !forest.trees.every(asks)) return undefined
  const part = (side: 'left' | 'right'): CoveredForest => ({
    ...forest,
    trees: forest.trees.map((tree) => below(tree, tree[side][0]!)),
  })
  return { gate, present: part('left'), missing: part('right') }
}

/** The part that answers a row. */
export function partOf({ gate, present, missing }: GatedForest, row: ArrayLike<number>): CoveredForest {
  return Number.isNaN(row[gate]) ? missing : present
}

/** The subtree of a node as a tree of its own. */
function below(tree: CoveredTree, root: number): CoveredTree {
  const nodes: number[] = []
  const place = new Map<number, number>()
  const add = (node: number): void => {
    place.set(node, nodes.push(node) - 1)
    if (tree.feature[node]! < 0) return
    add(tree.left[node]!)
    add(tree.right[node]!)
  }
  add(root)
  return {
    feature: Int32Array.from(nodes, (node) => tree.feature[node]!),
    threshold: Float32Array.from(nodes, (node) => tree.threshold[node]!),
    left: Int32Array.from(nodes, (node) => place.get(tree.left[node]!) ?? 0),
    right: Int32Array.from(nodes, (node) => place.get(tree.right[node]!) ?? 0),
    missingLeft: Uint8Array.from(nodes, (node) => tree.missingLeft[node]!),
    value: Float32Array.from(nodes, (node) => tree.value[node]!),
    cover: Float64Array.from(nodes, (node) => tree.cover[node]!),
  }
}
