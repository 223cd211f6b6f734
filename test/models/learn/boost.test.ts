import { describe, expect, it } from 'vitest'
import { rocAuc, seededRandom } from '../../../src/math/statistics'
import { MISSING, makeBins } from '../../../src/models/learn/bins'
import { type BoostOptions, trainBoost } from '../../../src/models/learn/boost'
import { forestBias, forestMargins, leafContributions, leafOf } from '../../../src/models/learn/forest'

const options: BoostOptions = {
  featureCount: 4,
  rounds: 40,
  maxDepth: 4,
  minLeafRows: 5,
  lambda: 1,
  learningRate: 0.2,
  rowShare: 0.8,
  featureShare: 1,
  seed: 1,
}

/** x0 and x1 interact, x2 matters only by being missing, x3 is noise. */
function makeRows(count: number, seed: number) {
  const random = seededRandom(seed)
  const rows = new Float32Array(count * 4)
  const labels = new Uint8Array(count)
  const truth = new Float64Array(count)
  for (let r = 0; r < count; r++) {
    const [a, b, c, d] = [random(), random(), random() < 0.3 ? Number.NaN : random(), random()]
    rows.set([a, b, c, d], r * 4)
    const odds = (a > 0.5 ? 1 : -1) * (b > 0.5 ? 2 : -2) + (Number.isNaN(c) ? 2 : -0.5)
    truth[r] = odds
    labels[r] = random() < 1 / (1 + Math.exp(-odds)) ? 1 : 0
  }
  return { rows, labels, truth }
}

describe('bins', () => {
  it('agree with the cuts: code <= b exactly when x <= cut[b]', () => {
    const random = seededRandom(2)
    const rows = Float32Array.from({ length: 3000 }, () =>
      random() < 0.05 ? Number.NaN : 10 ** (random() * 8 - 4),
    )
    const bins = makeBins({ rows, featureCount: 1 })
    const cuts = bins.cuts[0]!
    expect(cuts.length).toBeGreaterThan(200)
    rows.forEach((x, r) => {
      if (Number.isNaN(x)) expect(bins.codes[r]).toBe(MISSING)
      else for (const b of [0, 57, cuts.length - 1]) expect(bins.codes[r]! <= b).toBe(x <= cuts[b]!)
    })
  })

  it('make no cut in a constant or wholly missing column', () => {
    expect(makeBins({ rows: Float32Array.of(7, 7, 7), featureCount: 1 }).cuts[0]!.length).toBe(0)
    expect(makeBins({ rows: Float32Array.of(Number.NaN, Number.NaN), featureCount: 1 }).cuts[0]!.length).toBe(
      0,
    )
  })
})

describe('trainBoost', () => {
  const train = makeRows(4000, 10)
  const fresh = makeRows(4000, 11)

  it('finds an interaction and a meaning in missingness', () => {
    const { forest } = trainBoost(train, options)
    const auc = rocAuc({ scores: forestMargins(forest, fresh.rows), labels: fresh.labels })
    const ceiling = rocAuc({ scores: fresh.truth, labels: fresh.labels })
    expect(auc).toBeGreaterThan(ceiling - 0.01)
    const pair = Float32Array.from([0.2, 0.2, Number.NaN, 0.5, 0.2, 0.2, 0.5, 0.5])
    const [missing, present] = forestMargins(forest, pair)
    expect(missing).toBeGreaterThan(present! + 1)
  })

  it('gives the same forest for the same seed and another for another', () => {
    expect(trainBoost(train, options).forest).toEqual(trainBoost(train, options).forest)
    expect(trainBoost(train, { ...options, seed: 2 }).forest).not.toEqual(trainBoost(train, options).forest)
  })

  it('stops early on noise and keeps only its best rounds', () => {
    const random = seededRandom(3)
    const noise = { ...train, labels: train.labels.map(() => (random() < 0.5 ? 1 : 0)) }
    const result = trainBoost(noise, { ...options, rounds: 300, patience: 10 }, fresh)
    expect(result.rounds).toBeLessThan(60)
    expect(result.forest.trees.length).toBe(result.rounds)
    expect(result.curve.length).toBeLessThanOrEqual(result.rounds + 10)
  })

  it('keeps a monotone order everywhere, which it would break if free', () => {
    const random = seededRandom(6)
    const rows = Float32Array.from({ length: 8000 }, random)
    const labels = Uint8Array.from({ length: 2000 }, (_, r) => {
      const x = rows[r * 4]!
      return random() < (x < 0.3 ? 0.2 : x < 0.6 ? 0.8 : 0.4) ? 1 : 0
    })
    const falls = (monotone: number[]) => {
      const { forest } = trainBoost({ rows, labels }, { ...options, monotone })
      let count = 0
      for (let trial = 0; trial < 50; trial++) {
        const others = [random(), random(), random()]
        const ladder = Float32Array.from({ length: 400 }, (_, i) =>
          i % 4 === 0 ? i / 400 : others[(i % 4) - 1]!,
        )
        const margins = forestMargins(forest, ladder)
        for (let i = 1; i < margins.length; i++) if (margins[i]! < margins[i - 1]!) count++
      }
      return count
    }
    expect(falls([0, 0, 0, 0])).toBeGreaterThan(0)
    expect(falls([1, 0, 0, 0])).toBe(0)
  })

  it('splits on usable features only, and not more finely than its bins allow', () => {
    const { forest } = trainBoost(train, { ...options, usable: [1, 3], maxBins: 4 })
    const cuts = new Set<string>()
    for (const tree of forest.trees) {
      tree.feature.forEach((feature, node) => {
        if (feature >= 0) cuts.add(`${feature}:${tree.threshold[node]}`)
      })
    }
    const features = new Set([...cuts].map((cut) => cut.split(':')[0]))
    expect(features).toEqual(new Set(['1', '3']))
    expect(cuts.size).toBeLessThanOrEqual(6)
    expect(cuts.size).toBeGreaterThan(2)
  })

  it('refuses one class, wrong labels and wrong shapes', () => {
    expect(() => trainBoost({ rows: new Float32Array(8), labels: Uint8Array.of(1, 1) }, options)).toThrow(
      'both classes',
    )
    expect(() => trainBoost({ rows: new Float32Array(8), labels: Uint8Array.of(1, 2) }, options)).toThrow(
      '0 or 1',
    )
    expect(() => trainBoost({ rows: new Float32Array(7), labels: Uint8Array.of(1, 0) }, options)).toThrow(
      '4 features',
    )
  })

  it('weighs rows: a row of weight 0 might as well not be there', () => {
    const weights = Float64Array.from(train.labels, (_, i) => (i < 2000 ? 1 : 0))
    const flipped = train.labels.map((label, i) => (i < 2000 ? label : 1 - label))
    const { forest } = trainBoost(
      { ...train, labels: flipped, weights },
      { ...options, rowShare: 1, minLeafRows: 40 },
    )
    expect(rocAuc({ scores: forestMargins(forest, fresh.rows), labels: fresh.labels })).toBeGreaterThan(0.87)
  })
})

describe('Saabas contributions', () => {
  it('add up to the margin in every leaf', () => {
    const data = makeRows(2000, 20)
    const { forest } = trainBoost(data, options)
    const tables = forest.trees.map((tree) => leafContributions(tree, 4))
    const margins = forestMargins(forest, data.rows)
    for (let r = 0; r < 200; r++) {
      let sum = forestBias(forest)
      forest.trees.forEach((tree, t) => {
        sum += tables[t]!.get(leafOf(tree, data.rows, r * 4))!.reduce((a, b) => a + b, 0)
      })
      expect(sum).toBeCloseTo(margins[r]!, 9)
    }
  })
})
