/**
 * How many training rows reach each node of the merged forest, which TreeSHAP weighs by. The trees cannot keep the
 * numbers of their own growth: they were grown apart, folded, scaled and joined. So the rows are sent through the forest
 * that is served, those of `full` as they are and those of `plain` without tokens, each with its weight in training;
 * what a part expects of nobody in particular is then what it expects of the accounts that it learnt from.
 */
import type { LabelledRows } from '../learn/boost'
import { type Forest, leafOf, type Tree } from '../learn/forest'

/** Weights are kept to this many units: more digits would only make the file longer. */
const UNITS = 1e4

/** The forest, its trees with covers: sums of the weights of the rows that pass a node. */
export function coverForest(forest: Forest, parts: readonly LabelledRows[]): Forest {
  return {
    ...forest,
    trees: forest.trees.map((tree) => ({ ...tree, cover: coverOver(tree, parts, forest) })),
  }
}

function coverOver(
  tree: Tree,
  parts: readonly LabelledRows[],
  { featureCount }: Pick<Forest, 'featureCount'>,
): Float64Array {
  const cover = new Float64Array(tree.feature.length)
  for (const { rows, labels, weights } of parts) {
    for (let r = 0; r < labels.length; r++) cover[leafOf(tree, rows, r * featureCount)]! += weights?.[r] ?? 1
  }
  for (let node = cover.length - 1; node >= 0; node--) {
    cover[node] =
      tree.feature[node]! < 0
        ? Math.round(cover[node]! * UNITS) / UNITS
        : cover[tree.left[node]!]! + cover[tree.right[node]!]!
  }
  return cover
}
