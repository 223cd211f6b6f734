/**
 * Trains a network inside the ONNX runtime: batches run through one graph that holds forward, backward and Adam
 * (onnx/training-step.ts). Deterministic by seed for one kind of CPU; float32 products may differ in the last bit
 * between kinds, so a model file made this way is reproduced byte for byte only on a CPU with the same vector units.
 */
import { seededRandom } from '../../math/statistics'
import { parameterNames, writeTrainingStep } from '../onnx/training-step'
import { type FloatTensor, openGraph } from '../session'
import { type Network, networkOutputs, quantiseNetwork } from './network'

/** Row-major inputs [rows, widths[0]] and targets [rows, widths.at(-1)], finite; optional positive row weights. */
export type NetworkRows = { inputs: Float32Array; targets: Float32Array; weights?: Float64Array }

export type NetworkOptions = {
  widths: readonly number[]
  loss: 'squared' | 'logistic'
  epochs: number
  batchRows: number
  learningRate: number
  l2: number
  seed: number
  /** Epochs without a better validation loss before stopping; needs validation rows. */
  patience?: number
}

export type TrainedNetwork = {
  network: Network
  /** Mean training loss of each epoch (before its steps), and validation loss after it where rows were given. */
  curve: { training: number; validation: number | null }[]
  /** Epoch whose weights were kept, from 1. */
  epoch: number
}

type State = Record<string, FloatTensor>

/** Trains; with `validation` the best epoch's weights are kept. Throws on wrong sizes, non-finite numbers, or divergence. */
export async function trainNetwork(
  rows: NetworkRows,
  options: NetworkOptions,
  validation?: NetworkRows,
): Promise<TrainedNetwork> {
  const { widths, loss, l2, epochs, seed } = options
  for (const part of validation ? [rows, validation] : [rows]) checkRows(part, widths)
  const graph = await openGraph(writeTrainingStep({ widths, loss, l2 }))
  const random = seededRandom(seed)
  let state = initialState(widths, random)
  const curve: TrainedNetwork['curve'] = []
  let best = { epoch: 0, loss: Number.POSITIVE_INFINITY, network: networkOf(state, widths) }
  let step = 0
  try {
    for (let epoch = 1; epoch <= epochs; epoch++) {
      let sum = 0
      const batches = batchesOf(rows, options, random)
      for (const batch of batches) {
        step++
        const out = await graph.run({ ...state, ...batch.feeds, ...rateOf(options.learningRate, step) })
        sum += out.loss!.data[0]! * batch.share
        state = Object.fromEntries(Object.keys(state).map((name) => [name, out[`next_${name}`]!]))
      }
      if (!Number.isFinite(sum))
        throw new Error(`training diverged in epoch ${epoch}; lower the learning rate`)
      const network = networkOf(state, widths)
      const judged = validation ? networkLoss(network, validation, loss) : null
      curve.push({ training: sum, validation: judged })
      if (judged === null || judged < best.loss) best = { epoch, loss: judged ?? sum, network }
      if (validation && epoch - best.epoch >= (options.patience ?? epochs)) break
    }
  } finally {
    await graph.close()
  }
  return { network: best.network, curve, epoch: best.epoch }
}

/** Mean loss per row of a quantised network, as the training graph counts it. */
export function networkLoss(network: Network, rows: NetworkRows, loss: NetworkOptions['loss']): number {
  const outputs = networkOutputs(network, rows.inputs)
  const width = network.widths.at(-1)!
  let total = 0
  let weights = 0
  for (let r = 0; r < rows.targets.length / width; r++) {
    const weight = rows.weights?.[r] ?? 1
    weights += weight
    for (let j = r * width; j < (r + 1) * width; j++) {
      const [z, y] = [outputs[j]!, rows.targets[j]!]
      const logistic = Math.max(0, z) - z * y + Math.log1p(Math.exp(-Math.abs(z)))
      total += weight * (loss === 'squared' ? (z - y) ** 2 / 2 : logistic)
    }
  }
  return total / weights
}

function checkRows({ inputs, targets, weights }: NetworkRows, widths: readonly number[]): void {
  const count = inputs.length / widths[0]!
  if (count < 1 || targets.length !== count * widths.at(-1)! || (weights && weights.length !== count)) {
    throw new Error(
      `a network of widths ${widths.join('-')} got ${inputs.length} inputs, ${targets.length} targets and ` +
        `${weights?.length ?? 'no'} weights`,
    )
  }
  const bad = [inputs, targets].flatMap((values) => [...values].filter((value) => !Number.isFinite(value)))
  if (bad.length > 0)
    throw new Error(`a network cannot learn from ${bad[0]}: fill or drop missing values first`)
}

/** He initialisation: normal with variance 2 / inputs. */
function initialState(widths: readonly number[], random: () => number): State {
  const state: State = {}
  for (const { name, dims } of parameterNames(widths)) {
    const size = dims[0]! * dims[1]!
    const data = new Float32Array(size)
    if (name.startsWith('weight')) {
      for (let i = 0; i < size; i++) {
        const radius = Math.sqrt(-2 * Math.log(1 - random()))
        data[i] = radius * Math.cos(2 * Math.PI * random()) * Math.sqrt(2 / dims[0]!)
      }
    }
    state[name] = { dims, data }
    for (const moment of ['first_', 'second_']) state[moment + name] = { dims, data: new Float32Array(size) }
  }
  return state
}

function networkOf(state: State, widths: readonly number[]): Network {
  const layers = widths.slice(1).map((_, l) => l)
  return quantiseNetwork({
    widths,
    weights: layers.map((l) => state[`weight${l}`]!.data),
    biases: layers.map((l) => state[`bias${l}`]!.data),
  })
}

/** Adam's learning rate and root of its second correction at a step, from 1. */
function rateOf(learningRate: number, step: number): State {
  const one = (value: number): FloatTensor => ({ dims: [1, 1], data: Float32Array.of(value) })
  return { rate: one(learningRate / (1 - 0.9 ** step)), correction: one(Math.sqrt(1 - 0.999 ** step)) }
}

/** The rows in a new random order, cut into batches; `share` is a batch's part of all row weights. */
function batchesOf(
  { inputs, targets, weights }: NetworkRows,
  { widths, batchRows }: NetworkOptions,
  random: () => number,
): { feeds: State; share: number }[] {
  const [from, to] = [widths[0]!, widths.at(-1)!]
  const count = inputs.length / from
  const order = Int32Array.from({ length: count }, (_, i) => i)
  for (let i = count - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1))
    const kept = order[i]!
    order[i] = order[j]!
    order[j] = kept
  }
  const all = weights?.reduce((sum, weight) => sum + weight, 0) ?? count
  return Array.from({ length: Math.ceil(count / batchRows) }, (_, b) => {
    const members = order.subarray(b * batchRows, (b + 1) * batchRows)
    const x = new Float32Array(members.length * from)
    const y = new Float32Array(members.length * to)
    members.forEach((row, i) => {
      x.set(inputs.subarray(row * from, (row + 1) * from), i * from)
      y.set(targets.subarray(row * to, (row + 1) * to), i * to)
    })
    const weight = Float64Array.from(members, (row) => weights?.[row] ?? 1)
    const total = weight.reduce((sum, w) => sum + w, 0)
    const share: FloatTensor = {
      dims: [members.length, 1],
      data: Float32Array.from(weight, (w) => w / total),
    }
    const feeds = {
      x: { dims: [members.length, from], data: x },
      y: { dims: [members.length, to], data: y },
      share,
    }
    return { feeds, share: total / all }
  })
}
