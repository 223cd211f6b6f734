import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../src/math/statistics'
import { byLevel, cohortAudit, levelOf } from '../../src/models/cohorts'
import { driftOf, referenceOf, sharesOf } from '../../src/models/reference'

const random = seededRandom(5)
const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())

describe('a reference', () => {
  it('is refused without rows', () => {
    expect(() => referenceOf({ rows: new Float32Array(0), names: ['a'], scores: [] })).toThrow('got 0 rows')
  })

  it('of a column that is always missing has one empty bin and says so', () => {
    const { features } = referenceOf({
      rows: new Float32Array([Number.NaN, Number.NaN]),
      names: ['a'],
      scores: [0, 1],
    })
    expect(features.a).toEqual({ missing: 1, edges: [], shares: [0] })
    expect(driftOf([1, 2], features.a!)).toMatchObject({ ks: null, missing: 0 })
    expect(driftOf([1, 2], features.a!).psi).toBeGreaterThan(5)
  })

  it('gives the worked figures of its header', () => {
    const then = { missing: 0, edges: [0], shares: [0.5, 0.5] }
    const { psi, ks } = driftOf([-1, -1, -1, -1, -1, -1, -1, -1, 1, 1], then)
    expect(psi).toBeCloseTo(0.3 * Math.log(1.6) - 0.3 * Math.log(0.4), 12)
    expect(ks).toBeCloseTo(0.3, 12)
    expect(driftOf([], then)).toEqual({ psi: null, ks: null, missing: 0 })
  })

  it('calls rows of the same source calm and shifted ones not', () => {
    const column = (shift: number) => Float32Array.from({ length: 5_000 }, () => normal() + shift)
    const { features } = referenceOf({ rows: column(0), names: ['x'], scores: new Float64Array(5_000) })
    expect(features.x!.edges).toHaveLength(9)
    expect(driftOf(column(0), features.x!).psi).toBeLessThan(0.02)
    const moved = driftOf(column(1), features.x!)
    expect(moved.psi).toBeGreaterThan(0.25)
    // Two unit normals one apart: sup |Φ(x) − Φ(x − 1)| = 2Φ(0.5) − 1 = 0.383, at 0.5; an edge lies near it.
    expect(moved.ks).toBeCloseTo(0.383, 1)
  })

  it('has shares that add up to one, and no drift against itself', () => {
    const value = fc.oneof(
      fc.constant(Number.NaN),
      fc.integer({ min: -3, max: 3 }),
      fc.float({ noNaN: true, noDefaultInfinity: true }),
    )
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 60 }), (values) => {
        const rows = Float32Array.from(values)
        const column = referenceOf({ rows, names: ['x'], scores: new Float64Array(values.length) }).features
          .x!
        expect(column.shares.reduce((sum, share) => sum + share, column.missing)).toBeCloseTo(1, 6)
        expect(driftOf(rows, column).psi).toBeCloseTo(0, 6)
        expect(sharesOf(rows, column.edges).missing).toBeCloseTo(column.missing, 8)
      }),
    )
  })
})

describe('the bias audit', () => {
  it('gives figures by level, and none where they would mean nothing', () => {
    const scored = { scores: [0.9, 0.2, 0.8, 0.1, 0.3], labels: [1, 0, 1, 0, 0] }
    const { age } = cohortAudit(scored, { age: ['old', 'old', 'old', 'new', 'new'] })
    expect(age).toEqual({
      new: { rows: 2, positives: 0, auc: null, predicted: 0.2, observed: 0, ece: null },
      old: { rows: 3, positives: 2, auc: 1, predicted: expect.closeTo(1.9 / 3), observed: 2 / 3, ece: null },
    })
    expect(
      Object.keys(byLevel({ size: ['≥100', '1–10', '<1', '10–100'] }, 4, (rows) => rows.length).size!),
    ).toEqual(['<1', '1–10', '10–100', '≥100'])
    expect(() => cohortAudit(scored, { age: ['old'] })).toThrow('cohort age has 1 levels for 5 rows')
  })

  it('cuts numbers at limits', () => {
    expect([Number.NaN, 0.5, 1, 99, 100].map((x) => levelOf(x, [1, 100]))).toEqual([
      'unknown',
      '<1',
      '1–100',
      '1–100',
      '≥100',
    ])
  })
})
