import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../../src/math/statistics'
import { trainBoost } from '../../../src/models/learn/boost'
import { type Forest, forestMargins } from '../../../src/models/learn/forest'
import { trainIsolation } from '../../../src/models/learn/isolation'
import { type CoveredForest, type CoveredTree, expectedValue, treeShap } from '../../../src/models/learn/shap'

/** A forest whose trees all know their cover. */
function covered(forest: Forest): CoveredForest {
  return { ...forest, trees: forest.trees.map((tree) => ({ ...tree, cover: tree.cover! })) }
}

/** What the tree says when only the features of `known` are known: the definition, by recursion. */
function conditional(
  tree: CoveredTree,
  row: ArrayLike<number>,
  known: ReadonlySet<number>,
  node = 0,
): number {
  const feature = tree.feature[node]!
  if (feature < 0) return tree.value[node]!
  const [left, right] = [tree.left[node]!, tree.right[node]!]
  if (known.has(feature)) {
    const x = row[feature]!
    const goesLeft = Number.isNaN(x) ? tree.missingLeft[node] === 1 : x <= tree.threshold[node]!
    return conditional(tree, row, known, goesLeft ? left : right)
  }
  const [a, b] = [tree.cover[left]!, tree.cover[right]!]
  return (a * conditional(tree, row, known, left) + b * conditional(tree, row, known, right)) / (a + b)
}

/** Shapley values by summing over every subset of the other features. */
function bruteForce(forest: CoveredForest, row: ArrayLike<number>): number[] {
  const n = forest.featureCount
  const factorial = (k: number): number => (k < 2 ? 1 : k * factorial(k - 1))
  const value = (mask: number) => {
    const known = new Set(Array.from({ length: n }, (_, f) => f).filter((f) => mask & (1 << f)))
    return forest.trees.reduce((sum, tree) => sum + conditional(tree, row, known), 0)
  }
  return Array.from({ length: n }, (_, f) => {
    let sum = 0
    for (let mask = 0; mask < 1 << n; mask++) {
      if (mask & (1 << f)) continue
      const size = mask.toString(2).replace(/0/g, '').length
      const weight = (factorial(size) * factorial(n - size - 1)) / factorial(n)
      sum += weight * (value(mask | (1 << f)) - value(mask))
    }
    return sum
  })
}

/** A random tree by seed: any shape to depth 5, features repeat on a path, covers are arbitrary. */
function randomTree(seed: number, featureCount: number): CoveredTree {
  const random = seededRandom(seed)
  const nodes = {
    feature: [] as number[],
    threshold: [] as number[],
    left: [] as number[],
    right: [] as number[],
  }
  const more = { missingLeft: [] as number[], value: [] as number[], cover: [] as number[] }
  const grow = (depth: number): number => {
    const node = nodes.feature.length
    const inner = depth < 5 && (depth === 0 || random() < 0.7)
    nodes.feature.push(inner ? Math.floor(random() * featureCount) : -1)
    nodes.threshold.push(Math.fround(random() * 4 - 2))
    more.missingLeft.push(random() < 0.5 ? 1 : 0)
    more.value.push(inner ? 0 : Math.fround(random() * 2 - 1))
    more.cover.push(0)
    nodes.left.push(0)
    nodes.right.push(0)
    if (!inner) {
      more.cover[node] = 1 + Math.floor(random() * 50)
      return node
    }
    const left = grow(depth + 1)
    const right = grow(depth + 1)
    nodes.left[node] = left
    nodes.right[node] = right
    more.cover[node] = more.cover[left]! + more.cover[right]!
    return node
  }
  grow(0)
  return {
    feature: Int32Array.from(nodes.feature),
    threshold: Float32Array.from(nodes.threshold),
    left: Int32Array.from(nodes.left),
    right: Int32Array.from(nodes.right),
    missingLeft: Uint8Array.from(more.missingLeft),
    value: Float32Array.from(more.value),
    cover: Float64Array.from(more.cover),
  }
}

describe('treeShap', () => {
  it('gives the worked example of its header', () => {
    const tree: CoveredTree = {
      feature: Int32Array.of(0, -1, -1),
      threshold: Float32Array.of(0, 0, 0),
      left: Int32Array.of(1, 0, 0),
      right: Int32Array.of(2, 0, 0),
      missingLeft: Uint8Array.of(1, 0, 0),
      value: Float32Array.of(0, -1, 1),
      cover: [4, 3, 1],
    }
    const forest = { featureCount: 2, base: 0, trees: [tree] }
    expect(treeShap(forest, [5, 9])).toEqual({ bias: -0.5, contributions: Float64Array.of(1.5, 0) })
    expect(treeShap(forest, [Number.NaN, 9]).contributions[0]).toBe(-0.5)
  })

  it('equals brute-force Shapley values on small trees, missing values included', () => {
    const cell = fc.oneof(fc.constant(Number.NaN), fc.float({ min: -3, max: 3, noNaN: true }))
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1e6 }),
        fc.array(cell, { minLength: 5, maxLength: 5 }),
        (seed, row) => {
          const trees = [randomTree(seed, 5), randomTree(seed + 1, 5)]
          const forest = { featureCount: 5, base: 0.25, trees }
          const { bias, contributions } = treeShap(forest, row)
          const expected = bruteForce(forest, row)
          contributions.forEach((c, f) => {
            expect(Math.abs(c - expected[f]!)).toBeLessThan(1e-9)
          })
          expect(bias).toBeCloseTo(0.25 + expectedValue(trees[0]!, 0) + expectedValue(trees[1]!, 0), 12)
        },
      ),
      { numRuns: 150 },
    )
  })

  it('equals them where no training row went to one side of a split, whichever side the row takes', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1e6 }),
        fc.array(fc.float({ min: -3, max: 3, noNaN: true }), { minLength: 4, maxLength: 4 }),
        (seed, row) => {
          const tree = randomTree(seed, 4)
          const cover = Float64Array.from(tree.cover)
          cover[tree.right[0]!] = 0
          cover[0] = cover[tree.left[0]!]!
          const forest = { featureCount: 4, base: 0, trees: [{ ...tree, cover }] }
          // Below the empty side shares are unknown unless it is a leaf.
          fc.pre(tree.feature[tree.right[0]!]! < 0)
          const expected = bruteForce(forest, row)
          treeShap(forest, row).contributions.forEach((c, f) => {
            expect(Math.abs(c - expected[f]!)).toBeLessThan(1e-9)
          })
        },
      ),
      { numRuns: 60 },
    )
  })

  it('adds up to the margin within 1e-9 for boosted and isolation forests', () => {
    const random = seededRandom(8)
    const rows = Float32Array.from({ length: 2000 * 6 }, () =>
      random() < 0.1 ? Number.NaN : random() * 9 - 4,
    )
    const labels = Uint8Array.from({ length: 2000 }, (_, r) =>
      rows[r * 6]! > 0 !== rows[r * 6 + 1]! > 1 ? 1 : 0,
    )
    const options = {
      maxDepth: 6,
      minLeafRows: 3,
      lambda: 1,
      learningRate: 0.1,
      rowShare: 0.8,
      featureShare: 0.7,
    }
    const boosted = trainBoost({ rows, labels }, { ...options, featureCount: 6, rounds: 60, seed: 4 }).forest
    const isolation = trainIsolation(rows, { featureCount: 6, trees: 30, sampleRows: 256, seed: 4 }).forest
    for (const forest of [boosted, isolation]) {
      const margins = forestMargins(forest, rows)
      for (let r = 0; r < 60; r++) {
        const { bias, contributions } = treeShap(covered(forest), rows.subarray(r * 6, r * 6 + 6))
        const sum = contributions.reduce((total, c) => total + c, bias)
        expect(Math.abs(sum - margins[r]!)).toBeLessThan(1e-9)
      }
    }
  })

  it('gives a feature that no tree asks for nothing, and refuses rows of another width and unknown covers', () => {
    const tree = randomTree(3, 3)
    const forest = { featureCount: 4, base: 0, trees: [tree] }
    expect(treeShap(forest, [1, 1, 1, 7]).contributions[3]).toBe(0)
    expect(() => treeShap(forest, [1, 1, 1])).toThrow('4 features; the row has 3')
    const bare = { ...forest, trees: [{ ...tree, cover: new Float64Array(tree.cover.length) }] }
    expect(() => treeShap(bare, [1, 1, 1, 7])).toThrow('cover 0')
  })
})
