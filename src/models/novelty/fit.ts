/** Fits the parts of `novelty` on unlabelled rows: scales, one isolation forest a kind, the autoencoder, weights, ranks. */
import { quantileOfSorted, seededRandom } from '../../math/statistics'
import { trainIsolation } from '../learn/isolation'
import type { Network } from '../learn/network'
import { trainNetwork } from '../learn/train-network'
import type { Curve } from '../onnx/curve'
import { isolationParts, type NoveltyParts, networkInputs, noveltyScores, reconstructionErrors } from './body'
import { KINDS, kindOf } from './kinds'
import { fitScales, scaleRows } from './scale'
import { noveltySpec } from './spec'

const WIDTH = noveltySpec.inputs.length

export type NoveltyOptions = {
  trees: number
  sampleRows: number
  /** Hidden layers of the autoencoder. */
  hidden: readonly number[]
  epochs: number
  patience: number
  batchRows: number
  learningRate: number
  l2: number
  seed: number
}

export const noveltyOptions: NoveltyOptions = {
  trees: 48,
  sampleRows: 128,
  hidden: [24, 6, 24],
  epochs: 120,
  patience: 15,
  batchRows: 128,
  learningRate: 0.003,
  l2: 1e-5,
  seed: 20_271,
}

/** Levels at which the cumulative curve of a kind has knots; finer where alerts look. */
const LEVELS = [...Array.from({ length: 64 }, (_, i) => i / 64), 0.99, 0.995, 0.998, 0.999, 1]

/** Fits; a tenth of the rows, drawn by seed, stops the autoencoder early. Rejects when a kind has too few rows. */
export async function fitNovelty(
  rows: Float32Array,
  options: NoveltyOptions,
): Promise<{ parts: NoveltyParts; epoch: number }> {
  const scales = fitScales(rows)
  const scaled = scaleRows(scales, rows)
  const kinds = Uint8Array.from({ length: rows.length / WIDTH }, (_, r) => kindOf(rows, r * WIDTH))
  const { network, epoch } = await fitAutoencoder(scaled, kinds, options)
  const errors = reconstructionErrors(network, scaled, kinds)
  const parts: NoveltyParts = { scales, isolation: [], network, meanError: [], weights: [], cumulative: [] }
  KINDS.forEach((name, kind) => {
    const members = [...kinds.keys()].filter((r) => kinds[r] === kind)
    if (members.length < 30)
      throw new Error(`kind "${name}" has ${members.length} accounts, too few for peers`)
    const own = takeRows(scaled, members)
    const { trees, sampleRows, seed } = options
    const isolation = trainIsolation(own, { featureCount: WIDTH, trees, sampleRows, seed: seed + kind })
    const paths = isolationParts(isolation, own)
    const isolated = members.map((_, i) => paths(i * WIDTH).reduce((sum, part) => sum + part, 0))
    const wrong = members.map((r) =>
      errors.subarray(r * WIDTH, (r + 1) * WIDTH).reduce((sum, e) => sum + e, 0),
    )
    parts.isolation.push(isolation)
    parts.meanError.push(
      noveltySpec.inputs.map(
        (_, f) => members.reduce((sum, r) => sum + errors[r * WIDTH + f]!, 0) / members.length,
      ),
    )
    parts.weights.push({ isolation: 1 / spread(isolated), reconstruction: 1 / spread(wrong) })
    parts.cumulative.push({ x: [0], y: [0] })
  })
  const { margins } = noveltyScores(parts, rows)
  parts.cumulative = KINDS.map((_, kind) => cumulative(margins.filter((_, r) => kinds[r] === kind)))
  return { parts, epoch }
}

async function fitAutoencoder(
  scaled: Float32Array,
  kinds: Uint8Array,
  options: NoveltyOptions,
): Promise<{ network: Network; epoch: number }> {
  const random = seededRandom(options.seed)
  const judged = kinds.map(() => (random() < 0.1 ? 1 : 0))
  const rowsOf = (side: 0 | 1) => {
    const members = [...kinds.keys()].filter((r) => judged[r] === side)
    const targets = takeRows(scaled, members)
    return {
      inputs: networkInputs(
        targets,
        Uint8Array.from(members, (r) => kinds[r]!),
      ),
      targets,
    }
  }
  const { epochs, patience, batchRows, learningRate, l2, seed, hidden } = options
  const widths = [WIDTH + KINDS.length, ...hidden, WIDTH]
  const training = { widths, loss: 'squared' as const, epochs, patience, batchRows, learningRate, l2, seed }
  return trainNetwork(rowsOf(0), training, rowsOf(1))
}

/** Rows of the given numbers, row-major [numbers, F]. */
export function takeRows(rows: Float32Array, numbers: readonly number[]): Float32Array {
  const taken = new Float32Array(numbers.length * WIDTH)
  numbers.forEach((r, i) => {
    taken.set(rows.subarray(r * WIDTH, (r + 1) * WIDTH), i * WIDTH)
  })
  return taken
}

/** From the median to the 90th percentile. */
function spread(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return Math.max(1e-3, quantileOfSorted(sorted, 0.9) - quantileOfSorted(sorted, 0.5))
}

/** Share of the margins that are smaller, as a curve through the LEVELS; knots with equal margins keep the higher share. */
function cumulative(margins: Float64Array): Curve {
  const sorted = [...margins].sort((a, b) => a - b)
  const knots = new Map(LEVELS.map((level) => [quantileOfSorted(sorted, level), level]))
  return { x: [...knots.keys()], y: [...knots.values()] }
}
