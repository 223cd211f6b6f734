import { expect, it } from 'vitest'
import { seededRandom } from '../../src/math/statistics'
import { convergenceOf } from '../../src/models/convergence'
import { trainBoost } from '../../src/models/learn/boost'

it('falls over the rounds of a boosting, and begins near the entropy of the labels', () => {
  const random = seededRandom(3)
  const rows = Float32Array.from({ length: 800 }, () => random())
  const labels = Uint8Array.from({ length: 400 }, (_, r) => (rows[r * 2]! > 0.5 ? 1 : 0))
  const { forest } = trainBoost(
    { rows, labels },
    {
      featureCount: 2,
      rounds: 50,
      maxDepth: 3,
      minLeafRows: 5,
      lambda: 1,
      learningRate: 0.1,
      rowShare: 1,
      featureShare: 1,
      seed: 1,
      patience: 0,
    },
  )
  const curve = convergenceOf(forest, { rows, labels })
  expect(curve[0]!.trees).toBe(1)
  expect(curve.at(-1)!.trees).toBe(forest.trees.length)
  expect(curve[0]!.logLoss).toBeGreaterThan(0.5)
  expect(curve[0]!.logLoss).toBeLessThan(Math.LN2)
  for (let i = 1; i < curve.length; i++) expect(curve[i]!.logLoss).toBeLessThan(curve[i - 1]!.logLoss)
})

it('is empty for a forest without trees', () => {
  expect(
    convergenceOf({ trees: [], base: 0, featureCount: 1 } as never, {
      rows: new Float32Array(2),
      labels: [0, 1],
    }),
  ).toEqual([])
})
