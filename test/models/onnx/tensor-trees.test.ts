import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../../src/math/statistics'
import { GATE_TOLERANCE, gateDifference, gateRows } from '../../../src/models/gate'
import { trainBoost } from '../../../src/models/learn/boost'
import { type Forest, forestBias, forestMargins, leafOf } from '../../../src/models/learn/forest'
import { liquidationSpec } from '../../../src/models/liquidation/spec'
import { sigmoidCurve } from '../../../src/models/onnx/curve'
import { readForest, readTrees } from '../../../src/models/onnx/read-forest'
import { encodeMissing, writeTensorModel } from '../../../src/models/onnx/tensor-trees'
import { writeModel } from '../../../src/models/onnx/write'
import { modelFolder } from '../../../src/models/registry'
import { openGraph, openModels } from '../../../src/models/session'

const inputs = liquidationSpec.inputs.map((input) => input.name)
const width = inputs.length

function randomRows(count: number, seed: number): Float32Array {
  const random = seededRandom(seed)
  return Float32Array.from({ length: count * width }, () =>
    random() < 0.15 ? Number.NaN : Math.fround((random() - 0.5) * 10 ** (random() * 6)),
  )
}

function trainedForest(): Forest {
  const rows = randomRows(3000, 1)
  const labels = Uint8Array.from({ length: 3000 }, (_, r) =>
    rows[r * width]! > 0 || !(rows[r * width + 1]! < 5) ? 1 : 0,
  )
  const options = {
    maxDepth: 6,
    minLeafRows: 5,
    lambda: 1,
    learningRate: 0.1,
    rowShare: 0.8,
    featureShare: 0.8,
  }
  return trainBoost({ rows, labels }, { ...options, featureCount: width, rounds: 80, seed: 3 }).forest
}

const single = {
  feature: Int32Array.of(-1),
  threshold: Float32Array.of(0),
  left: Int32Array.of(0),
  right: Int32Array.of(0),
  missingLeft: Uint8Array.of(0),
  value: Float32Array.of(0.5),
  expected: Float64Array.of(0.5),
}
const forest = trainedForest()
forest.trees.push(single)
const curve = sigmoidCurve({ slope: 0.9, intercept: -0.1 })
const bytes = writeModel({
  name: 'liquidation',
  version: '0',
  inputs,
  body: { kind: 'forest', forest },
  curve,
})

describe('reading a forest back', () => {
  const read = readForest(bytes)!

  it('finds the same trees, leaf for leaf', () => {
    const trees = readTrees(read)
    const rows = randomRows(500, 7)
    forest.trees.forEach((tree, t) => {
      const again = { ...trees[t]!, expected: new Float64Array(0) }
      for (let r = 0; r < 500; r++) {
        expect(again.value[leafOf(again, rows, r * width)]).toBe(tree.value[leafOf(tree, rows, r * width)])
      }
    })
    expect(read).toMatchObject({ inputs, base: forest.base, bias: forestBias(forest) })
  })

  it('says that a linear model is none', () => {
    const linear = { weight: [1, 2, 3, 4, 5], mean: [0, 0, 0, 0, 0], bias: 1 }
    const other = writeModel({ name: 'x', version: '0', inputs, body: { kind: 'linear', linear }, curve })
    expect(readForest(other)).toBeUndefined()
  })

  it('reads the committed illicit model', () => {
    const committed = readForest(readFileSync(join(modelFolder('illicit'), 'model.onnx')))
    expect(committed?.ensemble.roots.length).toBeGreaterThan(50)
  })
})

describe('encodeMissing', () => {
  it('puts NaN below everything in the first copy and above everything in the second', () => {
    const both = encodeMissing(Float32Array.of(1, Number.NaN, 3, 4), 2)
    expect([...both]).toEqual([1, -Infinity, 1, Infinity, 3, 4, 3, 4])
  })
})

describe('trees as tensors', () => {
  it('agree with the reference within 1e-5, at thresholds, beside them and with missing values', async () => {
    const read = readForest(bytes)!
    const graph = await openGraph(writeTensorModel(read, 'tensor'))
    for (const rows of [gateRows(read), randomRows(1024, 9)]) {
      const data = encodeMissing(rows, width)
      const out = await graph.run({ both: { dims: [1024, 2 * width], data } })
      forestMargins(forest, rows).forEach((margin, r) => {
        expect(Math.abs(out.margin!.data[r]! - margin)).toBeLessThan(1e-5)
      })
    }
    await graph.close()
  })
})

describe('the gate', () => {
  it('asks at thresholds, beside them, and with missing values', () => {
    const rows = gateRows(readForest(bytes)!)
    const splits = new Set(readForest(bytes)!.ensemble.splits)
    expect(rows.filter((x) => Number.isNaN(x)).length).toBeGreaterThan(500)
    expect(rows.filter((x) => splits.has(x)).length).toBeGreaterThan(1000)
    expect(rows.filter((x) => Number.isFinite(x) && !splits.has(x)).length).toBeGreaterThan(1000)
  })

  it('sees the largest difference, and NaN on one side as infinite', () => {
    const one = (value: number) => ({
      values: Float64Array.of(value),
      margins: Float64Array.of(0),
      contributions: Float32Array.of(Number.NaN),
      bias: 0,
      further: {},
    })
    expect(gateDifference(one(1), one(0.75))).toBe(0.25)
    expect(gateDifference(one(Number.NaN), one(Number.NaN))).toBe(0)
    expect(gateDifference(one(1), one(Number.NaN))).toBe(Number.POSITIVE_INFINITY)
    expect(gateDifference(one(1), { ...one(1), values: new Float64Array(2) })).toBe(Number.POSITIVE_INFINITY)
  })

  it('lets the committed illicit model pass, which then serves within 1e-5 of itself', async () => {
    const options = { names: ['illicit'], threads: 1 }
    const [gpu, cpu] = [
      await openModels({ ...options, tensorOnCpu: true }),
      await openModels({ ...options, canonicalOnly: true }),
    ]
    expect(gpu.models.illicit).toMatchObject({ form: 'tensor' })
    expect(cpu.models.illicit).toMatchObject({ form: 'canonical' })
    const rows = gateRows(readForest(readFileSync(join(modelFolder('illicit'), 'model.onnx')))!)
    const [a, b] = [await gpu.score('illicit', rows, 1024), await cpu.score('illicit', rows, 1024)]
    expect(gateDifference(a, b)).toBeLessThanOrEqual(GATE_TOLERANCE)
    expect(gateDifference(a, b)).toBeGreaterThan(0)
    await Promise.all([gpu.close(), cpu.close()])
  })

  it('sends a model that differs to the CPU, and says by how much', async () => {
    const runtime = await openModels({ names: ['illicit'], tensorOnCpu: true, gateTolerance: 1e-12 })
    expect(runtime.models.illicit).toMatchObject({ form: 'canonical', provider: 'cpu' })
    expect(runtime.warnings).toEqual([
      expect.stringMatching(/differs from the canonical file by \d\.\d+e-\d/),
    ])
    await runtime.close()
  })

  it('sends a model without trees to the CPU', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'plimsoll-model-'))
    const linear = { weight: [1, 2, 3, 4, 5], mean: [0, 0, 0, 0, 0], bias: 1 }
    const file = writeModel({
      name: 'liquidation',
      version: '0',
      inputs,
      body: { kind: 'linear', linear },
      curve,
    })
    writeFileSync(join(folder, 'model.onnx'), file)
    const modelSha256 = createHash('sha256').update(file).digest('hex')
    writeFileSync(join(folder, 'metrics.json'), JSON.stringify({ modelSha256 }))
    const runtime = await openModels({ names: ['liquidation'], tensorOnCpu: true, folderOf: () => folder })
    expect(runtime.models.liquidation).toMatchObject({ form: 'canonical' })
    expect(runtime.warnings).toEqual([expect.stringContaining('has no GPU form')])
    await runtime.close()
  })
})
