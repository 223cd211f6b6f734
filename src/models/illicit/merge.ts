/**
 * Two forests as one: `full` answers where token columns come with the row, `plain` where they do not. Each tree of the
 * result first asks whether `tokenTransferCount` is there, so a single TreeEnsemble, exact to the bit, holds both.
 *
 * Both margins are calibrated before (slope · margin + intercept), so that they are log odds on one scale. What the
 * model expects of nobody in particular is what `plain` expects: where tokens are missing, as on chains that are indexed
 * without them, that absence contributes nothing to a score.
 */
import type { Forest, Tree } from '../learn/forest'
import { presentOrMissing } from './stumps'
import { expectOver, makeTree, type Shape, shapeOfTree } from './tree-shape'

export type Calibrated = { forest: Forest; slope: number; intercept: number }

/**
 * @param gate feature that decides
 * @param rows row-major float32 training rows with the gate present, for the expectations
 */
export function mergeForests(options: {
  gate: number
  full: Calibrated
  plain: Calibrated
  rows: Float32Array
}): Forest {
  const { gate, full, plain, rows } = options
  const { featureCount } = full.forest
  const base = Math.fround(baseOf(plain))
  const shapes: [Shape, Shape][] = [[{ value: baseOf(full) - base }, { value: 0 }]]
  const count = Math.max(full.forest.trees.length, plain.forest.trees.length)
  const side = ({ forest, slope }: Calibrated, i: number): Shape => {
    const tree = forest.trees[i]
    return tree ? shapeOfTree(tree, slope) : { value: 0 }
  }
  for (let i = 0; i < count; i++) shapes.push([side(full, i), side(plain, i)])
  const without = rows.slice()
  for (let start = gate; start < rows.length; start += featureCount) without[start] = Number.NaN
  const both = new Float32Array(rows.length * 2)
  both.set(rows)
  both.set(without, rows.length)
  const trees = shapes.map(([present, missing]): Tree => {
    const tree = makeTree(presentOrMissing(gate, present, missing))
    expectOver(tree, both, featureCount)
    tree.expected[0] = tree.expected[tree.right[0]!]!
    return tree
  })
  return { featureCount, base, trees }
}

function baseOf({ forest, slope, intercept }: Calibrated): number {
  return forest.base * slope + intercept
}
