/**
 * Trees walked in TypeScript, with their contributions in the same pass: what onnxruntime says of the model file, equal to
 * the bit, in a third of the CPU time. The graph gathers a whole row of the contributions' table for each tree and row
 * (13,572 numbers a row for `illicit`) before it adds them up; here a leaf adds the handful that are not zero.
 *
 * Margins are sums of float64 numbers that cannot round (layout.ts), contributions sums of whole numbers, so the order of
 * adding is free. The calibration is one multiplication and one addition, as in the graph. Pure.
 */
import type { ReadCurve, ReadForest } from '../onnx/read-forest'
import type { RunResult } from '../pool'
import { type Layout, layOut, REASON_UNIT } from './layout'
import { createTile, sideOf, TILE_ROWS, type Tile, walkWing } from './walk-wing'

/** Scores row-major float32 rows, none of which holds an infinity. */
export type Walker = (rows: Float32Array, rowCount: number) => RunResult

/** The walker of a forest, or in words why there is none. */
export function compileForest(forest: ReadForest): Walker | string {
  const layout = layOut(forest)
  if (typeof layout === 'string') return layout
  const { width, ranks, wings } = layout
  const calibrate = curveOf(forest.curve)
  const tile = createTile({ width, wingCount: wings.length })
  return (rows, rowCount) => {
    const values = new Float64Array(rowCount)
    const margins = new Float64Array(rowCount)
    const contributions = new Float32Array(rowCount * width)
    for (let firstRow = 0; firstRow < rowCount; firstRow += TILE_ROWS) {
      const count = Math.min(TILE_ROWS, rowCount - firstRow)
      ranks.encode(rows, { firstRow, rowCount: count, codes: tile.codes })
      split(layout, tile, count)
      wings.forEach((wing, w) => {
        walkWing(wing, tile, { w, width })
      })
      margins.set(tile.margins.subarray(0, count), firstRow)
      publish(tile.units, contributions, { firstRow, count, width })
    }
    for (let row = 0; row < rowCount; row++) values[row] = calibrate(margins[row]!)
    return { values, margins, contributions, bias: forest.bias, further: {} }
  }
}

/** Puts each row of a tile in its wing, with what the wing begins with. */
function split({ gate, wings, width }: Layout, tile: Tile, count: number): void {
  const { codes, units, margins, members, counts } = tile
  counts.fill(0)
  for (let row = 0; row < count; row++) {
    const w = gate === undefined ? 0 : sideOf(gate, codes, row * 2 * width)
    const wing = wings[w]!
    members[w]![counts[w]!++] = row
    margins[row] = wing.margin
    units.set(wing.units, row * (width + 1))
  }
}

function publish(
  units: Int32Array,
  contributions: Float32Array,
  { firstRow, count, width }: { firstRow: number; count: number; width: number },
): void {
  const unit = REASON_UNIT
  let to = firstRow * width
  for (let row = 0; row < count; row++) {
    const from = row * (width + 1)
    for (let column = 0; column < width; column++) contributions[to++] = units[from + column]! * unit
  }
}

/** The curve's tree in its order: segment i lies above knot i − 1 and up to knot i. */
function curveOf({ tree, slope, intercept }: ReadCurve): (margin: number) => number {
  const knots: number[] = []
  const order: number[] = []
  const visit = (id: number, leaf: boolean): void => {
    if (leaf) {
      order.push(id)
      return
    }
    visit(tree.trueIds[id]!, tree.trueLeafs[id] === 1)
    knots.push(tree.splits[id]!)
    visit(tree.falseIds[id]!, tree.falseLeafs[id] === 1)
  }
  visit(tree.roots[0]!, false)
  const cuts = Float64Array.from(knots)
  const slopes = Float64Array.from(order, (leaf) => slope[leaf]!)
  const intercepts = Float64Array.from(order, (leaf) => intercept[leaf]!)
  return (margin) => {
    let [low, high] = [0, cuts.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (margin > cuts[middle]!) low = middle + 1
      else high = middle
    }
    return Math.min(1, Math.max(0, margin * slopes[low]! + intercepts[low]!))
  }
}
