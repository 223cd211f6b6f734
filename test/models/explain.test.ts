import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../src/math/statistics'
import { openExplainer, strongestReasons } from '../../src/models/explain'
import { trainBoost } from '../../src/models/learn/boost'
import { forestBias, forestMargins } from '../../src/models/learn/forest'
import { treeShap } from '../../src/models/learn/shap'
import { liquidationSpec } from '../../src/models/liquidation/spec'
import { type GoldenRow, publishModel } from '../../src/models/publish'
import { modelFolder } from '../../src/models/registry'

const width = liquidationSpec.inputs.length
const random = seededRandom(3)
const rows = Float32Array.from({ length: 800 * width }, () =>
  random() < 0.1 ? Number.NaN : random() * 4 - 2,
)
const labels = Uint8Array.from({ length: 800 }, (_, r) =>
  rows[r * width]! * rows[r * width + 1]! > 0 ? 1 : 0,
)
const { forest } = trainBoost(
  { rows, labels },
  {
    ...{ featureCount: width, rounds: 30, maxDepth: 4, minLeafRows: 5, lambda: 1, learningRate: 0.2 },
    ...{ rowShare: 0.8, featureShare: 1, seed: 2 },
  },
)

function publish(): string {
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-model-'))
  const curve = { x: [0], y: [0.5] }
  const body = { kind: 'forest' as const, forest }
  publishModel({ spec: liquidationSpec, body, curve, metrics: {}, goldenRows: [] }, folder)
  return folder
}

describe('an explainer', () => {
  it('explains what the published file says: additive to 1e-9, and equal to the trained forest’s own values', () => {
    const explainer = openExplainer('liquidation', publish())!
    const margins = forestMargins(forest, rows)
    const trees = forest.trees.map((tree) => ({ ...tree, cover: tree.cover! }))
    for (let r = 0; r < 100; r++) {
      const row = rows.subarray(r * width, (r + 1) * width)
      const { bias, contributions } = explainer.explain(row)
      expect(Math.abs(contributions.reduce((sum, c) => sum + c, bias) - margins[r]!)).toBeLessThan(1e-9)
      expect(bias).toBeCloseTo(forestBias(forest), 9)
      const own = treeShap({ ...forest, trees }, row).contributions
      contributions.forEach((c, f) => {
        expect(Math.abs(c - own[f]!)).toBeLessThan(1e-9)
      })
    }
  })

  it('explains the committed illicit model: it adds up to the golden margins within 1e-9', () => {
    const explainer = openExplainer('illicit')!
    const golden: { rows: GoldenRow[] } = JSON.parse(
      readFileSync(join(modelFolder('illicit'), 'golden.json'), 'utf8'),
    )
    for (const { features, margin } of golden.rows) {
      const { bias, contributions } = explainer.explain(features.map((x) => x ?? Number.NaN))
      expect(Math.abs(contributions.reduce((sum, c) => sum + c, bias) - margin!)).toBeLessThan(1e-9)
    }
  })

  it('gives alerts Shapley values where it can, else the reasons of the graph, and says which', () => {
    const { spec, sha256 } = openExplainer('illicit')!
    const features = spec.inputs.map(() => 1)
    const contributions = spec.inputs.map((_, f) => f)
    const exact = strongestReasons({ spec, sha256 }, { features, contributions }, 5)
    expect(exact.method).toBe('treeshap')
    expect(exact.reasons).toHaveLength(5)
    const other = strongestReasons({ spec, sha256: 'another file' }, { features, contributions }, 5)
    expect(other.method).toBe('saabas')
    expect(other.reasons[0]!.contribution).toBe(spec.inputs.length - 1)
  })

  it('refuses covers of another file', () => {
    const folder = publish()
    const path = join(folder, 'cover.json')
    const cover = JSON.parse(readFileSync(path, 'utf8'))
    writeFileSync(path, JSON.stringify({ ...cover, modelSha256: 'abc' }))
    expect(() => openExplainer('liquidation', folder)).toThrow('belongs to abc')
  })

  it('is none for a linear model', () => {
    const folder = mkdtempSync(join(tmpdir(), 'plimsoll-model-'))
    const linear = { weight: [1, 2, 3, 4, 5], mean: [0, 0, 0, 0, 0], bias: 1 }
    const body = { kind: 'linear' as const, linear }
    publishModel(
      { spec: liquidationSpec, body, curve: { x: [0], y: [0.5] }, metrics: {}, goldenRows: [] },
      folder,
    )
    expect(openExplainer('liquidation', folder)).toBeUndefined()
  })
})
