/**
 * A forest laid out for walking: every tree a full binary tree in one array, the sides of node i at 2i + 1 and 2i + 2, so
 * that no child is looked up. A leaf above the last level is repeated below itself. Pure.
 *
 * Where all trees ask the same question at their root, as a merged forest does (illicit/merge.ts), it is asked once a row
 * and each answer has a wing of its own: the trees below that side.
 */
import type { ReadForest } from '../onnx/read-forest'
import { ABOVE_ALL, createRanks, type Ranks } from './ranks'

/** A node is its cut's rank above these bits and the place of the code that it compares within them. */
export const CODE_BITS = 10
const MAX_COLUMNS = 2 ** (CODE_BITS - 1)
const MAX_DEPTH = 12
/** A node whose true side every row takes. */
const ALWAYS_TRUE = (2 * ABOVE_ALL - 1) << CODE_BITS
/** What contributions are counted in, in the file and here. */
export const REASON_UNIT = 2 ** -23

/** Trees one after the other; of tree t: `depths[t]`, first node, first leaf, first term, terms of each of its leaves. */
export interface Wing {
  /** Margin and contributions before any tree: what all leaves of a tree have in common is here. */
  margin: number
  units: Int32Array
  depths: Int32Array
  nodeAt: Int32Array
  leafAt: Int32Array
  termAt: Int32Array
  termCounts: Int32Array
  nodes: Int32Array
  leafMargins: Float64Array
  /** Contributions of a leaf: a column and its units each; fewer than the tree's most are filled up with the column after the last. */
  terms: Int32Array
}

export interface Layout {
  width: number
  ranks: Ranks
  /** The common question; undefined when there is none, and then `wings` has one entry. */
  gate: number | undefined
  /** For rows that take the gate's true side, and the others. */
  wings: readonly Wing[]
}

type Side = { id: number; leaf: boolean }

/** The layout of a forest, or in words why it has none. */
export function layOut(forest: ReadForest): Layout | string {
  const { inputs, ensemble } = forest
  const width = inputs.length
  if (width > MAX_COLUMNS) return `it has ${width} inputs, more than ${MAX_COLUMNS}`
  const { featureIds, splits } = ensemble
  const odd = splits.find((split) => Math.fround(split) !== split)
  if (odd !== undefined) return `its threshold ${odd} is no float32 number`
  const unitsOf = forest.leafReasons.map((reason) => reason / REASON_UNIT)
  if (!unitsOf.every(Number.isInteger)) return 'its contributions are no whole multiples of 2^-23'
  if (!sumsAreExact(forest)) return 'sums of its leaves may round, so that their order would matter'
  const cuts: number[][] = inputs.map(() => [])
  for (const [node, feature] of featureIds.entries()) cuts[feature]!.push(splits[node]!)
  const ranks = createRanks(cuts)
  const word = (node: number) => {
    const feature = featureIds[node]!
    const code = 2 * feature + (ensemble.missingTrue[node] === 1 ? 0 : 1)
    return (ranks.rankOfCut(feature, splits[node]!) << CODE_BITS) | code
  }
  const words = Int32Array.from(featureIds, (_, node) => word(node))
  const { roots } = ensemble
  const common = roots.every((root) => words[root] === words[roots[0]!])
  const trees = roots.map((id): Side => ({ id, leaf: false }))
  const sides = common
    ? [trees.map((t) => sideOf(forest, t, true)), trees.map((t) => sideOf(forest, t, false))]
    : [trees]
  if (sides.flat().some((side) => depthOf(forest, side) > MAX_DEPTH))
    return `a tree is deeper than ${MAX_DEPTH}`
  const units = Int32Array.from(unitsOf)
  const wings = sides.map((own) => wingOf(forest, { trees: own, words, units }))
  return { width, ranks, gate: common ? words[roots[0]!]! : undefined, wings }
}

/**
 * Whether every sum of leaves, one a tree, is exact in float64 whatever its order: all are whole multiples of the
 * smallest power of two that some leaf needs, and no sum reaches 2^53 of it.
 */
function sumsAreExact(forest: ReadForest): boolean {
  const { ensemble, leafValues, base } = forest
  const all = [...leafValues, base].filter((value) => value !== 0)
  if (!all.every(Number.isFinite)) return false
  let unit = 1
  while (!all.every((value) => Number.isInteger(value / unit))) {
    unit /= 2
    if (unit < 2 ** -200) return false
  }
  const largest = ensemble.roots.reduce(
    (sum, id) => sum + largestLeaf(forest, { id, leaf: false }),
    Math.abs(base),
  )
  return largest / unit < 2 ** 53
}

function largestLeaf(forest: ReadForest, side: Side): number {
  if (side.leaf) return Math.abs(forest.leafValues[side.id]!)
  return Math.max(
    largestLeaf(forest, sideOf(forest, side, true)),
    largestLeaf(forest, sideOf(forest, side, false)),
  )
}

function sideOf({ ensemble }: ReadForest, { id }: Side, yes: boolean): Side {
  return yes
    ? { id: ensemble.trueIds[id]!, leaf: ensemble.trueLeafs[id] === 1 }
    : { id: ensemble.falseIds[id]!, leaf: ensemble.falseLeafs[id] === 1 }
}

function depthOf(forest: ReadForest, side: Side): number {
  if (side.leaf) return 0
  return (
    1 + Math.max(depthOf(forest, sideOf(forest, side, true)), depthOf(forest, sideOf(forest, side, false)))
  )
}

type Parts = { trees: readonly Side[]; words: Int32Array; units: Int32Array }

function wingOf(forest: ReadForest, { trees, words, units }: Parts): Wing {
  const width = forest.inputs.length
  const base = new Int32Array(width)
  const lists: Record<'depths' | 'nodeAt' | 'leafAt' | 'termAt' | 'termCounts', number[]> = {
    depths: [],
    nodeAt: [],
    leafAt: [],
    termAt: [],
    termCounts: [],
  }
  const [nodes, margins, terms]: [number[], number[], number[]] = [[], [], []]
  let margin = forest.base
  for (const tree of trees) {
    const full = fullTree(forest, tree, words)
    const rest = withoutCommon(full.leaves, { units, width, base })
    if (full.nodes.length === 0) {
      margin += forest.leafValues[tree.id]!
      continue
    }
    const most = Math.max(...rest.map((own) => own.length))
    lists.depths.push(Math.log2(full.leaves.length))
    lists.nodeAt.push(nodes.length)
    lists.leafAt.push(margins.length)
    lists.termAt.push(terms.length)
    lists.termCounts.push(most)
    nodes.push(...full.nodes)
    margins.push(...full.leaves.map((leaf) => forest.leafValues[leaf]!))
    for (const own of rest) {
      for (let k = 0; k < most; k++) terms.push(own[k]?.column ?? width, own[k]?.units ?? 0)
    }
  }
  return {
    margin,
    units: base,
    depths: Int32Array.from(lists.depths),
    nodeAt: Int32Array.from(lists.nodeAt),
    leafAt: Int32Array.from(lists.leafAt),
    termAt: Int32Array.from(lists.termAt),
    termCounts: Int32Array.from(lists.termCounts),
    nodes: Int32Array.from(nodes),
    leafMargins: Float64Array.from(margins),
    terms: Int32Array.from(terms),
  }
}

/** Words of all inner nodes, and the leaf at every place of the last level. */
function fullTree(forest: ReadForest, tree: Side, words: Int32Array): { nodes: number[]; leaves: number[] } {
  const nodes: number[] = []
  let level = [tree]
  for (let depth = depthOf(forest, tree); depth > 0; depth--) {
    nodes.push(...level.map((side) => (side.leaf ? ALWAYS_TRUE : words[side.id]!)))
    level = level.flatMap((side) =>
      side.leaf ? [side, side] : [sideOf(forest, side, true), sideOf(forest, side, false)],
    )
  }
  return { nodes, leaves: level.map(({ id }) => id) }
}

/** Contributions of each leaf but what most leaves of the tree have in common, which moves to the base. */
function withoutCommon(
  leaves: readonly number[],
  { units, width, base }: { units: Int32Array; width: number; base: Int32Array },
): { column: number; units: number }[][] {
  const rest: { column: number; units: number }[][] = leaves.map(() => [])
  for (let column = 0; column < width; column++) {
    const own = leaves.map((leaf) => units[leaf * width + column]!)
    const usual = mostFrequent(own)
    base[column]! += usual
    own.forEach((value, i) => {
      if (value !== usual) rest[i]!.push({ column, units: value - usual })
    })
  }
  return rest
}

function mostFrequent(values: readonly number[]): number {
  const counts = new Map<number, number>()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  return [...counts].reduce((best, one) => (one[1] > best[1] ? one : best))[0]
}
