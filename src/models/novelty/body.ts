/**
 * What `novelty` computes, in TypeScript and as a graph, bit for bit the same.
 *
 * For a scaled row z of kind k, two views of unusualness, each given to the features that cause it:
 *   isolation       what feature j took off the path in the kind's isolation forest (Saabas), over the forest's average
 *   reconstruction  (z_j − ẑ_j)², at most ERROR_CAP, over the kind's average; ẑ is what an autoencoder makes of z
 * Each is weighed so that its 90th percentile within the kind lies one above its median. The margin is their sum over
 * features, so contributions add up to it exactly; the value is the share of the kind's training accounts with a smaller
 * margin. All terms lie on the grid of learn/network.ts, hence sums have no order.
 */
import { type Forest, leafContributions, leafOf, type Tree } from '../learn/forest'
import type { IsolationForest } from '../learn/isolation'
import { type Network, networkOutputs, toGrid } from '../learn/network'
import { addCurve, type Curve, evaluateCurve } from '../onnx/curve'
import type { GraphBuilder } from '../onnx/graph'
import { addGrid, addNetwork } from '../onnx/network'
import { addForest } from '../onnx/trees'
import { addKind, KINDS, kindOf } from './kinds'
import { addScales, type Scale, scaleRows } from './scale'
import { noveltySpec } from './spec'

/** Squared deviations of one feature count up to here: five standard deviations. */
export const ERROR_CAP = 25
const WIDTH = noveltySpec.inputs.length
const REASON_UNIT = 2 ** -23

/** Fitted parts; one entry a kind where there are several. */
export type NoveltyParts = {
  scales: Scale[]
  isolation: IsolationForest[]
  /** F + kinds inputs, F outputs. */
  network: Network
  /** Mean capped error [kinds][F]. */
  meanError: number[][]
  weights: { isolation: number; reconstruction: number }[]
  cumulative: Curve[]
}

/** Rows for the network: scaled features, then a one for the kind. */
export function networkInputs(scaled: ArrayLike<number>, kinds: ArrayLike<number>): Float32Array {
  const width = WIDTH + KINDS.length
  const inputs = new Float32Array(kinds.length * width)
  for (let r = 0; r < kinds.length; r++) {
    for (let f = 0; f < WIDTH; f++) inputs[r * width + f] = scaled[r * WIDTH + f]!
    inputs[r * width + WIDTH + kinds[r]!] = 1
  }
  return inputs
}

/** Capped squared errors, row-major [rows, F]. */
export function reconstructionErrors(
  network: Network,
  scaled: ArrayLike<number>,
  kinds: ArrayLike<number>,
): Float64Array {
  const made = networkOutputs(network, networkInputs(scaled, kinds))
  return made.map((value, i) => Math.min((value - scaled[i]!) ** 2, ERROR_CAP))
}

/** Per feature, minus path length over the kind's average; float32 as the graph has it. */
export function isolationParts(
  { forest }: IsolationForest,
  scaled: ArrayLike<number>,
): (offset: number) => Float32Array {
  const reasons = forest.trees.map((tree) => leafContributions(tree, WIDTH))
  return (offset) => {
    const sum = new Float64Array(WIDTH)
    forest.trees.forEach((tree, t) => {
      const parts = reasons[t]!.get(leafOf(tree, scaled, offset))!
      for (let f = 0; f < WIDTH; f++) sum[f]! += Math.round(parts[f]! / REASON_UNIT) * REASON_UNIT
    })
    return Float32Array.from(sum)
  }
}

/** Margins, contributions [rows, F] and values of raw rows. */
export function noveltyScores(parts: NoveltyParts, rows: ArrayLike<number>) {
  const count = rows.length / WIDTH
  const kinds = Uint8Array.from({ length: count }, (_, r) => kindOf(rows, r * WIDTH))
  const scaled = scaleRows(parts.scales, rows)
  const errors = reconstructionErrors(parts.network, scaled, kinds)
  const isolated = parts.isolation.map((forest) => isolationParts(forest, scaled))
  const margins = new Float64Array(count)
  const contributions = new Float64Array(rows.length)
  kinds.forEach((kind, r) => {
    const { isolation, reconstruction } = parts.weights[kind]!
    const paths = isolated[kind]!(r * WIDTH)
    for (let f = 0; f < WIDTH; f++) {
      const i = r * WIDTH + f
      const error = toGrid((errors[i]! - parts.meanError[kind]![f]!) * reconstruction)
      // Missing values give no score, as the spec says: 0 · NaN poisons the row.
      contributions[i] = error + toGrid(paths[f]! * isolation)
      margins[r]! += contributions[i]! + rows[i]! * 0
    }
  })
  const values = margins.map((margin, r) => evaluateCurve(parts.cumulative[kinds[r]!]!, margin))
  return { kinds, margins, contributions, values }
}

/** The whole model over `features` float [N, F]; returns names of value, margin (double [N, 1]) and contributions (float [N, F]). */
export function addNovelty(graph: GraphBuilder, features: string, parts: NoveltyParts) {
  const x = graph.op('Cast', [features], { attributes: { to: 11 } })
  const kind = addKind(graph, x)
  const scaled = addScales(graph, x, parts.scales)
  const perKind = (values: number[][]) => {
    const table = graph.constant({
      type: 'double',
      dims: [KINDS.length, values[0]!.length],
      values: values.flat(),
    })
    const flat = graph.op('Reshape', [kind, graph.constant({ type: 'int64', dims: [1], values: [-1] })])
    return graph.op('Gather', [table, flat], { attributes: { axis: 0 } })
  }
  const errors = addErrors(graph, { scaled, kind, network: parts.network })
  const overMean = graph.op('Sub', [errors, perKind(parts.meanError)])
  const reconstruction = graph.op('Mul', [overMean, perKind(parts.weights.map((w) => [w.reconstruction]))])
  const paths = addPaths(graph, { scaled, kind, isolation: parts.isolation })
  const isolation = graph.op('Mul', [paths, perKind(parts.weights.map((w) => [w.isolation]))])
  const both = graph.op('Add', [addGrid(graph, reconstruction), addGrid(graph, isolation)])
  const axis = graph.constant({ type: 'int64', dims: [1], values: [1] })
  const sum = (name: string) => graph.op('ReduceSum', [name, axis], { attributes: { keepdims: 1 } })
  const zero = graph.constant({ type: 'double', dims: [], values: [0] })
  const missing = sum(graph.op('Mul', [x, zero]))
  const margin = graph.op('Add', [sum(both), missing])
  const contributions = graph.op('Cast', [graph.op('Add', [both, missing])], { attributes: { to: 1 } })
  const value = parts.cumulative
    .map((curve) => addCurve(graph, margin, curve))
    .reduce((chosen, curve, k) => graph.op('Where', [isKind(graph, kind, k), curve, chosen]))
  return { value, margin, contributions }
}

function isKind(graph: GraphBuilder, kind: string, k: number): string {
  return graph.op('Equal', [kind, graph.constant({ type: 'int32', dims: [], values: [k] })])
}

function addErrors(
  graph: GraphBuilder,
  { scaled, kind, network }: { scaled: string; kind: string; network: Network },
): string {
  const ones = KINDS.map((_, k) => graph.op('Cast', [isKind(graph, kind, k)], { attributes: { to: 11 } }))
  const inputs = graph.op('Concat', [scaled, ...ones], { attributes: { axis: 1 } })
  const gap = graph.op('Sub', [addNetwork(graph, inputs, network), scaled])
  const cap = graph.constant({ type: 'double', dims: [], values: [ERROR_CAP] })
  return graph.op('Min', [graph.op('Mul', [gap, gap]), cap])
}

/** All kinds' forests as one: each tree first asks for the kind, then goes on in the kind's own tree. */
function addPaths(
  graph: GraphBuilder,
  { scaled, kind, isolation }: { scaled: string; kind: string; isolation: readonly IsolationForest[] },
): string {
  const number = graph.op('Cast', [kind], { attributes: { to: 11 } })
  const x = graph.op('Concat', [scaled, number], { attributes: { axis: 1 } })
  const { contributions } = addForest(graph, x, forestByKind(isolation))
  const wide = graph.op('Cast', [contributions], { attributes: { to: 11 } })
  const indices = noveltySpec.inputs.map((_, f) => f)
  const own = graph.constant({ type: 'int64', dims: [WIDTH], values: indices })
  return graph.op('Gather', [wide, own], { attributes: { axis: 1 } })
}

/** Tree t asks column F for the kind, and continues in tree t of that kind's forest. */
export function forestByKind(isolation: readonly IsolationForest[]): Forest {
  const count = isolation[0]!.forest.trees.length
  const trees = Array.from({ length: count }, (_, t) =>
    joinByKind(isolation.map(({ forest }) => forest.trees[t]!)),
  )
  return { featureCount: WIDTH + 1, base: 0, trees }
}

/** Kinds 0 … n − 1 hang on a chain of cuts at 0.5, 1.5 …; the chain's expectations do not matter, its column is dropped. */
function joinByKind(members: readonly Tree[]): Tree {
  const chain = members.length - 1
  const starts: number[] = []
  members.reduce((start, tree) => {
    starts.push(start)
    return start + tree.feature.length
  }, chain)
  const list = <T>(own: (k: number) => T, ofMember: (tree: Tree, start: number) => T[]): T[] => [
    ...Array.from({ length: chain }, (_, k) => own(k)),
    ...members.flatMap((tree, k) => ofMember(tree, starts[k]!)),
  ]
  return {
    feature: Int32Array.from(
      list(
        () => WIDTH,
        (tree) => [...tree.feature],
      ),
    ),
    threshold: Float32Array.from(
      list(
        (k) => k + 0.5,
        (tree) => [...tree.threshold],
      ),
    ),
    left: Int32Array.from(
      list(
        (k) => starts[k]!,
        (tree, start) => Array.from(tree.left, (node) => node + start),
      ),
    ),
    right: Int32Array.from(
      list(
        (k) => (k + 1 < chain ? k + 1 : starts[chain]!),
        (tree, start) => Array.from(tree.right, (node) => node + start),
      ),
    ),
    missingLeft: Uint8Array.from(
      list(
        () => 0,
        (tree) => [...tree.missingLeft],
      ),
    ),
    value: Float32Array.from(
      list(
        () => 0,
        (tree) => [...tree.value],
      ),
    ),
    expected: Float64Array.from(
      list(
        () => 0,
        (tree) => [...tree.expected],
      ),
    ),
  }
}
