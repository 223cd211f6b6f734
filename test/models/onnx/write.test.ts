import { createHash } from 'node:crypto'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { seededRandom } from '../../../src/math/statistics'
import { trainBoost } from '../../../src/models/learn/boost'
import { type Forest, forestBias, forestMargins } from '../../../src/models/learn/forest'
import { liquidationSpec } from '../../../src/models/liquidation/spec'
import { type Curve, evaluateCurve, sigmoidCurve } from '../../../src/models/onnx/curve'
import { type LinearModel, linearMargin } from '../../../src/models/onnx/linear'
import { type ModelBody, writeModel } from '../../../src/models/onnx/write'
import { type ModelRuntime, openModels } from '../../../src/models/session'

const inputs = liquidationSpec.inputs.map((input) => input.name)
const width = inputs.length

/** Puts a hand-made file in the place of the liquidation model and opens it. */
async function openBody(body: ModelBody, curve: Curve): Promise<ModelRuntime> {
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-model-'))
  const bytes = writeModel({ name: 'liquidation', version: '0', inputs, body, curve })
  writeFileSync(join(folder, 'model.onnx'), bytes)
  const modelSha256 = createHash('sha256').update(bytes).digest('hex')
  writeFileSync(join(folder, 'metrics.json'), JSON.stringify({ modelSha256 }))
  return openModels({ names: ['liquidation'], folderOf: () => folder })
}

function randomRows(count: number, seed: number, missingShare: number): Float32Array {
  const random = seededRandom(seed)
  return Float32Array.from({ length: count * width }, () =>
    random() < missingShare ? Number.NaN : Math.fround((random() - 0.5) * 10 ** (random() * 6)),
  )
}

function trainedForest(): Forest {
  const rows = randomRows(3000, 1, 0.15)
  const labels = Uint8Array.from({ length: 3000 }, (_, r) => {
    const [a = 0, b = 0] = rows.subarray(r * width)
    return (a > 0 && b < 5) || Number.isNaN(b) ? 1 : 0
  })
  const options = {
    maxDepth: 5,
    minLeafRows: 5,
    lambda: 1,
    learningRate: 0.1,
    rowShare: 0.8,
    featureShare: 0.8,
  }
  return trainBoost({ rows, labels }, { ...options, featureCount: width, rounds: 60, seed: 3 }).forest
}

describe('a forest in ONNX', () => {
  const forest = trainedForest()
  const curve = sigmoidCurve({ slope: 0.9, intercept: -0.1 })
  const rows = randomRows(2500, 9, 0.1)
  let runtime: ModelRuntime
  beforeAll(async () => {
    runtime = await openBody({ kind: 'forest', forest }, curve)
  })
  afterAll(() => runtime.close())

  it('gives the bits of the TypeScript reference, missing values included', async () => {
    const { values, margins } = await runtime.score('liquidation', rows, 2500)
    const expected = forestMargins(forest, rows)
    expect(margins).toEqual(expected)
    expect(values).toEqual(expected.map((margin) => evaluateCurve(curve, margin)))
    expect(new Set(values).size).toBeGreaterThan(100)
  })

  it('gives the same bits alone and in a batch', async () => {
    const batch = await runtime.score('liquidation', rows, 2500)
    for (const r of [0, 1, 7, 1023, 1024, 2499]) {
      const alone = await runtime.score('liquidation', rows.slice(r * width, (r + 1) * width), 1)
      expect(alone.values[0]).toBe(batch.values[r])
    }
  })

  it('explains itself: bias and contributions add up to the margin', async () => {
    const { margins, contributions, bias } = await runtime.score('liquidation', rows, 2500)
    expect(bias).toBe(forestBias(forest))
    margins.forEach((margin, r) => {
      const sum = contributions.subarray(r * width, (r + 1) * width).reduce((total, c) => total + c, bias)
      expect(Math.abs(sum - margin)).toBeLessThan(1e-4)
    })
  })

  it('sends a value equal to a threshold left and the next float right', async () => {
    const tree = forest.trees.find((t) => t.feature[0]! >= 0)!
    const feature = tree.feature[0]!
    const threshold = tree.threshold[0]!
    const bits = new Int32Array(Float32Array.of(threshold).buffer)
    bits[0]! += threshold > 0 ? 1 : -1
    const above = new Float32Array(bits.buffer)[0]!
    expect(above).toBeGreaterThan(threshold)
    const pair = new Float32Array(2 * width)
    pair[feature] = threshold
    pair[width + feature] = above
    const { margins } = await runtime.score('liquidation', pair, 2)
    expect(margins).toEqual(forestMargins(forest, pair))
    expect(margins[0]).not.toBe(margins[1])
  })
})

describe('a forest of single leaves in ONNX', () => {
  it('is its base plus the leaves', async () => {
    const one = (value: number) => ({
      feature: Int32Array.of(-1),
      threshold: Float32Array.of(0),
      left: Int32Array.of(0),
      right: Int32Array.of(0),
      missingLeft: Uint8Array.of(0),
      value: Float32Array.of(value),
      expected: Float64Array.of(value),
    })
    const forest = { featureCount: width, base: -1, trees: [one(0.5), one(0.25)] }
    const runtime = await openBody({ kind: 'forest', forest }, { x: [0], y: [0.25] })
    const { values, margins, contributions } = await runtime.score('liquidation', randomRows(3, 5, 0.5), 3)
    await runtime.close()
    expect([...margins]).toEqual([-0.25, -0.25, -0.25])
    expect([...values]).toEqual([0.25, 0.25, 0.25])
    expect(contributions.every((c) => c === 0)).toBe(true)
  })
})

describe('a linear model in ONNX', () => {
  const linear: LinearModel = {
    weight: [-3.7, 0.31, -0.1, 2.2, 0],
    mean: [0.4, 0.9, 1.5, 0.3, 0.6],
    bias: -2.13,
  }
  const curve = sigmoidCurve({ slope: 1, intercept: 0 })

  it('gives the bits of the reference in any batch, and NaN for a row with NaN', async () => {
    const runtime = await openBody({ kind: 'linear', linear }, curve)
    const random = seededRandom(4)
    const rows = Float32Array.from({ length: 1500 * width }, () => random() * 2 - 0.5)
    rows[3 * width + 1] = Number.NaN
    const { values, margins } = await runtime.score('liquidation', rows, 1500)
    const expected = Float64Array.from({ length: 1500 }, (_, r) =>
      linearMargin(linear, rows.subarray(r * width)),
    )
    expect(margins).toEqual(expected)
    expect(values).toEqual(expected.map((margin) => evaluateCurve(curve, margin)))
    expect(values[3]).toBeNaN()
    const alone = await runtime.score('liquidation', rows.slice(0, width), 1)
    expect(alone.values[0]).toBe(values[0])
    await runtime.close()
  })
})

describe('a calibration curve', () => {
  it('is the sigmoid to 1.3e-5 and never leaves 0..1', () => {
    const curve = sigmoidCurve({ slope: 2, intercept: 0.5 })
    for (let m = -9; m < 9; m += 0.0137) {
      const value = evaluateCurve(curve, m)
      const clamped = Math.max(-12, Math.min(12, 2 * m + 0.5))
      expect(Math.abs(value - 1 / (1 + Math.exp(-clamped)))).toBeLessThan(1.3e-5)
      expect(value).toBeGreaterThanOrEqual(0)
      expect(value).toBeLessThanOrEqual(1)
    }
  })

  it('refuses a slope that would turn the order round', () => {
    expect(() => sigmoidCurve({ slope: -1, intercept: 0 })).toThrow('slope must be positive')
  })
})
