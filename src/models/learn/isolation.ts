/**
 * Isolation forest: how few random cuts it takes to set a row apart from a sample of the others (Liu, Ting & Zhou,
 * ICDM 2008). Rows that are unlike the rest end in shallow leaves.
 *
 * A leaf's value is minus the path length, depth + c(rows in the leaf), so that a higher margin is more unusual, as
 * everywhere. Path lengths are rounded to multiples of 2⁻¹², which makes their sums exact in any order. The result is an
 * ordinary forest: the writer of boosted trees exports it, and its Saabas contributions explain it.
 *
 * Worked: c(256) = 2(ln 255 + γ) − 2 · 255/256 = 10.24; a row that is always set apart by one cut scores
 * 2^(−1/10.24) = 0.93, one that reaches the depth limit of 8 in leaves of one row 2^(−8/10.24) = 0.58.
 */
import { seededRandom } from '../../math/statistics'
import type { Curve } from '../onnx/curve'
import type { Forest, Tree } from './forest'
import { addNode, emptyNodes, packTree, setSplit, type TreeNodes } from './tree-nodes'

export type IsolationOptions = {
  featureCount: number
  trees: number
  /** Rows drawn for each tree, without replacement; all rows when there are fewer. */
  sampleRows: number
  seed: number
}

/** `forest` sums minus path lengths over the trees; `expectedPath` is c(rows per tree), the paper's normalisation. */
export type IsolationForest = { forest: Forest; expectedPath: number }

const EULER_GAMMA = 0.5772156649015329
const PATH_UNIT = 2 ** -12

/** c(n): mean path length of an unsuccessful search in a binary tree of n rows. */
export function expectedPathLength(rows: number): number {
  if (rows <= 1) return 0
  if (rows === 2) return 1
  return 2 * (Math.log(rows - 1) + EULER_GAMMA) - (2 * (rows - 1)) / rows
}

/**
 * Grows the forest on row-major float32 features. NaN takes part in no cut; at a cut it goes to the side with more rows.
 * Throws without rows or trees. The same rows, options and seed give the same forest.
 */
export function trainIsolation(rows: Float32Array, options: IsolationOptions): IsolationForest {
  const { featureCount, trees, sampleRows, seed } = options
  const count = rows.length / featureCount
  if (!Number.isInteger(count) || count < 2 || trees < 1 || sampleRows < 2) {
    throw new Error(
      `an isolation forest needs 2 rows, 1 tree and 2 rows a tree at least; got ${count}, ${trees}, ${sampleRows}`,
    )
  }
  const random = seededRandom(seed)
  const perTree = Math.min(sampleRows, count)
  const grown = Array.from({ length: trees }, () =>
    growIsolationTree({ rows, featureCount, sample: draw(count, perTree, random), random }),
  )
  return {
    forest: { featureCount, base: 0, trees: grown },
    expectedPath: expectedPathLength(perTree),
  }
}

/** The paper's score 2^(−mean path / c), 0 to 1, of margins that `forestMargins` gave for `forest`. */
export function isolationScores(
  { forest, expectedPath }: IsolationForest,
  margins: Float64Array,
): Float64Array {
  return margins.map((margin) => 2 ** (margin / forest.trees.length / expectedPath))
}

/** The same as a curve over the margin, for a model file: knots 1/64 of a halving apart, within 1.5e-5 of the score. */
export function isolationCurve({ forest, expectedPath }: IsolationForest): Curve {
  const scale = forest.trees.length * expectedPath
  const x = Array.from({ length: 6 * 64 + 1 }, (_, i) => (i / 64 - 6) * scale)
  return { x, y: x.map((margin) => 2 ** (margin / scale)) }
}

/** The first `take` of a shuffled 0 … count − 1. */
function draw(count: number, take: number, random: () => number): Int32Array {
  const all = Int32Array.from({ length: count }, (_, i) => i)
  for (let i = 0; i < take; i++) {
    const j = i + Math.floor(random() * (count - i))
    const kept = all[i]!
    all[i] = all[j]!
    all[j] = kept
  }
  return all.slice(0, take)
}

type Growth = { rows: Float32Array; featureCount: number; sample: Int32Array; random: () => number }

function growIsolationTree(growth: Growth): Tree {
  const nodes = emptyNodes()
  const maxDepth = Math.ceil(Math.log2(growth.sample.length))
  growNode(growth, nodes, { members: growth.sample, depth: 0, maxDepth })
  return packTree(nodes)
}

/** Adds the node of these members and all below it; returns its number. Depth is bounded by `maxDepth`. */
function growNode(
  growth: Growth,
  nodes: TreeNodes,
  { members, depth, maxDepth }: { members: Int32Array; depth: number; maxDepth: number },
): number {
  const node = addNode(nodes)
  nodes.cover[node] = members.length
  const cut = depth < maxDepth && members.length > 1 ? randomCut(growth, members) : undefined
  if (cut === undefined) {
    const path = depth + expectedPathLength(members.length)
    nodes.value[node] = -Math.round(path / PATH_UNIT) * PATH_UNIT
    return node
  }
  const [below, above] = part(growth, members, cut)
  const left = growNode(growth, nodes, { members: below, depth: depth + 1, maxDepth })
  const right = growNode(growth, nodes, { members: above, depth: depth + 1, maxDepth })
  setSplit(nodes, node, { ...cut, left, right })
  return node
}

type Cut = { feature: number; threshold: number; missingLeft: boolean }

/** A uniform threshold on a uniformly drawn feature that varies among the members; undefined when none does. */
function randomCut({ rows, featureCount, random }: Growth, members: Int32Array): Cut | undefined {
  const open = Array.from({ length: featureCount }, (_, f) => f)
  while (open.length > 0) {
    const feature = open.splice(Math.floor(random() * open.length), 1)[0]!
    let low = Number.POSITIVE_INFINITY
    let high = Number.NEGATIVE_INFINITY
    for (const row of members) {
      const x = rows[row * featureCount + feature]!
      if (x < low) low = x
      if (x > high) high = x
    }
    if (!(low < high)) continue
    const drawn = Math.fround(low + random() * (high - low))
    const threshold = drawn < high ? drawn : low
    let below = 0
    let above = 0
    for (const row of members) {
      const x = rows[row * featureCount + feature]!
      if (x <= threshold) below++
      else if (x > threshold) above++
    }
    return { feature, threshold, missingLeft: below >= above }
  }
  return undefined
}

function part({ rows, featureCount }: Growth, members: Int32Array, cut: Cut): [Int32Array, Int32Array] {
  const goesLeft = (row: number) => {
    const x = rows[row * featureCount + cut.feature]!
    return Number.isNaN(x) ? cut.missingLeft : x <= cut.threshold
  }
  return [members.filter(goesLeft), members.filter((row) => !goesLeft(row))]
}
