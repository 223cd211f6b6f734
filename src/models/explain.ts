/**
 * TreeSHAP for one row of a served model: for alerts, oracle values and scores that somebody looks at. The trees are read
 * from the hashed model file; how many training rows reached each leaf, which the file has no place for, from cover.json
 * beside it, which training writes and which names the hash of the file that it belongs to.
 *
 * Linear models need none: weight · (input − mean), which is stored with every score, is the Shapley value of their inputs.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gatedForest, partOf } from './gated'
import type { Forest } from './learn/forest'
import { type CoveredTree, type ShapValues, treeShap } from './learn/shap'
import { ModelError } from './model-error'
import { type ReadForest, type ReadTree, readForest, readTrees } from './onnx/read-forest'
import { type Reason, reasonsFor } from './reasons'
import { loadModel, modelFolder, models } from './registry'
import type { ModelSpec } from './spec'

export const COVER_FILE = 'cover.json'

/** How reasons are called that an explainer gave. */
export const EXACT_METHOD = 'treeshap'

/** Training rows (or their weight) per leaf, in the order in which the model file numbers leaves. */
export type Cover = { modelSha256: string; leafRows: number[] }

export type Explainer = {
  spec: ModelSpec
  sha256: string
  /** Contributions in spec order, log odds before calibration; with `bias` they add up to the margin within 1e-9. */
  explain(row: ArrayLike<number>): ShapValues
}

/** The k strongest reasons of one answer: Shapley values where the model can be explained, else what the graph gave. */
export function strongestReasons(
  { spec, sha256 }: Pick<Explainer, 'spec' | 'sha256'>,
  row: { features: ArrayLike<number>; contributions: ArrayLike<number> },
  k: number,
): { reasons: Reason[]; method: string } {
  const explainer = explainerOf(spec.name, sha256)
  return {
    reasons: reasonsFor(
      spec,
      row.features,
      explainer?.explain(row.features).contributions ?? row.contributions,
      k,
    ),
    method: explainer ? EXACT_METHOD : spec.reasonsMethod,
  }
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
  const gated = gatedForest(covered)
  const explain = (numbers: ArrayLike<number>) => {
    const row = Float32Array.from(numbers)
    return treeShap(gated === undefined ? covered : partOf(gated, row), row)
  }
  return { spec, sha256, explain }
}

/** Explainers by model, opened when first asked for; undefined for a model that has none. */
const opened = new Map<string, Explainer | undefined>()

/** The explainer of the file with this hash, opened once; undefined when the file here is another, or has none. */
export function explainerOf(modelName: string, modelSha256: string): Explainer | undefined {
  if (!Object.hasOwn(models, modelName)) return undefined
  if (!opened.has(modelName)) opened.set(modelName, openExplainer(modelName))
  const explainer = opened.get(modelName)
  // Another file than the one that scored would explain another score.
  return explainer?.sha256 === modelSha256 ? explainer : undefined
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
