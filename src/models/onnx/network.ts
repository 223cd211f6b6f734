/** A network in ONNX, float64 on the grid of learn/network.ts, so that its bits are the same everywhere. */
import { NETWORK_UNIT, type Network } from '../learn/network'
import type { GraphBuilder } from './graph'

/** Rounds down to the grid. */
export function addGrid(graph: GraphBuilder, x: string): string {
  const scale = graph.constant({ type: 'double', dims: [], values: [1 / NETWORK_UNIT] })
  const unit = graph.constant({ type: 'double', dims: [], values: [NETWORK_UNIT] })
  return graph.op('Mul', [graph.op('Floor', [graph.op('Mul', [x, scale])]), unit])
}

/** Adds a quantised network; `x` is double [N, widths[0]]; returns the name of double [N, widths.at(-1)]. */
export function addNetwork(graph: GraphBuilder, x: string, network: Network): string {
  const { widths, weights, biases } = network
  return weights.reduce(
    (layer, values, l) => {
      const dims = [widths[l]!, widths[l + 1]!]
      const product = graph.op('MatMul', [layer, graph.constant({ type: 'double', dims, values })])
      const bias = graph.constant({ type: 'double', dims: [1, widths[l + 1]!], values: biases[l]! })
      const sum = graph.op('Add', [product, bias])
      return addGrid(graph, l === weights.length - 1 ? sum : graph.op('Relu', [sum]))
    },
    addGrid(graph, x),
  )
}
