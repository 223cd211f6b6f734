/**
 * Reads a forest back out of its model file, so that what is explained and what is compiled for a GPU is what was
 * hashed and serves. Knows the files of `writeModel` (body `forest`) and nothing else.
 *
 * In such a file one TreeEnsemble over the features has a target per tree and the leaf's number as weight. The leaf
 * values are the weights of its sibling with one target, or a table of doubles; the contributions are a table [leaves,
 * features] of floats, or of whole multiples of 2⁻²³.
 */
import type { Tree } from '../learn/forest'
import {
  decodeModel,
  elementType,
  type ModelProto,
  type NodeProto,
  type TensorProto,
  tensorNumbers,
} from './proto'

/** Nodes of trees as the operator numbers them: inner nodes, and leaves of their own numbering. */
export type Ensemble = {
  roots: readonly number[]
  featureIds: readonly number[]
  /** A row goes to the true side when x <= split. */
  splits: Float64Array
  missingTrue: readonly number[]
  trueIds: readonly number[]
  trueLeafs: readonly number[]
  falseIds: readonly number[]
  falseLeafs: readonly number[]
  leafWeights: Float64Array
}

/** value = clip(margin · slope[segment] + intercept[segment], 0, 1); the segment is the leaf of `tree` over the margin. */
export type ReadCurve = { tree: Ensemble; slope: Float64Array; intercept: Float64Array }

export type ReadForest = {
  inputs: readonly string[]
  ensemble: Ensemble
  /** Per leaf, log odds. */
  leafValues: Float64Array
  /** Row-major [leaves, features], log odds. */
  leafReasons: Float64Array
  base: number
  bias: number
  curve: ReadCurve
}

const REASON_UNIT = 2 ** -23

/** The forest of a model file; undefined when the file holds something else. Throws when it is no ONNX file at all. */
export function readForest(bytes: Uint8Array): ReadForest | undefined {
  const model = decodeModel(bytes)
  const inputs = model.metadataProps.find(({ key }) => key === 'inputs')?.value.split(',') ?? []
  const file = fileOf(model)
  const trees = file.ofType('TreeEnsemble')
  const numbering = trees.find((node) => countsLeaves(ensembleOf(node)))
  if (numbering === undefined) return undefined
  const ensemble = ensembleOf(numbering)
  const leaves = ensemble.leafWeights.length
  // The curve's trees read the margin, and may have as many leaves as a small forest.
  const sibling = trees.find((node) => node !== numbering && node.input[0] === numbering.input[0])
  const values = sibling
    ? ensembleOf(sibling).leafWeights
    : file.constant(({ dims, dataType }) => dataType === elementType.double && dims.join() === `${leaves}`)
  const reasons = file.tensor(({ dims }) => dims.join() === `${leaves},${inputs.length}`)
  const curve = curveOf(file, trees)
  const base = file.oneDouble('margin')
  const bias = file.oneDouble('bias')
  if (!values || !reasons || !curve || base === undefined || bias === undefined) return undefined
  const unit = reasons.dataType === elementType.int32 ? REASON_UNIT : 1
  const leafReasons = tensorNumbers(reasons).map((value) => value * unit)
  return { inputs, ensemble, leafValues: values, leafReasons, base, bias, curve }
}

/** The leaf numbers of a forest of more than one leaf are 0, 1, 2 …; a sum of values never is. */
function countsLeaves({ leafWeights }: Ensemble): boolean {
  return leafWeights.length > 1 && leafWeights.every((weight, i) => weight === i)
}

function curveOf(file: File, trees: readonly NodeProto[]): ReadCurve | undefined {
  const clip = file.sourceOf('value')
  const sum = clip && file.producer(clip.input[0]!)
  const product = sum && file.producer(sum.input[0]!)
  const slope = product && trees.find((node) => node.output[0] === product.input[1])
  const intercept = sum && trees.find((node) => node.output[0] === sum.input[1])
  if (clip?.opType !== 'Clip' || !slope || !intercept) return undefined
  const tree = ensembleOf(slope)
  return { tree, slope: tree.leafWeights, intercept: ensembleOf(intercept).leafWeights }
}

type File = ReturnType<typeof fileOf>

/** Questions about a decoded file. */
function fileOf({ graph }: ModelProto) {
  const producer = (name: string) => graph.node.find(({ output }) => output.includes(name))
  const tensor = (fits: (tensor: TensorProto) => boolean) => graph.initializer.find(fits)
  const sourceOf = (output: string) => {
    const identity = producer(output)
    return identity && producer(identity.input[0]!)
  }
  return {
    producer,
    tensor,
    sourceOf,
    ofType: (type: string) => graph.node.filter(({ opType }) => opType === type),
    constant(fits: (tensor: TensorProto) => boolean) {
      const found = tensor(fits)
      return found && tensorNumbers(found)
    },
    /** The double [1] that an output is, or that was added to it last. */
    oneDouble(output: string): number | undefined {
      const names = [...(sourceOf(output)?.input ?? []), ...(producer(output)?.input ?? [])]
      const found = tensor(
        ({ name, dims, dataType }) =>
          names.includes(name!) && dims.join() === '1' && dataType === elementType.double,
      )
      return found && tensorNumbers(found)[0]
    },
  }
}

function ensembleOf({ attribute }: NodeProto): Ensemble {
  const find = (name: string) => attribute.find((one) => one.name === name)
  const ints = (name: string) => find(name)?.ints ?? []
  const numbers = (name: string) => {
    const tensor = find(name)?.t
    return tensor ? tensorNumbers(tensor) : new Float64Array(0)
  }
  return {
    roots: ints('tree_roots'),
    featureIds: ints('nodes_featureids'),
    splits: numbers('nodes_splits'),
    missingTrue: ints('nodes_missing_value_tracks_true'),
    trueIds: ints('nodes_truenodeids'),
    trueLeafs: ints('nodes_trueleafs'),
    falseIds: ints('nodes_falsenodeids'),
    falseLeafs: ints('nodes_falseleafs'),
    leafWeights: numbers('leaf_weights'),
  }
}

/** A tree of a read forest, with the number of each of its leaves in the file; −1 at inner nodes. */
export type ReadTree = Omit<Tree, 'expected' | 'cover'> & { leafNumber: Int32Array }

/** The forest's trees as plain arrays. */
export function readTrees({ ensemble, leafValues }: ReadForest): ReadTree[] {
  return ensemble.roots.map((root) => {
    const rows: {
      feature: number
      threshold: number
      missing: number
      sides: [number, number]
      leaf: number
    }[] = []
    const add = (id: number, isLeaf: boolean): number => {
      const node = rows.length
      const [yes, no] = [ensemble.trueIds[id], ensemble.falseIds[id]]
      const bothLeaves = ensemble.trueLeafs[id] === 1 && ensemble.falseLeafs[id] === 1
      // A tree of one leaf is written as a split whose sides are the same.
      if (isLeaf || (bothLeaves && yes === no)) {
        rows.push({ feature: -1, threshold: 0, missing: 0, sides: [0, 0], leaf: isLeaf ? id : yes! })
        return node
      }
      const row = {
        feature: ensemble.featureIds[id]!,
        threshold: ensemble.splits[id]!,
        missing: ensemble.missingTrue[id]!,
        sides: [0, 0] as [number, number],
        leaf: -1,
      }
      rows.push(row)
      row.sides = [add(yes!, ensemble.trueLeafs[id] === 1), add(no!, ensemble.falseLeafs[id] === 1)]
      return node
    }
    add(root, false)
    return {
      feature: Int32Array.from(rows, (row) => row.feature),
      threshold: Float32Array.from(rows, (row) => row.threshold),
      left: Int32Array.from(rows, (row) => row.sides[0]),
      right: Int32Array.from(rows, (row) => row.sides[1]),
      missingLeft: Uint8Array.from(rows, (row) => row.missing),
      value: Float32Array.from(rows, (row) => (row.leaf < 0 ? 0 : leafValues[row.leaf]!)),
      leafNumber: Int32Array.from(rows, (row) => row.leaf),
    }
  })
}
