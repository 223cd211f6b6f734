/**
 * A whole model file: float32 features in; out come `value` (calibrated, double [N,1]), `margin` (log odds before
 * calibration, double [N,1]), `contributions` (float [N,F]) and `bias` (double [1]), where
 * margin = bias + Σ contributions up to float32 rounding of the contributions.
 */
import { type Forest, forestBias } from '../learn/forest'
import { addCurve, type Curve } from './curve'
import { createGraph, type GraphBuilder } from './graph'
import { addLinear, type LinearModel } from './linear'
import { addForest } from './trees'

export type ModelBody = { kind: 'forest'; forest: Forest } | { kind: 'linear'; linear: LinearModel }

/** A model with a graph of its own, calibration included, and the same in TypeScript. */
export type GraphBody = {
  kind: 'graph'
  bias: number
  /** Adds the model over `features` (float [N, F]); returns names of value, margin (double [N, 1]) and contributions (float [N, F]). */
  add(graph: GraphBuilder, features: string): { value: string; margin: string; contributions: string }
  /** Outputs for one row of float32 features. */
  reference(row: Float32Array): { margin: number; value: number }
}

/** What makes a model file: a body that gives a margin and the curve that calibrates it, or a graph that does both. */
export type ModelParts = { body: ModelBody; curve: Curve } | { body: GraphBody; curve?: undefined }

/** Serialises a model; the same arguments give the same bytes. */
export function writeModel(
  options: { name: string; version: string; inputs: readonly string[] } & ModelParts,
): Uint8Array {
  const { name, version, inputs } = options
  const graph = createGraph()
  const width = inputs.length
  const features = graph.input({ name: 'features', type: 'float', width })
  const { value, margin, contributions, bias } = addBody(graph, features, options)
  graph.output({ name: 'value', source: value, type: 'double', dims: ['N', 1] })
  graph.output({ name: 'margin', source: margin, type: 'double', dims: ['N', 1] })
  graph.output({ name: 'contributions', source: contributions, type: 'float', dims: ['N', width] })
  graph.output({ name: 'bias', source: bias, type: 'double', dims: [1] })
  return graph.finish({ name, version, metadata: { name, version, inputs: inputs.join(',') } })
}

function addBody(graph: GraphBuilder, features: string, { body, curve }: ModelParts) {
  const constant = (value: number) => graph.constant({ type: 'double', dims: [1], values: [value] })
  if (body.kind === 'graph') {
    const added = body.add(graph, features)
    return { ...added, bias: constant(body.bias) }
  }
  const x = graph.op('Cast', [features], { attributes: { to: 11 } })
  const added = body.kind === 'forest' ? addForest(graph, x, body.forest) : addLinear(graph, x, body.linear)
  const bias = constant(body.kind === 'forest' ? forestBias(body.forest) : body.linear.bias)
  return { ...added, bias, value: addCurve(graph, added.margin, curve!) }
}
