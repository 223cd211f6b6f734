/**
 * An additive model as few trees: boosting with trees of one split gives margin = base + Σ fᵢ(xᵢ), and each fᵢ is a step
 * function. Here the hundreds of one-split trees of a feature become one balanced tree, with a leaf a step and one for
 * missing values: the same function, a file a tenth as large, and contributions that are exact rather than Saabas's
 * approximation.
 */
import { GREATEST_FLOAT32 } from '../gated'
import type { Forest, Tree } from '../learn/forest'
import { makeTree, type Shape } from './tree-shape'

type Step = { threshold: number; left: number; right: number; missing: number }

/** Folds a forest of one-split trees. Throws when a tree has more splits. Expectations are left at 0. */
export function foldStumps(forest: Forest): Forest {
  const steps = new Map<number, Step[]>()
  let base = forest.base
  for (const tree of forest.trees) {
    const feature = tree.feature[0]!
    if (tree.feature.length > 3) throw new Error(`a tree has ${tree.feature.length} nodes, not one split`)
    if (feature < 0) base += tree.value[0]!
    else steps.set(feature, [...(steps.get(feature) ?? []), stepOf(tree)])
  }
  const features = [...steps.keys()].sort((a, b) => a - b)
  return {
    featureCount: forest.featureCount,
    base,
    trees: features.map((feature) => makeTree(shapeOf(feature, steps.get(feature)!))),
  }
}

function stepOf(tree: Tree): Step {
  const left = tree.value[tree.left[0]!]!
  const right = tree.value[tree.right[0]!]!
  return { threshold: tree.threshold[0]!, left, right, missing: tree.missingLeft[0] === 1 ? left : right }
}

function shapeOf(feature: number, steps: readonly Step[]): Shape {
  const cuts = [...new Set(steps.map((step) => step.threshold))].sort((a, b) => a - b)
  // Interval i lies above cut i − 1 and up to cut i.
  const values = Array.from({ length: cuts.length + 1 }, (_, i) =>
    steps.reduce(
      (sum, { threshold, left, right }) => sum + (i < cuts.length && cuts[i]! <= threshold ? left : right),
      0,
    ),
  )
  const missing = steps.reduce((sum, step) => sum + step.missing, 0)
  const build = (low: number, high: number): Shape => {
    if (low === high) return { value: values[low]! }
    const middle = (low + high) >> 1
    return {
      feature,
      threshold: cuts[middle]!,
      missingLeft: true,
      left: build(low, middle),
      right: build(middle + 1, high),
    }
  }
  return presentOrMissing(feature, build(0, values.length - 1), { value: missing })
}

/** A split on whether the feature is there at all: what is there is at most the threshold, what is missing goes right. */
export function presentOrMissing(feature: number, present: Shape, missing: Shape): Shape {
  return { feature, threshold: GREATEST_FLOAT32, missingLeft: false, left: present, right: missing }
}
