/**
 * Brings amounts, counts and minutes to one scale: v = sign(x) · log2(1 + |x| / unit), then (v − mean) / deviation. In the
 * file the logarithm is a curve through knots a quarter of a doubling apart, whose bits are the same on every CPU; it ends
 * four doublings beyond the training data, so that what lies further out counts as that.
 */
import { toGrid } from '../learn/network'
import { addCurve, type Curve, evaluateCurve } from '../onnx/curve'
import type { GraphBuilder } from '../onnx/graph'
import { addGrid } from '../onnx/network'
import { noveltySpec } from './spec'

/** z = grid(curve(x) · slope + intercept). */
export type Scale = { curve: Curve; slope: number; intercept: number }

/** What counts as one step away from nothing. */
const unitOf: Readonly<Record<string, number>> = { minutes: 1, count: 1, ether: 0.01 }
const STEP = 0.25
const BEYOND = 4
/** A column that hardly varies must not blow up what noise it has. */
const MIN_DEVIATION = 0.05

/** One scale a column of row-major float32 rows [count, F]. */
export function fitScales(rows: Float32Array): Scale[] {
  const width = noveltySpec.inputs.length
  return noveltySpec.inputs.map(({ unit: unitName }, f) => {
    const unit = unitOf[unitName]!
    const logs = Float64Array.from({ length: rows.length / width }, (_, r) =>
      signedLog(rows[r * width + f]!, unit),
    )
    const [least, most] = minMax(logs)
    const [low, high] = [least < 0 ? least - BEYOND : 0, most + BEYOND]
    const mean = logs.reduce((sum, v) => sum + v, 0) / logs.length
    const variance = logs.reduce((sum, v) => sum + (v - mean) ** 2, 0) / logs.length
    const deviation = Math.max(MIN_DEVIATION, Math.sqrt(variance))
    const steps = Math.ceil((high - low) / STEP)
    const at = Array.from({ length: steps + 1 }, (_, i) => low + (i * (high - low)) / steps)
    const curve = { x: at.map((v) => inverse(v, unit)), y: at.map((_, i) => i / steps) }
    return { curve, slope: (high - low) / deviation, intercept: (low - mean) / deviation }
  })
}

function minMax(values: Float64Array): [number, number] {
  return values.reduce<[number, number]>(
    ([low, high], v) => [Math.min(low, v), Math.max(high, v)],
    [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  )
}

function signedLog(x: number, unit: number): number {
  return Math.sign(x) * Math.log2(1 + Math.abs(x) / unit)
}

function inverse(v: number, unit: number): number {
  return Math.sign(v) * (2 ** Math.abs(v) - 1) * unit
}

/** Scaled rows, float32 without loss: the grid below 2⁷ fits. */
export function scaleRows(scales: readonly Scale[], rows: ArrayLike<number>): Float32Array {
  return Float32Array.from(rows, (x, i) => {
    const { curve, slope, intercept } = scales[i % scales.length]!
    return toGrid(evaluateCurve(curve, x) * slope + intercept)
  })
}

/** The same in a graph; `x` is double [N, F]; returns double [N, F]. */
export function addScales(graph: GraphBuilder, x: string, scales: readonly Scale[]): string {
  const width = scales.length
  const columns = graph.opMany('Split', [x], width, { attributes: { axis: 1, num_outputs: width } })
  const curved = scales.map(({ curve }, f) => addCurve(graph, columns[f]!, curve))
  const joined = graph.op('Concat', curved, { attributes: { axis: 1 } })
  const row = (values: number[]) => graph.constant({ type: 'double', dims: [1, width], values })
  const slopes = row(scales.map(({ slope }) => slope))
  const intercepts = row(scales.map(({ intercept }) => intercept))
  return addGrid(graph, graph.op('Add', [graph.op('Mul', [joined, slopes]), intercepts]))
}
