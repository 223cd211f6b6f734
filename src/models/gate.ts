/**
 * The gate that another form of a model passes before it may serve: on hard rows it must say what the canonical file says,
 * a GPU form within 1e-5, a compiled one to the bit. Pure.
 */
import { seededRandom } from '../math/statistics'
import type { ReadForest } from './onnx/read-forest'
import type { RunResult } from './pool'

/** Largest difference of value, margin or contribution that is let through. */
export const GATE_TOLERANCE = 1e-5

const GATE_ROWS = 1024

const LARGEST_FLOAT32 = 2 ** 128 - 2 ** 104

/**
 * Rows [1024, F] that ask every threshold twice where there is room: exactly at it, one float32 above and below it, and
 * missing. The same seed gives the same rows.
 */
export function gateRows({ inputs, ensemble }: ReadForest, seed = 1): Float32Array {
  const random = seededRandom(seed)
  const width = inputs.length
  const cuts = inputs.map((_, f) => ensemble.splits.filter((_, node) => ensemble.featureIds[node] === f))
  return Float32Array.from({ length: GATE_ROWS * width }, (_, i) => {
    const column = cuts[i % width]!
    const draw = random()
    if (draw < 0.15) return Number.NaN
    if (column.length === 0) return random()
    const cut = column[Math.floor(random() * column.length)]!
    return finiteFloat32(draw < 0.4 ? cut : nextFloat(cut, draw < 0.7 ? 1 : -1))
  })
}

/** The nearest number that float32 holds: a split that only parts the missing from the rest is the largest of them. */
export function finiteFloat32(x: number): number {
  return Math.max(-LARGEST_FLOAT32, Math.min(LARGEST_FLOAT32, x))
}

/** The float32 number next to `x`: above for 1, below for −1. */
function nextFloat(x: number, direction: 1 | -1): number {
  if (x === 0) return direction * 2 ** -149
  const bits = new Int32Array(Float32Array.of(x).buffer)
  bits[0]! += x > 0 ? direction : -direction
  return new Float32Array(bits.buffer)[0]!
}

/** Largest absolute difference of two answers to the same rows; NaN on one side only is infinitely far. */
export function gateDifference(a: RunResult, b: RunResult): number {
  const parts: [ArrayLike<number>, ArrayLike<number>][] = [
    [a.values, b.values],
    [a.margins, b.margins],
    [a.contributions, b.contributions],
    [[a.bias], [b.bias]],
  ]
  let largest = 0
  for (const [left, right] of parts) {
    if (left.length !== right.length) return Number.POSITIVE_INFINITY
    for (let i = 0; i < left.length; i++) {
      const [x, y] = [left[i]!, right[i]!]
      if (Number.isNaN(x) && Number.isNaN(y)) continue
      const gap = Math.abs(x - y)
      if (!(gap <= largest)) largest = Number.isNaN(gap) ? Number.POSITIVE_INFINITY : gap
    }
  }
  return largest
}

/** Whether two answers are the same bits. */
export function sameBits(a: RunResult, b: RunResult): boolean {
  const same = (x: ArrayLike<number>, y: ArrayLike<number>) =>
    x.length === y.length && Array.prototype.every.call(x, (value, i) => Object.is(value, y[i]))
  return (
    same(a.values, b.values) &&
    same(a.margins, b.margins) &&
    same(a.contributions, b.contributions) &&
    Object.is(a.bias, b.bias)
  )
}
