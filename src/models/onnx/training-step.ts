/**
 * One step of training as one ONNX graph: forward, loss, backward and Adam (Kingma & Ba, ICLR 2015), in float32.
 * Weights and moments go in and come out, so a loop over batches is a loop of runs; nothing else is needed of the
 * runtime than what inference needs.
 *
 * Backward by hand, layer by layer: with a = relu(z), z = x·W + b and g = dL/dz:
 *   dW = xᵀ·g,  db = Σ rows of g,  dx = g·Wᵀ,  and one layer down g = dx ⊙ (a > 0).
 * Both losses have the same gradient at the output: mean squared error over 2, and logistic loss through a sigmoid, give
 * g = (output − target) · weight / Σ weights.
 */
import { createGraph, type GraphBuilder } from './graph'

export type TrainingGraph = {
  widths: readonly number[]
  /** `squared`: linear output; `logistic`: sigmoid output, targets 0..1. */
  loss: 'squared' | 'logistic'
  /** L2 penalty on weights (not biases) added to their gradient. */
  l2: number
}

const BETA1 = 0.9
const BETA2 = 0.999
const EPSILON = 1e-8

/** Names of one parameter's tensor and its two moments; outputs are `next_` + name. */
export function parameterNames(widths: readonly number[]): { name: string; dims: number[] }[] {
  return widths.slice(1).flatMap((out, l) => [
    { name: `weight${l}`, dims: [widths[l]!, out] },
    { name: `bias${l}`, dims: [1, out] },
  ])
}

/**
 * Inputs: x [N, in], y [N, out], share [N, 1] (row weight / sum of weights), rate [1, 1] (learning rate with Adam's bias
 * correction), correction [1, 1] (√(1 − β₂ᵗ)), and each parameter with `first_` and `second_` moments.
 * Outputs: `loss` [1, 1] and `next_` of each of these.
 */
export function writeTrainingStep({ widths, loss, l2 }: TrainingGraph): Uint8Array {
  const graph = createGraph()
  const layers = widths.length - 1
  const x = graph.input({ name: 'x', type: 'float', width: widths[0]! })
  const y = graph.input({ name: 'y', type: 'float', width: widths[layers]! })
  const share = graph.input({ name: 'share', type: 'float', width: 1 })
  for (const { name, dims } of parameterNames(widths)) {
    for (const prefix of ['', 'first_', 'second_']) graph.input({ name: prefix + name, type: 'float', dims })
  }
  const adam = adamOf(graph)
  const activations = forward(graph, x, layers)
  const output = loss === 'logistic' ? graph.op('Sigmoid', [activations[layers]!]) : activations[layers]!
  let gradient = graph.op('Mul', [graph.op('Sub', [output, y]), share])
  publishLoss(graph, { loss, output, y, share })
  for (let l = layers - 1; l >= 0; l--) {
    const input = activations[l]!
    const transposed = graph.op('Transpose', [input], { attributes: { perm: [1, 0] } })
    const ofWeights = graph.op('Add', [
      graph.op('MatMul', [transposed, gradient]),
      graph.op('Mul', [`weight${l}`, scalar(graph, l2)]),
    ])
    const ofBiases = sum(graph, gradient, 0)
    const back = graph.op('Transpose', [`weight${l}`], { attributes: { perm: [1, 0] } })
    if (l > 0) {
      const alive = graph.op('Cast', [graph.op('Greater', [input, scalar(graph, 0)])], {
        attributes: { to: 1 },
      })
      gradient = graph.op('Mul', [graph.op('MatMul', [gradient, back]), alive])
    }
    adam({ name: `weight${l}`, dims: [widths[l]!, widths[l + 1]!], gradient: ofWeights })
    adam({ name: `bias${l}`, dims: [1, widths[l + 1]!], gradient: ofBiases })
  }
  return graph.finish({ name: 'training-step', version: '1', metadata: {} })
}

/** Activations of every layer, the input first; the last one is linear. */
function forward(graph: GraphBuilder, x: string, layers: number): string[] {
  const activations = [x]
  for (let l = 0; l < layers; l++) {
    const z = graph.op('Add', [graph.op('MatMul', [activations[l]!, `weight${l}`]), `bias${l}`])
    activations.push(l < layers - 1 ? graph.op('Relu', [z]) : z)
  }
  return activations
}

function publishLoss(
  graph: GraphBuilder,
  { loss, output, y, share }: { loss: TrainingGraph['loss']; output: string; y: string; share: string },
): void {
  const perCell = loss === 'squared' ? squaredLoss(graph, output, y) : logisticLoss(graph, output, y)
  const source = sum(graph, sum(graph, graph.op('Mul', [perCell, share]), 1), 0)
  graph.output({ name: 'loss', source, type: 'float', dims: [1, 1] })
}

function squaredLoss(graph: GraphBuilder, output: string, y: string): string {
  const gap = graph.op('Sub', [output, y])
  return graph.op('Mul', [graph.op('Mul', [gap, gap]), scalar(graph, 0.5)])
}

/** −y·ln p − (1 − y)·ln(1 − p), with p kept off 0 and 1 by 1e-7. */
function logisticLoss(graph: GraphBuilder, output: string, y: string): string {
  const clipped = graph.op('Clip', [output, scalar(graph, 1e-7), scalar(graph, 1 - 1e-7)])
  const one = scalar(graph, 1)
  const yes = graph.op('Mul', [y, graph.op('Log', [clipped])])
  const no = graph.op('Mul', [graph.op('Sub', [one, y]), graph.op('Log', [graph.op('Sub', [one, clipped])])])
  return graph.op('Neg', [graph.op('Add', [yes, no])])
}

/** m ← β₁m + (1−β₁)g,  v ← β₂v + (1−β₂)g²,  w ← w − rate · m / (√v / correction + ε). */
function adamOf(graph: GraphBuilder) {
  const rate = graph.input({ name: 'rate', type: 'float', dims: [1, 1] })
  const correction = graph.input({ name: 'correction', type: 'float', dims: [1, 1] })
  return ({ name, dims, gradient }: { name: string; dims: number[]; gradient: string }): void => {
    const blend = (old: string, fresh: string, beta: number) =>
      graph.op('Add', [
        graph.op('Mul', [old, scalar(graph, beta)]),
        graph.op('Mul', [fresh, scalar(graph, 1 - beta)]),
      ])
    const first = blend(`first_${name}`, gradient, BETA1)
    const second = blend(`second_${name}`, graph.op('Mul', [gradient, gradient]), BETA2)
    const root = graph.op('Div', [graph.op('Sqrt', [second]), correction])
    const step = graph.op('Div', [first, graph.op('Add', [root, scalar(graph, EPSILON)])])
    const next = graph.op('Sub', [name, graph.op('Mul', [step, rate])])
    for (const [prefix, source] of [
      ['next_', next],
      ['next_first_', first],
      ['next_second_', second],
    ] as const) {
      graph.output({ name: prefix + name, source, type: 'float', dims })
    }
  }
}

function sum(graph: GraphBuilder, x: string, axis: 0 | 1): string {
  const axes = graph.constant({ type: 'int64', dims: [1], values: [axis] })
  return graph.op('ReduceSum', [x, axes], { attributes: { keepdims: 1 } })
}

function scalar(graph: GraphBuilder, value: number): string {
  return graph.constant({ type: 'float', dims: [], values: [value] })
}
