/**
 * Clearing vectors of many scenarios as an ONNX graph: the falling sweeps of kernels/clearings.ts as a loop over dense
 * products, until no payment falls by more than `tolerance` of what is owed or `MAX_SWEEPS` are done.
 */
import { createGraph } from '../../models/onnx/graph'
import type { GraphNumbers } from './first-round'

export const MAX_SWEEPS = 4_096

/**
 * Inputs shares [N,N] (Lᵢⱼ/p̄ᵢ, rows of nothing where nothing is owed), owed [1,N], external [B,N], senior [1,N], costs
 * [1,2] (α, β); outputs paid [B,N], isDefault [B,N] (0 or 1) and open [1,1]: the greatest last fall, as a part of what is
 * owed less the tolerance, so that 0 or less is settled.
 */
export function writeClearing(type: GraphNumbers, tolerance = type === 'double' ? 1e-13 : 1e-6): Uint8Array {
  const graph = createGraph()
  graph.input({ name: 'shares', type, dims: ['N', 'N'] })
  const owed = graph.input({ name: 'owed', type, dims: [1, 'N'] })
  const external = graph.input({ name: 'external', type, dims: ['B', 'N'] })
  const senior = graph.input({ name: 'senior', type, dims: [1, 'N'] })
  const costs = graph.input({ name: 'costs', type, dims: [1, 2] })
  const number = (value: number) => graph.constant({ type, dims: [], values: [value] })
  const at = (index: number) => graph.constant({ type: 'int64', dims: [], values: [index] })
  const [alpha, beta] = [0, 1].map((k) => graph.op('Gather', [costs, at(k)], { attributes: { axis: 1 } }))
  const claims = graph.op('Add', [owed, senior])
  const nobody = graph.op('Mul', [external, number(0)])
  const names = {
    shares: 'shares',
    // What a node lacks before its inflow, and what default leaves it before that.
    lacks: graph.op('Sub', [claims, external]),
    left: graph.op('Sub', [graph.op('Mul', [alpha!, external]), senior]),
    rounding: graph.op('Mul', [claims, number(type === 'double' ? 1e-12 : 1e-6)]),
    least: graph.op('Mul', [owed, number(tolerance)]),
    beta: beta!,
  }
  const states = [graph.op('Add', [nobody, owed]), nobody, graph.op('Add', [nobody, owed])]
  const start = [at(MAX_SWEEPS), graph.constant({ type: 'bool', dims: [], values: [1] })]
  const [paid, isDefault, fall] = graph.opMany('Loop', [...start, ...states], 3, {
    attributes: { body: { graph: sweepBody(names, type) } },
  })
  graph.output({ name: 'paid', source: paid!, type, dims: ['B', 'N'] })
  graph.output({ name: 'isDefault', source: isDefault!, type, dims: ['B', 'N'] })
  const open = graph.op('ReduceMax', [fall!], { attributes: { keepdims: 1 } })
  graph.output({ name: 'open', source: open, type, dims: [1, 1] })
  return graph.finish({
    name: 'clearing',
    version: '1.0.0',
    metadata: { numbers: type, tolerance: String(tolerance) },
  })
}

interface Outer {
  shares: string
  lacks: string
  left: string
  rounding: string
  least: string
  beta: string
}

function sweepBody(outer: Outer, type: GraphNumbers) {
  const body = createGraph('sweep_')
  body.input({ name: 'sweep_count', type: 'int64', dims: [] })
  body.input({ name: 'sweep_goes', type: 'bool', dims: [] })
  const paid = body.input({ name: 'sweep_paid', type, dims: ['B', 'N'] })
  const before = body.input({ name: 'sweep_default', type, dims: ['B', 'N'] })
  body.input({ name: 'sweep_fall', type, dims: ['B', 'N'] })
  const [zero, one] = [0, 1].map((number) => body.constant({ type, dims: [], values: [number] }))
  const inflow = body.op('MatMul', [paid, outer.shares])
  const isShort = body.op('Greater', [body.op('Sub', [outer.lacks, inflow]), outer.rounding])
  const isDefault = body.op('Where', [isShort, one!, before])
  const left = body.op('Max', [body.op('Add', [outer.left, body.op('Mul', [outer.beta, inflow])]), zero!])
  const least = body.op('Min', [paid, left])
  const next = body.op('Where', [body.op('Greater', [isDefault, zero!]), least, paid])
  const fall = body.op('Sub', [body.op('Sub', [paid, next]), outer.least])
  const most = body.op('ReduceMax', [fall], { attributes: { keepdims: 0 } })
  body.output({ name: 'sweep_on', source: body.op('Greater', [most, zero!]), type: 'bool', dims: [] })
  body.output({ name: 'sweep_next', source: next, type, dims: ['B', 'N'] })
  body.output({ name: 'sweep_is_default', source: isDefault, type, dims: ['B', 'N'] })
  body.output({ name: 'sweep_fell', source: fall, type, dims: ['B', 'N'] })
  return body.body('sweep')
}
