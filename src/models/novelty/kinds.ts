/**
 * Kinds of activity, the peer groups of `novelty`. The rule, in this order:
 *   creating   at least one contract-creating transaction
 *   receiving  received at least four times as often as sent
 *   sending    sent at least four times as often as received
 *   mixed      everything else
 * It reads counts alone, so that an account cannot move to milder peers by moving money.
 */
import type { GraphBuilder } from '../onnx/graph'
import { noveltySpec } from './spec'

export const KINDS = ['receiving', 'sending', 'mixed', 'creating'] as const

const FACTOR = 4
const column = (name: string) => noveltySpec.inputs.findIndex((input) => input.name === name)
const [SENT, RECEIVED, CREATED] = [column('sentCount'), column('receivedCount'), column('createdCount')]

/** Index into KINDS of a row in spec order; missing counts make it mixed. */
export function kindOf(row: ArrayLike<number>, offset = 0): number {
  const [sent, received, created] = [row[offset + SENT]!, row[offset + RECEIVED]!, row[offset + CREATED]!]
  if (created >= 1) return 3
  if (received >= FACTOR * sent) return 0
  return sent >= FACTOR * received ? 1 : 2
}

/** The same in a graph; `x` is double [N, F]; returns int32 [N, 1]. */
export function addKind(graph: GraphBuilder, x: string): string {
  const pick = (index: number) =>
    graph.op('Gather', [x, graph.constant({ type: 'int64', dims: [1], values: [index] })], {
      attributes: { axis: 1 },
    })
  const number = (value: number) => graph.constant({ type: 'double', dims: [], values: [value] })
  const kind = (value: number) => graph.constant({ type: 'int32', dims: [], values: [value] })
  const [sent, received, created] = [pick(SENT), pick(RECEIVED), pick(CREATED)]
  const atLeast = (a: string, b: string) =>
    graph.op('GreaterOrEqual', [a, graph.op('Mul', [b, number(FACTOR)])])
  const quiet = graph.op('Where', [atLeast(sent, received), kind(1), kind(2)])
  const plain = graph.op('Where', [atLeast(received, sent), kind(0), quiet])
  return graph.op('Where', [graph.op('GreaterOrEqual', [created, number(1)]), kind(3), plain])
}
