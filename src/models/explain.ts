/**
 * TreeSHAP for one row of a served model: for alerts, oracle values and scores that somebody looks at. The trees are read
 * from the hashed model file; how many training rows reached each leaf, which the file has no place for, from cover.json
 * beside it, which training writes and which names the hash of the file that it belongs to.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Forest } from './learn/forest'
import { type CoveredTree, type ShapValues, treeShap } from './learn/shap'
import { ModelError } from './model-error'
import { type ReadForest, type ReadTree, readForest, readTrees } from './onnx/read-forest'
import { loadModel, modelFolder } from './registry'
import type { ModelSpec } from './spec'

export const COVER_FILE = 'cover.json'

/** Training rows per leaf, in the order in which the model file numbers leaves. */
export type Cover = { modelSha256: string; leafRows: number[] }

export type Explainer = {
  spec: ModelSpec
  sha256: string
  /** Contributions in spec order, log odds before calibration; with `bias` they add up to the margin within 1e-9. */
  explain(row: ArrayLike<number>): ShapValues
}

/** Leaf covers of a trained forest, or undefined when its trees do not know them. */
export function coverOf(forest: Forest, modelSha256: string): Cover | undefined {
  if (!forest.trees.every((tree) => tree.cover !== undefined)) return undefined
  const leafRows = forest.trees.flatMap((tree) =>
    [...tree.feature.keys()].filter((node) => tree.feature[node]! < 0).map((node) => tree.cover![node]!),
  )
  return { modelSha256, leafRows }
}

/**
 * Opens the explainer of a registered model; undefined when it is not a forest or was trained without covers. Throws
 * ModelError as `loadModel` does, and `hash-mismatch` when cover.json belongs to another file.
 */
export function openExplainer(name: string, folder: string = modelFolder(name)): Explainer | undefined {
  const { spec, sha256, bytes } = loadModel(name, folder)
  const forest = readForest(bytes)
  const path = join(folder, COVER_FILE)
  if (forest === undefined || !existsSync(path)) return undefined
  const cover: Cover = JSON.parse(readFileSync(path, 'utf8'))
  if (cover.modelSha256 !== sha256 || cover.leafRows.length !== forest.leafValues.length) {
    throw new ModelError(
      'hash-mismatch',
      `model "${name}": ${COVER_FILE} belongs to ${cover.modelSha256}, model.onnx is ${sha256}; train the model again`,
    )
  }
  const covered = coveredForest(forest, cover)
  return { spec, sha256, explain: (row) => treeShap(covered, Float32Array.from(row)) }
}

function coveredForest(forest: ReadForest, { leafRows }: Cover) {
  const trees = readTrees(forest).map((tree) => withCover(tree, leafRows))
  return { featureCount: forest.inputs.length, base: forest.base, trees }
}

/** Inner nodes passed what their two sides passed; children come after their parents. */
function withCover(tree: ReadTree, leafRows: readonly number[]): CoveredTree {
  const cover = Float64Array.from(tree.leafNumber, (leaf) => (leaf < 0 ? 0 : leafRows[leaf]!))
  for (let node = cover.length - 1; node >= 0; node--) {
    if (tree.feature[node]! >= 0) cover[node] = cover[tree.left[node]!]! + cover[tree.right[node]!]!
  }
  return { ...tree, cover }
}
