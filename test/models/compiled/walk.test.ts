import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compileForest, type Walker } from '../../../src/models/compiled/walk'
import { gateRows, sameBits } from '../../../src/models/gate'
import { presentOrMissing } from '../../../src/models/illicit/stumps'
import { expectOver, makeTree, type Shape } from '../../../src/models/illicit/tree-shape'
import { type Curve, sigmoidCurve } from '../../../src/models/onnx/curve'
import { type ReadForest, readForest } from '../../../src/models/onnx/read-forest'
import { writeModel } from '../../../src/models/onnx/write'
import type { RunResult } from '../../../src/models/pool'
import { modelFolder } from '../../../src/models/registry'
import { openGraph, openModels } from '../../../src/models/session'

const WIDTH = 3
const LARGEST = 2 ** 128 - 2 ** 104

/** The file of a forest of these trees; a split comes first, because a file of leaves alone is none that is read back. */
function fileOf(shapes: readonly Shape[], base = 0, curve?: Curve): Uint8Array {
  const first: Shape = {
    feature: 0,
    threshold: 0,
    missingLeft: true,
    left: { value: -0.5 },
    right: { value: 0.5 },
  }
  const trees = [first, ...shapes].map((shape) => {
    const tree = makeTree(shape)
    expectOver(
      tree,
      Float32Array.from({ length: 60 }, (_, i) => ((i * 7) % 11) - 5),
      WIDTH,
    )
    return tree
  })
  return fileOfForest(trees, base, curve)
}

function fileOfForest(
  trees: ReturnType<typeof makeTree>[],
  base: number,
  curve: Curve = sigmoidCurve({ slope: 1, intercept: 0 }),
): Uint8Array {
  return writeModel({
    name: 'made',
    version: '0',
    inputs: ['a', 'b', 'c'],
    body: { kind: 'forest', forest: { featureCount: WIDTH, base, trees } },
    curve,
  })
}

async function inOnnxruntime(file: Uint8Array, rows: Float32Array): Promise<RunResult> {
  const graph = await openGraph(file)
  const out = await graph.run({ features: { dims: [rows.length / WIDTH, WIDTH], data: rows } })
  await graph.close()
  // The graph's doubles come as they are, whatever the type of `data` says.
  const doubles = (name: string) => Float64Array.from(out[name]!.data)
  return {
    values: doubles('value'),
    margins: doubles('margin'),
    contributions: out.contributions!.data,
    bias: doubles('bias')[0]!,
    further: {},
  }
}

function compiled(file: Uint8Array): Walker {
  const walker = compileForest(readForest(file)!)
  if (typeof walker === 'string') throw new Error(walker)
  return walker
}

async function expectSameBits(file: Uint8Array): Promise<void> {
  const rows = gateRows(readForest(file)!)
    .subarray(0, 201 * WIDTH)
    .slice()
  expect(sameBits(compiled(file)(rows, 201), await inOnnxruntime(file, rows))).toBe(true)
}

const float32 = fc.float({ noDefaultInfinity: true, noNaN: true })
const leaf = fc.integer({ min: -4096, max: 4096 }).map((n): Shape => ({ value: n / 1024 }))
const { shape } = fc.letrec<{ shape: Shape }>((tie) => ({
  shape: fc.oneof(
    { maxDepth: 5, depthSize: 'medium' },
    leaf,
    fc.record({
      feature: fc.nat(WIDTH - 1),
      threshold: fc.oneof(float32, fc.constantFrom(-0, 0, LARGEST, -LARGEST)),
      missingLeft: fc.boolean(),
      left: tie('shape'),
      right: tie('shape'),
    }),
  ),
}))

describe('a compiled forest', () => {
  it('answers no rows with nothing', () => {
    const { values, contributions } = compiled(fileOf([]))(new Float32Array(0), 0)
    expect([values.length, contributions.length]).toEqual([0, 0])
  })

  it('takes trees of one leaf, and trees of unlike depth', async () => {
    const chain = (depth: number): Shape =>
      depth === 0
        ? { value: 2 }
        : { feature: 1, threshold: depth, missingLeft: false, left: { value: -1 }, right: chain(depth - 1) }
    await expectSameBits(fileOf([{ value: 0.25 }, chain(7), chain(2)], 0.125))
  })

  it('is not confused by a curve with as many leaves as the forest', async () => {
    await expectSameBits(fileOf([], 0.125, { x: [0.25], y: [0.75] }))
  })

  it('asks once what all trees ask first, and gives each answer its own trees', async () => {
    const full: Shape = {
      feature: 0,
      threshold: 3,
      missingLeft: true,
      left: { value: 1 },
      right: { value: -2 },
    }
    const merged = [full, { value: 0.5 }].map((one) => presentOrMissing(2, one, { value: 0.75 }))
    const trees = merged.map((one) => makeTree(one))
    await expectSameBits(fileOfForest(trees, -1))
  })

  it('says what onnxruntime says of any forest, to the bit', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(shape, { maxLength: 12 }), fc.boolean(), async (shapes, gated) => {
        const all = gated ? shapes.map((one) => presentOrMissing(0, one, { value: 1 })) : shapes
        await expectSameBits(fileOf(all, 0.375))
      }),
      { numRuns: 40 },
    )
  })

  it('is refused in words where sums of its leaves could round, or a tree is too deep', () => {
    const far = fileOf([
      { feature: 1, threshold: 0, missingLeft: true, left: { value: 2 ** 40 }, right: { value: 2 ** -20 } },
    ])
    expect(compileForest(readForest(far)!)).toMatch(/order would matter/)
    const deep = (depth: number): Shape =>
      depth === 0
        ? { value: 1 }
        : { feature: 1, threshold: depth, missingLeft: true, left: { value: 0 }, right: deep(depth - 1) }
    expect(compileForest(readForest(fileOf([deep(13)]))!)).toMatch(/deeper than 12/)
    const wide: ReadForest = { ...readForest(far)!, inputs: Array.from({ length: 513 }, (_, i) => `x${i}`) }
    expect(compileForest(wide)).toMatch(/513 inputs/)
  })
})

describe('the committed illicit model', () => {
  it('serves compiled, the same bits as its file in onnxruntime', async () => {
    const options = { names: ['illicit'] }
    const [served, file] = [await openModels(options), await openModels({ ...options, canonicalOnly: true })]
    expect(served.models.illicit).toMatchObject({ form: 'compiled', provider: 'cpu' })
    expect(file.models.illicit).toMatchObject({ form: 'canonical', provider: 'cpu' })
    expect(served.warnings).toEqual([])
    const forest = readForest(readFileSync(join(modelFolder('illicit'), 'model.onnx')))!
    const rows = gateRows(forest, 77)
    const count = rows.length / forest.inputs.length
    const [a, b] = [await served.score('illicit', rows, count), await file.score('illicit', rows, count)]
    expect(sameBits(a, b)).toBe(true)
    await Promise.all([served.close(), file.close()])
  })
})
