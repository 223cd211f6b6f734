/**
 * The innermost loops of a compiled forest: the rows of a tile down the trees of a wing, and what their leaves add. Pure.
 *
 * Four rows go down a tree side by side: each step waits for the one before it, and a core can wait for four at once.
 */
import { CODE_BITS, type Wing } from './layout'

/** Rows that pass over a tree together: their codes and sums stay in a core's nearest caches. */
export const TILE_ROWS = 64
const ABREAST = 4
/** Of five terms, which most leaves of a tree of five levels have; written out they take less. */
const USUAL_SIZE = 10
/** Of this file's own: an import is looked up in its module at every use, which these loops would feel. */
const SHIFT = CODE_BITS
const MASK = 2 ** SHIFT - 1

/** What is at hand for the rows of a tile; see `createTile`. */
export interface Tile {
  /** [row, column, 2]: as ranks.ts encodes them. */
  codes: Int32Array
  /** [row, column + 1]: contributions so far; the last place of a row takes what terms are filled up with. */
  units: Int32Array
  margins: Float64Array
  /** The rows of each wing, and how many they are. */
  members: Int32Array[]
  counts: Int32Array
  /** The leaf of each of the wing's rows in the tree at hand. */
  leaves: Int32Array
}

export function createTile({ width, wingCount }: { width: number; wingCount: number }): Tile {
  return {
    codes: new Int32Array(TILE_ROWS * 2 * width),
    units: new Int32Array(TILE_ROWS * (width + 1)),
    margins: new Float64Array(TILE_ROWS),
    members: Array.from({ length: wingCount }, () => new Int32Array(TILE_ROWS)),
    counts: new Int32Array(wingCount),
    leaves: new Int32Array(TILE_ROWS),
  }
}

/** 0 where the code takes the node's true side, 1 where it takes the other: the sign of cut's rank − code. */
export function sideOf(word: number, codes: Int32Array, codeAt: number): number {
  return ((word >> SHIFT) - codes[codeAt + (word & MASK)]!) >>> 31
}

/** Adds the trees of wing number `w` to the margins and units of its rows. */
export function walkWing(wing: Wing, tile: Tile, { w, width }: { w: number; width: number }): void {
  const rows = tile.members[w]!
  const count = tile.counts[w]!
  if (count === 0) return
  for (let tree = 0; tree < wing.depths.length; tree++) {
    findLeaves(wing, tile, { rows, count, tree, codeStride: 2 * width })
    addMargins(wing, tile, { rows, count, leafAt: wing.leafAt[tree]! })
    addTerms(wing, tile, { rows, count, tree, unitStride: width + 1 })
  }
}

/** Past `count` stand rows of an earlier tile, which are walked for nothing where four do not come together. */
function findLeaves(
  { depths, nodeAt, nodes }: Wing,
  { codes, leaves }: Tile,
  { rows, count, tree, codeStride }: { rows: Int32Array; count: number; tree: number; codeStride: number },
): void {
  const depth = depths[tree]!
  const first = nodeAt[tree]!
  const innerCount = (1 << depth) - 1
  for (let i = 0; i < count; i += ABREAST) {
    const codeA = rows[i]! * codeStride
    const codeB = rows[i + 1]! * codeStride
    const codeC = rows[i + 2]! * codeStride
    const codeD = rows[i + 3]! * codeStride
    let [a, b, c, d] = [0, 0, 0, 0]
    for (let level = 0; level < depth; level++) {
      a = (a << 1) + 1 + sideOf(nodes[first + a]!, codes, codeA)
      b = (b << 1) + 1 + sideOf(nodes[first + b]!, codes, codeB)
      c = (c << 1) + 1 + sideOf(nodes[first + c]!, codes, codeC)
      d = (d << 1) + 1 + sideOf(nodes[first + d]!, codes, codeD)
    }
    leaves[i] = a - innerCount
    leaves[i + 1] = b - innerCount
    leaves[i + 2] = c - innerCount
    leaves[i + 3] = d - innerCount
  }
}

function addMargins(
  { leafMargins }: Wing,
  { margins, leaves }: Tile,
  { rows, count, leafAt }: { rows: Int32Array; count: number; leafAt: number },
): void {
  for (let i = 0; i < count; i++) margins[rows[i]!]! += leafMargins[leafAt + leaves[i]!]!
}

function addTerms(
  { terms, termAt, termCounts }: Wing,
  { units, leaves }: Tile,
  { rows, count, tree, unitStride }: { rows: Int32Array; count: number; tree: number; unitStride: number },
): void {
  const first = termAt[tree]!
  const size = 2 * termCounts[tree]!
  for (let i = 0; i < count; i++) {
    const unitAt = rows[i]! * unitStride
    const at = first + leaves[i]! * size
    if (size === USUAL_SIZE) {
      units[unitAt + terms[at]!]! += terms[at + 1]!
      units[unitAt + terms[at + 2]!]! += terms[at + 3]!
      units[unitAt + terms[at + 4]!]! += terms[at + 5]!
      units[unitAt + terms[at + 6]!]! += terms[at + 7]!
      units[unitAt + terms[at + 8]!]! += terms[at + 9]!
      continue
    }
    for (let term = at; term < at + size; term += 2) units[unitAt + terms[term]!]! += terms[term + 1]!
  }
}
