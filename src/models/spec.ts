/**
 * What a model declares about itself, in code, before any file is read: its inputs in order, its output, and when it
 * must stay silent. A spec is a promise to whoever computes the features; the ONNX file is checked against it.
 */

import type { Expression } from './derive'

/** One input column. `name` ends in its unit where it has one. */
export type FeatureInput = {
  name: string
  /** Unit in words: `minutes`, `count`, `ether`, `1` (a pure number), `probability`. */
  unit: string
  /** The exact definition, so that training data and indexed rows mean the same. */
  description: string
  /** How the input follows from other inputs, where it does; used when a row comes without it. */
  derived?: Expression
  /** Other names of the column in files, spaces around them trimmed. */
  aliases?: readonly string[]
}

/** Rule under which a model abstains: `feature` must be at least `atLeast` (NaN fails the rule). */
export type MinimumInput = { feature: string; atLeast: number; because: string }

export type ModelSpec = {
  name: string
  /** Semantic version: the major part changes whenever inputs or the meaning of the output change. */
  version: string
  /** Feature group that yields the inputs. */
  group: 'account' | 'position' | 'market'
  /** Ordered: column i of a row is `inputs[i]`. */
  inputs: readonly FeatureInput[]
  output: { name: string; description: string; range: readonly [number, number] }
  direction: 'higher is riskier'
  /** `bits`: the same row gives the same bits on every CPU, batch size and thread count. */
  exactness: 'bits' | { tolerance: number }
  /** Every rule must hold, or the model gives no score for the row. */
  minimum: readonly MinimumInput[]
  /** NaN in an input: either the trees have learnt a side for it, or the row's outputs are all NaN. */
  missing: 'own branch' | 'no score'
  /** How stored reasons are made. */
  reasonsMethod: 'saabas' | 'linear' | 'isolation+reconstruction' | 'weights'
  /** Columns of known files that are passed over in silence, and other names of `id`. */
  files?: { idAliases: readonly string[]; ignored: readonly string[] }
}

/** First rule that a row breaks, as a sentence, or undefined when the model may speak. Row is in spec order. */
export function abstains(spec: ModelSpec, row: ArrayLike<number>): string | undefined {
  for (const rule of spec.minimum) {
    const value = row[spec.inputs.findIndex((input) => input.name === rule.feature)]
    if (value === undefined || !(value >= rule.atLeast)) {
      return `${spec.name} abstains: ${rule.feature} is ${value}, needs at least ${rule.atLeast} (${rule.because})`
    }
  }
  return undefined
}

/** `abstains` for many rows: whether the model may speak about the row that begins at `offset` of a row-major matrix. */
export function speaker(spec: ModelSpec): (matrix: Float32Array, offset: number) => boolean {
  const rules = spec.minimum.map(({ feature, atLeast }) => {
    const column = spec.inputs.findIndex((input) => input.name === feature)
    if (column < 0) throw new Error(`${spec.name} has a rule about ${feature}, which is no input`)
    return { column, atLeast }
  })
  return (matrix, offset) => rules.every(({ column, atLeast }) => matrix[offset + column]! >= atLeast)
}
