/**
 * A whole model file: float32 features in; out come `value` (calibrated, double [N,1]), `margin` (log odds before
 * calibration, double [N,1]), `contributions` (float [N,F]) and `bias` (double [1]), where
 * margin = bias + Σ contributions up to float32 rounding of the contributions. A model may publish further curves of its
 * margin, each a double [N,1] output of its own name.
 */
import { type Forest, forestBias } from '../learn/forest'
import { addCurve, type Curve } from './curve'
import { createGraph } from './graph'
import { addLinear, type LinearModel } from './linear'
import { addForest } from './trees'

export type ModelBody = { kind: 'forest'; forest: Forest } | { kind: 'linear'; linear: LinearModel }

/** Serialises a model; the same arguments give the same bytes. */
export function writeModel(options: {
  name: string
  version: string
  inputs: readonly string[]
  body: ModelBody
  curve: Curve
  further?: Readonly<Record<string, Curve>>
}): Uint8Array {
  const { name, version, inputs, body, curve, further = {} } = options
  const graph = createGraph()
  const width = inputs.length
  const features = graph.input({ name: 'features', type: 'float', width })
  const x = graph.op('Cast', [features], { attributes: { to: 11 } })
  const { margin, contributions } =
    body.kind === 'forest' ? addForest(graph, x, body.forest) : addLinear(graph, x, body.linear)
  const biasValue = body.kind === 'forest' ? forestBias(body.forest) : body.linear.bias
  const bias = graph.constant({ type: 'double', dims: [1], values: [biasValue] })
  graph.output({ name: 'value', source: addCurve(graph, margin, curve), type: 'double', dims: ['N', 1] })
  graph.output({ name: 'margin', source: margin, type: 'double', dims: ['N', 1] })
  graph.output({ name: 'contributions', source: contributions, type: 'float', dims: ['N', width] })
  graph.output({ name: 'bias', source: bias, type: 'double', dims: [1] })
  for (const [output, of] of Object.entries(further)) {
    graph.output({ name: output, source: addCurve(graph, margin, of), type: 'double', dims: ['N', 1] })
  }
  return graph.finish({ name, version, metadata: { name, version, inputs: inputs.join(',') } })
}
