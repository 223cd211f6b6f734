/**
 * A linear margin in ONNX, float64: contributions are weight × (x − mean), margin is the bias plus their sum. The sum
 * is a chain of `Add`s over split columns rather than a MatMul, so the order of additions, and with it every bit, is
 * fixed.
 */
import type { GraphBuilder } from './graph'

/** margin(x) = bias + Σ weight[i] · (x[i] − mean[i]). */
export type LinearModel = { weight: readonly number[]; mean: readonly number[]; bias: number }

/** What each input adds to the bias: weight × (x − mean). */
export function linearParts({ weight, mean }: LinearModel, row: ArrayLike<number>): number[] {
  return weight.map((w, i) => (row[i]! - mean[i]!) * w)
}

/** The same in TypeScript, with the same operations in the same order. */
export function linearMargin(model: LinearModel, row: ArrayLike<number>): number {
  let sum = 0
  model.weight.forEach((weight, i) => {
    const part = (row[i]! - model.mean[i]!) * weight
    sum = i === 0 ? part : sum + part
  })
  return sum + model.bias
}

/** Adds the model to a graph; `x` is double [N,F]. Returns names of margin (double [N,1]) and contributions (float [N,F]). */
export function addLinear(
  graph: GraphBuilder,
  x: string,
  model: LinearModel,
): { margin: string; contributions: string } {
  const width = model.weight.length
  const mean = graph.constant({ type: 'double', dims: [1, width], values: model.mean })
  const weight = graph.constant({ type: 'double', dims: [1, width], values: model.weight })
  const parts = graph.op('Mul', [graph.op('Sub', [x, mean]), weight])
  const bias = graph.constant({ type: 'double', dims: [1], values: [model.bias] })
  let columns = [parts]
  if (width > 1)
    columns = graph.opMany('Split', [parts], width, { attributes: { axis: 1, num_outputs: width } })
  const sum = columns.slice(1).reduce((total, column) => graph.op('Add', [total, column]), columns[0]!)
  return {
    margin: graph.op('Add', [sum, bias]),
    contributions: graph.op('Cast', [parts], { attributes: { to: 1 } }),
  }
}
