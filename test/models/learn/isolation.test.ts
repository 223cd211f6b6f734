import { describe, expect, it } from 'vitest'
import { rocAuc, seededRandom } from '../../../src/math/statistics'
import { forestMargins } from '../../../src/models/learn/forest'
import {
  expectedPathLength,
  isolationCurve,
  isolationScores,
  trainIsolation,
} from '../../../src/models/learn/isolation'
import { evaluateCurve } from '../../../src/models/onnx/curve'

const options = { featureCount: 3, trees: 100, sampleRows: 128, seed: 5 }

/** Bell-shaped rows and, at the end, `outliers` that lie far from them in a direction of their own. */
function makeRows(count: number, outliers: number): Float32Array {
  const random = seededRandom(2)
  const bell = () => random() + random() + random() + random() - 2
  const rows = Float32Array.from({ length: (count + outliers) * 3 }, bell)
  for (let r = count; r < count + outliers; r++) rows[r * 3 + (r % 3)] = r % 2 ? 5 : -5
  return rows
}

describe('expected path length', () => {
  it('is the paper’s', () => {
    expect([0, 1, 2].map(expectedPathLength)).toEqual([0, 0, 1])
    expect(expectedPathLength(256)).toBeCloseTo(10.2448, 4)
  })
})

describe('an isolation forest', () => {
  const rows = makeRows(1000, 20)
  const isolation = trainIsolation(rows, options)
  const margins = forestMargins(isolation.forest, rows)

  it('finds what lies apart', () => {
    const labels = Uint8Array.from({ length: 1020 }, (_, r) => (r < 1000 ? 0 : 1))
    expect(rocAuc({ scores: margins, labels })).toBeGreaterThan(0.99)
    const scores = isolationScores(isolation, margins)
    expect(Math.min(...scores)).toBeGreaterThan(0.3)
    expect(scores[1019]).toBeGreaterThan(0.6)
  })

  it('leaves no training row below the depth limit and splits every node in two non-empty parts', () => {
    for (const tree of isolation.forest.trees) {
      const depth = (node: number): number =>
        tree.feature[node]! < 0 ? 0 : 1 + Math.max(depth(tree.left[node]!), depth(tree.right[node]!))
      expect(depth(0)).toBeLessThanOrEqual(7)
      expect(tree.cover![0]).toBe(128)
      for (const cover of tree.cover!) expect(cover).toBeGreaterThan(0)
    }
  })

  it('expects at the root what its leaves say on average', () => {
    for (const { feature, value, cover, expected } of isolation.forest.trees) {
      let sum = 0
      feature.forEach((f, node) => {
        if (f < 0) sum += value[node]! * cover![node]!
      })
      expect(expected[0]).toBeCloseTo(sum / 128, 10)
    }
  })

  it('has a curve that is its score', () => {
    const curve = isolationCurve(isolation)
    isolationScores(isolation, margins).forEach((score, r) => {
      expect(Math.abs(evaluateCurve(curve, margins[r]!) - score)).toBeLessThan(1.5e-5)
    })
  })

  it('is the same for the same seed and another for another', () => {
    expect(trainIsolation(rows, options)).toEqual(isolation)
    expect(trainIsolation(rows, { ...options, seed: 6 }).forest).not.toEqual(isolation.forest)
  })

  it('makes one leaf of rows that do not differ, and never cuts on a missing column', () => {
    const same = trainIsolation(new Float32Array(30).fill(7), { ...options, trees: 3 })
    for (const tree of same.forest.trees) expect(tree.feature.length).toBe(1)
    const holes = rows.map((x, i) => (i % 3 === 1 ? Number.NaN : x))
    const cut = trainIsolation(holes, options).forest.trees.flatMap((tree) => [...tree.feature])
    expect(cut).not.toContain(1)
    expect(cut).toContain(2)
  })

  it('refuses nothing, with what it got', () => {
    expect(() => trainIsolation(new Float32Array(3), options)).toThrow('got 1, 100, 128')
  })
})
