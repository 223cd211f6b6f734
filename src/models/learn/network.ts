/**
 * Small fully connected networks (ReLU inside) as plain arrays, and their evaluation in TypeScript: the reference that
 * the ONNX files are held to.
 *
 * Weights are multiples of 2⁻¹⁶, and so is every layer's output (rounded down), which makes each product a multiple of
 * 2⁻³². A float64 sum of those below 2²⁰ is exact, so the order of additions cannot change a bit: networks, too, give
 * the same bits on every CPU, in every batch. The rounding costs about 1e-5.
 */

/** Layer l maps widths[l] to widths[l + 1]: weights[l] is row-major [in, out], biases[l] is [out]. */
export type Network = {
  widths: readonly number[]
  weights: readonly Float32Array[]
  biases: readonly Float32Array[]
}

export const NETWORK_UNIT = 2 ** -16
/** Largest |weight| or |activation|: sums stay below 2²⁰ with up to 1,000 inputs of weight 1, far above what is used. */
const WEIGHT_LIMIT = 64

/** Rounds every weight to the grid. Throws when one is too large or not a number, as after a training that diverged. */
export function quantiseNetwork(network: Network): Network {
  const quantise = (values: Float32Array) =>
    values.map((value) => {
      if (!(Math.abs(value) < WEIGHT_LIMIT))
        throw new Error(`network weight ${value} is not within ±${WEIGHT_LIMIT}`)
      return Math.round(value / NETWORK_UNIT) * NETWORK_UNIT
    })
  return {
    widths: network.widths,
    weights: network.weights.map(quantise),
    biases: network.biases.map(quantise),
  }
}

/** Rounds down to the grid, exactly: both operations are exact below 2³⁷. */
export function toGrid(value: number): number {
  return Math.floor(value / NETWORK_UNIT) * NETWORK_UNIT
}

/** Outputs [rows, widths.at(-1)] of a quantised network, row-major; inputs are brought to the grid first. */
export function networkOutputs(network: Network, rows: ArrayLike<number>): Float64Array {
  const { widths } = network
  const count = rows.length / widths[0]!
  let layer = Float64Array.from(rows, toGrid)
  network.weights.forEach((weights, l) => {
    const [from, to] = [widths[l]!, widths[l + 1]!]
    const last = l === network.weights.length - 1
    const next = new Float64Array(count * to)
    for (let r = 0; r < count; r++) {
      for (let j = 0; j < to; j++) {
        let sum = network.biases[l]![j]!
        for (let i = 0; i < from; i++) sum += layer[r * from + i]! * weights[i * to + j]!
        next[r * to + j] = toGrid(last ? sum : Math.max(0, sum))
      }
    }
    layer = next
  })
  return layer
}
