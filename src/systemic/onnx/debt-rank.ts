/**
 * DebtRank of many shocks as an ONNX graph: debt-rank.ts's steps as a loop over dense products, until no increment is
 * above 1e-17 or `MAX_STEPS` are done. What then still moves is for debt-rank.ts, which solves it.
 */
import { createGraph } from '../../models/onnx/graph'
import type { DebtRankVariant } from '../debt-rank'
import type { GraphNumbers } from './first-round'

export const MAX_STEPS = 4_096

/** Inputs impact [N,N], initial [B,N], value [N,1]; outputs distress [B,N], lost [B,1] and open [1,1]: the greatest last increment. */
export function writeDebtRank(variant: DebtRankVariant, type: GraphNumbers): Uint8Array {
  const graph = createGraph()
  const impact = graph.input({ name: 'impact', type, dims: ['N', 'N'] })
  const initial = graph.input({ name: 'initial', type, dims: ['B', 'N'] })
  const value = graph.input({ name: 'value', type, dims: ['N', 1] })
  const steps = graph.constant({ type: 'int64', dims: [], values: [MAX_STEPS] })
  const yes = graph.constant({ type: 'bool', dims: [], values: [1] })
  const zero = graph.constant({ type, dims: [], values: [0] })
  const unspoken = graph.op('Mul', [initial, zero])
  const states = [initial, initial, unspoken]
  const [distress, speaking] = graph.opMany('Loop', [steps, yes, ...states], 3, {
    attributes: { body: { graph: stepBody(impact, { variant, type }) } },
  })
  const lost = graph.op('MatMul', [graph.op('Sub', [distress!, initial]), value])
  graph.output({ name: 'distress', source: distress!, type, dims: ['B', 'N'] })
  graph.output({ name: 'lost', source: lost, type, dims: ['B', 1] })
  const open = graph.op('ReduceMax', [speaking!], { attributes: { keepdims: 1 } })
  graph.output({ name: 'open', source: open, type, dims: [1, 1] })
  return graph.finish({ name: `debt-rank-${variant}`, version: '1.0.0', metadata: { numbers: type } })
}

function stepBody(impact: string, { variant, type }: { variant: DebtRankVariant; type: GraphNumbers }) {
  const body = createGraph('step_')
  body.input({ name: 'step_count', type: 'int64', dims: [] })
  body.input({ name: 'step_goes', type: 'bool', dims: [] })
  const before = body.input({ name: 'step_distress', type, dims: ['B', 'N'] })
  const speaking = body.input({ name: 'step_speaking', type, dims: ['B', 'N'] })
  const spoken = body.input({ name: 'step_spoken', type, dims: ['B', 'N'] })
  const [zero, one] = [0, 1].map((number) => body.constant({ type, dims: [], values: [number] }))
  const change = body.op('MatMul', [speaking, impact])
  const sum = body.op('Add', [before, change])
  const after = body.op('Min', [sum, one!])
  const hasSpoken = body.op('Where', [body.op('Greater', [speaking, zero!]), one!, spoken])
  // What was added, not what rounding made of it: otherwise a last bit could be passed on for ever.
  const increment = body.op('Where', [body.op('Less', [sum, one!]), change, body.op('Sub', [one!, before])])
  const next = variant === 2015 ? increment : body.op('Mul', [after, body.op('Sub', [one!, hasSpoken])])
  const least = body.constant({ type, dims: [], values: [variant === 2015 ? 1e-17 : 0] })
  const loudest = body.op('ReduceMax', [next], { attributes: { keepdims: 0 } })
  body.output({ name: 'step_on', source: body.op('Greater', [loudest, least]), type: 'bool', dims: [] })
  body.output({ name: 'step_after', source: after, type, dims: ['B', 'N'] })
  body.output({ name: 'step_next', source: next, type, dims: ['B', 'N'] })
  body.output({ name: 'step_has_spoken', source: hasSpoken, type, dims: ['B', 'N'] })
  return body.body('step')
}
