import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../../src/math/statistics'
import { solveSymmetric, trainLogistic } from '../../../src/models/learn/logistic'
import { linearMargin } from '../../../src/models/onnx/linear'

function makeRows(count: number) {
  const random = seededRandom(8)
  const rows = Float32Array.from({ length: count * 3 }, (_, i) => (i % 3 === 2 ? 5 : random() * 4 - 2))
  const labels = Uint8Array.from({ length: count }, (_, r) => {
    const margin = 0.7 + 1.5 * rows[r * 3]! - 0.5 * rows[r * 3 + 1]!
    return random() < 1 / (1 + Math.exp(-margin)) ? 1 : 0
  })
  return { rows, labels }
}

describe('trainLogistic', () => {
  const data = makeRows(20_000)

  it('recovers the weights that made the labels, and gives a constant column none', () => {
    const model = trainLogistic(data, { featureCount: 3, l2: 1e-3 })
    expect(model.weight[0]).toBeCloseTo(1.5, 1)
    expect(model.weight[1]).toBeCloseTo(-0.5, 1)
    expect(model.weight[2]).toBe(0)
    expect(linearMargin(model, [0, 0, 5])).toBeCloseTo(0.7, 1)
  })

  it('is where the gradient of the penalised loss is zero', () => {
    const model = trainLogistic(data, { featureCount: 3, l2: 0 })
    let slope = 0
    data.labels.forEach((label, r) => {
      const row = data.rows.subarray(r * 3, r * 3 + 3)
      slope += (1 / (1 + Math.exp(-linearMargin(model, row))) - label) * row[0]!
    })
    expect(Math.abs(slope)).toBeLessThan(1e-4)
  })

  it('sets a weight of the forbidden sign to zero and fits the rest', () => {
    const model = trainLogistic(data, { featureCount: 3, l2: 1e-3, signs: [1, 1, 0] })
    expect(model.weight[1]).toBe(0)
    expect(model.weight[0]).toBeGreaterThan(1)
  })

  it('stays finite on separable data because of the penalty', () => {
    const rows = Float32Array.of(-1, -2, 1, 2)
    const model = trainLogistic({ rows, labels: Uint8Array.of(0, 0, 1, 1) }, { featureCount: 1, l2: 0.1 })
    expect(model.weight[0]).toBeGreaterThan(0)
    expect(model.weight[0]).toBeLessThan(20)
  })

  it('refuses NaN', () => {
    const labels = Uint8Array.of(0, 1)
    expect(() =>
      trainLogistic({ rows: Float32Array.of(1, Number.NaN), labels }, { featureCount: 1, l2: 1 }),
    ).toThrow('NaN')
  })
})

describe('solveSymmetric', () => {
  it('solves, and refuses what is not positive definite', () => {
    expect(
      [...solveSymmetric(Float64Array.of(4, 0, 2, 3), Float64Array.of(8, 7))].map((x) => +x.toFixed(12)),
    ).toEqual([1.25, 1.5])
    expect(() => solveSymmetric(Float64Array.of(1, 0, 2, 1), Float64Array.of(1, 1))).toThrow(
      'positive definite',
    )
  })
})
