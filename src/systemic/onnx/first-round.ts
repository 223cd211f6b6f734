/**
 * First-round losses as an ONNX graph, for where dense products are cheap. Weights are inputs, so one graph serves every
 * book, and a large book goes through it tile by tile; kernels/first-round.ts has the rule.
 *
 *   limit = P·L,  seizable = P·C,  owed = Q·D           P scenarios × assets, Q scenarios × markets: prices
 *   loss  = ((limit < owed ? max(0, owed − seizable) / owed : 0)·Dᵀ) ⊙ Q
 *
 * L and C are assets × positions (units · threshold, units / bonus), D markets × positions (units owed). A position that
 * owes nothing is sound.
 */
import { createGraph } from '../../models/onnx/graph'
import type { SpiralPlan } from '../spiral-plan'

export type GraphNumbers = 'float' | 'double'

/** Inputs prices [S,A], debtPrices [S,M], limit [A,P], seizable [A,P], debt [M,P]; outputs lossUsd [S,M], unhealthy [S,1]. */
export function writeFirstRound(type: GraphNumbers): Uint8Array {
  const graph = createGraph()
  const prices = graph.input({ name: 'prices', type, dims: ['S', 'A'] })
  const debtPrices = graph.input({ name: 'debtPrices', type, dims: ['S', 'M'] })
  const weights = graph.input({ name: 'limit', type, dims: ['A', 'P'] })
  const seizableWeights = graph.input({ name: 'seizable', type, dims: ['A', 'P'] })
  const debt = graph.input({ name: 'debt', type, dims: ['M', 'P'] })
  const zero = graph.constant({ type, dims: [], values: [0] })
  const axis = graph.constant({ type: 'int64', dims: [1], values: [1] })
  const owed = graph.op('MatMul', [debtPrices, debt])
  const isUnhealthy = graph.op('Less', [graph.op('MatMul', [prices, weights]), owed])
  const seizable = graph.op('MatMul', [prices, seizableWeights])
  const lacking = graph.op('Max', [graph.op('Sub', [owed, seizable]), zero])
  const share = graph.op('Where', [isUnhealthy, graph.op('Div', [lacking, owed]), zero])
  const transposed = graph.op('Transpose', [debt], { attributes: { perm: [1, 0] } })
  const loss = graph.op('Mul', [graph.op('MatMul', [share, transposed]), debtPrices])
  const ones = graph.op('Cast', [isUnhealthy], { attributes: { to: type === 'double' ? 11 : 1 } })
  const unhealthy = graph.op('ReduceSum', [ones, axis], { attributes: { keepdims: 1 } })
  graph.output({ name: 'lossUsd', source: loss, type, dims: ['S', 'M'] })
  graph.output({ name: 'unhealthy', source: unhealthy, type, dims: ['S', 1] })
  return graph.finish({ name: 'first-round', version: '1.0.0', metadata: { numbers: type } })
}

export interface FirstRoundWeights {
  /** Positions first … first + count − 1 of the plan; row-major as the graph takes them. */
  limit: Float64Array
  seizable: Float64Array
  debt: Float64Array
}

/** The graph's weights of a run of positions. */
export function firstRoundWeights(
  { positions, assets, markets }: SpiralPlan,
  { first, count }: { first: number; count: number },
): FirstRoundWeights {
  const { collateralStart, collateralAsset, collateralUnits, collateralThreshold, collateralBonus } =
    positions
  const { debtStart, debtMarket, debtUnits } = positions
  const limit = new Float64Array(assets.length * count)
  const seizable = new Float64Array(assets.length * count)
  const debt = new Float64Array(markets.length * count)
  for (let k = 0; k < count; k++) {
    const i = first + k
    for (let c = collateralStart[i]!; c < collateralStart[i + 1]!; c++) {
      const at = collateralAsset[c]! * count + k
      limit[at]! += collateralUnits[c]! * collateralThreshold[c]!
      seizable[at]! += collateralUnits[c]! / collateralBonus[c]!
    }
    for (let d = debtStart[i]!; d < debtStart[i + 1]!; d++) debt[debtMarket[d]! * count + k]! += debtUnits[d]!
  }
  return { limit, seizable, debt }
}
