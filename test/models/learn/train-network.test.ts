import { describe, expect, it } from 'vitest'
import { rocAuc, seededRandom } from '../../../src/math/statistics'
import { type Network, networkOutputs, quantiseNetwork } from '../../../src/models/learn/network'
import { type NetworkOptions, networkLoss, trainNetwork } from '../../../src/models/learn/train-network'
import { createGraph } from '../../../src/models/onnx/graph'
import { addNetwork } from '../../../src/models/onnx/network'
import { parameterNames, writeTrainingStep } from '../../../src/models/onnx/training-step'
import { type FloatTensor, openGraph } from '../../../src/models/session'

const base: NetworkOptions = {
  widths: [2, 16, 8, 1],
  loss: 'logistic',
  epochs: 60,
  batchRows: 64,
  learningRate: 0.01,
  l2: 0,
  seed: 3,
}

/** Which of two coordinates has the larger sign product: no line parts the classes. */
function exclusiveOr(count: number, seed: number) {
  const random = seededRandom(seed)
  const inputs = Float32Array.from({ length: count * 2 }, () => random() * 2 - 1)
  const targets = Float32Array.from({ length: count }, (_, r) =>
    inputs[r * 2]! * inputs[r * 2 + 1]! > 0 ? 1 : 0,
  )
  return { inputs, targets }
}

function randomNetwork(widths: number[], seed: number): Network {
  const random = seededRandom(seed)
  const draw = (size: number) => Float32Array.from({ length: size }, () => random() * 2 - 1)
  return quantiseNetwork({
    widths,
    weights: widths.slice(1).map((out, l) => draw(widths[l]! * out)),
    biases: widths.slice(1).map((out) => draw(out)),
  })
}

describe('the training graph', () => {
  it.each(['squared', 'logistic'] as const)(
    'moves weights along the gradient of the %s loss',
    async (loss) => {
      const widths = [3, 5, 4, 2]
      const network = randomNetwork(widths, 11)
      const random = seededRandom(12)
      const inputs = Float32Array.from({ length: 7 * 3 }, () => random() * 2 - 1)
      const targets = Float32Array.from({ length: 7 * 2 }, () => random())
      const graph = await openGraph(writeTrainingStep({ widths, loss, l2: 0 }))
      const feeds: Record<string, FloatTensor> = {
        x: { dims: [7, 3], data: inputs },
        y: { dims: [7, 2], data: targets },
        share: { dims: [7, 1], data: new Float32Array(7).fill(1 / 7) },
        rate: { dims: [1, 1], data: Float32Array.of(0) },
        correction: { dims: [1, 1], data: Float32Array.of(1) },
      }
      const values = (name: string) =>
        (name.startsWith('weight') ? network.weights : network.biases)[Number(name.at(-1))]!
      for (const { name, dims } of parameterNames(widths)) {
        feeds[name] = { dims, data: values(name) }
        for (const moment of ['first_', 'second_'])
          feeds[moment + name] = { dims, data: new Float32Array(values(name).length) }
      }
      const out = await graph.run(feeds)
      await graph.close()
      expect(out.loss!.data[0]).toBeCloseTo(networkLoss(network, { inputs, targets }, loss), 3)
      // The first moment after one step is a tenth of the gradient; compare with central differences.
      for (const { name } of parameterNames(widths)) {
        const at = Math.floor(values(name).length / 2)
        const shifted = (by: number) => {
          const copy = {
            ...network,
            weights: network.weights.map((w) => w.slice()),
            biases: network.biases.map((b) => b.slice()),
          }
          ;(name.startsWith('weight') ? copy.weights : copy.biases)[Number(name.at(-1))]![at]! += by
          return networkLoss(copy, { inputs, targets }, loss)
        }
        const slope = (shifted(2 ** -7) - shifted(-(2 ** -7))) / 2 ** -6
        expect(Math.abs(out[`next_first_${name}`]!.data[at]! * 10 - slope)).toBeLessThan(0.01)
      }
    },
  )
})

describe('trainNetwork', () => {
  it('learns what no line can part', async () => {
    const fresh = exclusiveOr(2000, 2)
    const { network, curve } = await trainNetwork(exclusiveOr(1500, 1), base)
    const scores = networkOutputs(network, fresh.inputs)
    expect(rocAuc({ scores, labels: Uint8Array.from(fresh.targets) })).toBeGreaterThan(0.98)
    expect(curve.at(-1)!.training).toBeLessThan(curve[0]!.training / 3)
  })

  it('gives an autoencoder that keeps a plane in two numbers', async () => {
    const random = seededRandom(4)
    const inputs = new Float32Array(1000 * 5)
    for (let r = 0; r < 1000; r++) {
      const [a, b] = [random() * 2 - 1, random() * 2 - 1]
      inputs.set([a, b, a + b, a - b, 0.5 * a], r * 5)
    }
    const options = { ...base, widths: [5, 16, 2, 16, 5], loss: 'squared' as const, epochs: 80 }
    const rows = { inputs, targets: inputs }
    const { network, epoch } = await trainNetwork(rows, { ...options, patience: 30 }, rows)
    const variance = inputs.reduce((sum, x) => sum + x * x, 0) / 1000 / 2
    expect(networkLoss(network, rows, 'squared')).toBeLessThan(variance / 20)
    expect(epoch).toBeGreaterThan(1)
  })

  it('gives the same weights for the same seed and others for another', async () => {
    const [rows, short] = [exclusiveOr(300, 1), { ...base, epochs: 3 }]
    const first = await trainNetwork(rows, short)
    expect(await trainNetwork(rows, short)).toEqual(first)
    expect((await trainNetwork(rows, { ...short, seed: 9 })).network).not.toEqual(first.network)
  })

  it('keeps a row of weight 0.5 twice as if it were once', async () => {
    const rows = exclusiveOr(64, 1)
    const twice = {
      inputs: Float32Array.from([...rows.inputs, ...rows.inputs]),
      targets: Float32Array.from([...rows.targets, ...rows.targets]),
      weights: new Float64Array(128).fill(0.5),
    }
    const whole = { ...base, epochs: 1, batchRows: 128 }
    const [once, half] = [await trainNetwork(rows, whole), await trainNetwork(twice, whole)]
    expect(half.curve[0]!.training).toBeCloseTo(once.curve[0]!.training, 5)
  })

  it('refuses sizes that do not fit and numbers that are none', async () => {
    const rows = exclusiveOr(10, 1)
    await expect(trainNetwork({ ...rows, targets: new Float32Array(9) }, base)).rejects.toThrow('9 targets')
    rows.inputs[3] = Number.NaN
    await expect(trainNetwork(rows, base)).rejects.toThrow('cannot learn from NaN')
  })
})

describe('a network in ONNX', () => {
  it('gives the bits of the TypeScript reference, alone and in a batch', async () => {
    const network = randomNetwork([6, 12, 3, 6], 5)
    const graph = createGraph()
    const x = graph.op('Cast', [graph.input({ name: 'x', type: 'float', width: 6 })], {
      attributes: { to: 11 },
    })
    const y = addNetwork(graph, x, network)
    // Outputs on the grid below 2^8 fit float32 exactly, so the comparison loses nothing.
    graph.output({
      name: 'y',
      source: graph.op('Cast', [y], { attributes: { to: 1 } }),
      type: 'float',
      dims: ['N', 6],
    })
    const open = await openGraph(graph.finish({ name: 'network', version: '1', metadata: {} }))
    const random = seededRandom(6)
    const data = Float32Array.from({ length: 600 * 6 }, () => random() * 6 - 3)
    const batch = (await open.run({ x: { dims: [600, 6], data } })).y!.data
    expect(batch).toEqual(Float32Array.from(networkOutputs(network, data)))
    const alone = (await open.run({ x: { dims: [1, 6], data: data.slice(42, 48) } })).y!.data
    expect(alone).toEqual(batch.slice(42, 48))
    await open.close()
  })

  it('refuses weights that a training blew up', () => {
    const network = randomNetwork([2, 2], 1)
    network.weights[0]![1] = Number.NaN
    expect(() => quantiseNetwork(network)).toThrow('weight NaN')
  })
})
