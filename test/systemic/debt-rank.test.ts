import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { shockBalanceSheets } from '../../src/systemic/balance-sheet'
import { type DebtRank, debtRank } from '../../src/systemic/debt-rank'
import { readDebtRank } from '../../src/systemic/network-input'
import { describeWithData } from '../support/data'
import { fraction, largestDifference, REFERENCE_FILE, referenceCase } from './reference-cases'

function ranked(fields: Record<string, unknown>): DebtRank {
  const request = readDebtRank(fields)
  return request.form === 'impact' ? debtRank(request.input) : shockBalanceSheets(request.input)
}

const share = fc.integer({ min: 0, max: 100 }).map((percent) => percent / 100)

function networkOf(impact: fc.Arbitrary<number>) {
  return fc
    .integer({ min: 1, max: 7 })
    .chain((n) => {
      const vector = (of: fc.Arbitrary<number>) => fc.array(of, { minLength: n, maxLength: n })
      return fc.record({
        W: vector(fc.nat()).chain(() => fc.array(vector(impact), { minLength: n, maxLength: n })),
        v: vector(share),
        h0: vector(share),
      })
    })
    .map(({ W, v, h0 }) => {
      const total = v.reduce((a, b) => a + b, 0) || 1
      return {
        W: W.map((row, i) => row.map((w, j) => (i === j ? 0 : w))),
        v: v.map((part) => part / total),
        h0,
      }
    })
}

const sparse = (most: number) =>
  fc.oneof(
    fc.constant(0),
    share.map((s) => s * most),
  )
const variants = [2012, 2015] as const

describe('DebtRank', () => {
  it('of a network nobody shocks is 0', () => {
    for (const variant of variants)
      expect(
        ranked({
          W: [
            [0, 1],
            [1, 0],
          ],
          v: [0.5, 0.5],
          h0: [0, 0],
          variant,
        }).lost,
      ).toBe(0)
  })

  it('of 2015 sends echoes that 2012 does not hear', () => {
    const ring = {
      W: [
        [0, 0.5],
        [0.5, 0],
      ],
      v: [0.5, 0.5],
      h0: [0.3, 0],
    }
    expect(largestDifference(ranked({ ...ring, variant: 2012 }).distress, [0.375, 0.15])).toBeLessThan(1e-15)
    expect(largestDifference(ranked({ ...ring, variant: 2015 }).distress, [0.4, 0.2])).toBeLessThan(1e-15)
  })

  it('of 2015 is exact where echoes hardly fade, and where they grow', () => {
    const ring = (w: number, first = 1e-6) => ({
      W: [
        [0, w],
        [w, 0],
      ],
      v: [0.5, 0.5],
      h0: [first, 0],
      variant: 2015,
    })
    const w = 1 - 1e-7
    const sum = 1e-8 / (1 - w * w)
    expect(largestDifference(ranked(ring(w, 1e-8)).distress, [sum, w * sum])).toBeLessThan(1e-8)
    expect(Array.from(ranked(ring(w)).distress)).toEqual([1, w])
    expect(Array.from(ranked(ring(1)).distress)).toEqual([1, 1])
    expect(Array.from(ranked(ring(3)).distress)).toEqual([1, 1])
  })

  it('of 2012 is not monotone in who is shocked, as its critics say', () => {
    const chain = {
      W: [
        [0, 0.5, 0],
        [0, 0, 1],
        [0, 0, 0],
      ],
      v: [0, 0, 1],
      variant: 2012,
    }
    const calm = ranked({ ...chain, h0: [1, 0, 0] })
    const tremor = ranked({ ...chain, h0: [1, 0.01, 0] })
    expect(calm.distress[2]).toBe(0.5)
    expect(tremor.distress[2]).toBe(0.01)
  })

  it('equals answers in exact arithmetic', () => {
    const cases = JSON.parse(readFileSync(join(__dirname, '../vectors/debt-rank.json'), 'utf8'))
    expect(cases.length).toBe(12)
    for (const one of cases) {
      const { lost, distress } = ranked(one)
      expect(largestDifference(distress, one.h)).toBeLessThan(1e-12)
      expect(Math.abs(lost - one.R)).toBeLessThan(1e-12)
    }
  })
})

describe('DebtRank, whatever the network', () => {
  it.each(variants)('of %d lies in 0 … 1, and no distress below the first shock', (variant) => {
    fc.assert(
      fc.property(networkOf(sparse(variant === 2012 ? 1 : 3)), (made) => {
        const { lost, distress } = ranked({ ...made, variant })
        expect(lost).toBeGreaterThanOrEqual(0)
        expect(lost).toBeLessThanOrEqual(1)
        distress.forEach((h, i) => {
          expect(h).toBeGreaterThanOrEqual(made.h0[i]!)
          expect(h).toBeLessThanOrEqual(1)
        })
      }),
    )
  })

  it('of 2015 is the least fixed point, and grows with every shock', () => {
    fc.assert(
      fc.property(networkOf(sparse(2)), share, fc.nat(6), (made, more, who) => {
        const { distress } = ranked({ ...made, variant: 2015 })
        const mapped = made.h0.map((h, j) =>
          Math.min(
            1,
            made.W.reduce((sum, row, i) => sum + row[j]! * distress[i]!, h),
          ),
        )
        expect(largestDifference(distress, mapped)).toBeLessThan(1e-9)
        const node = who % made.h0.length
        const h0 = made.h0.map((h, i) => (i === node ? Math.min(1, h + more) : h))
        const worse = ranked({ ...made, h0, variant: 2015 }).distress
        distress.forEach((h, i) => {
          expect(worse[i]! - h).toBeGreaterThan(-1e-9)
        })
      }),
    )
  })

  it('of 2012 grows with the shock while the same nodes are shocked', () => {
    fc.assert(
      fc.property(networkOf(sparse(1)), share, (made, factor) => {
        const smaller = ranked({
          ...made,
          h0: made.h0.map((h) => h * Math.max(factor, 0.01)),
          variant: 2012,
        }).distress
        const greater = ranked({ ...made, variant: 2012 }).distress
        smaller.forEach((h, i) => {
          expect(greater[i]! - h).toBeGreaterThan(-1e-12)
        })
      }),
    )
  })

  it.each(variants)('of %d moves with the nodes when they change places', (variant) => {
    fc.assert(
      fc.property(networkOf(sparse(1)), fc.integer({ min: 1, max: 6 }), ({ W, v, h0 }, shift) => {
        const at = (i: number) => (i + shift) % v.length
        const moved = {
          W: W.map((_, i) => W.map((__, j) => W[at(i)]![at(j)]!)),
          v: v.map((_, i) => v[at(i)]!),
          h0: h0.map((_, i) => h0[at(i)]!),
        }
        const before = ranked({ W, v, h0, variant })
        const after = ranked({ ...moved, variant })
        expect(
          largestDifference(
            after.distress,
            h0.map((_, i) => before.distress[at(i)]!),
          ),
        ).toBeLessThan(1e-9)
        expect(Math.abs(after.lost - before.lost)).toBeLessThan(1e-9)
      }),
    )
  })
})

describe('a DebtRank request that makes no sense', () => {
  const good = {
    W: [
      [0, 0.5],
      [0.5, 0],
    ],
    v: [0.5, 0.5],
    h0: [1, 0],
  }
  const sheets = {
    L: [
      [0, 4],
      [2, 0],
    ],
    Aext: [20, 20],
    Lext: [10, 10],
    shock: 0.1,
  }
  it.each([
    [{}, 'W is missing'],
    [{ ...good, W: [[0, 0.5]] }, 'W is not square'],
    [
      {
        ...good,
        W: [
          [0, 1.5],
          [0, 0],
        ],
      },
      'W[0][1] is 1.5, above 1',
    ],
    [
      {
        ...good,
        W: [
          [0, null],
          [0, 0],
        ],
      },
      'W[0][1] is null',
    ],
    [
      {
        ...good,
        W: [
          [0.1, 0],
          [0, 0],
        ],
      },
      'W[0][0] is 0.1',
    ],
    [{ ...good, h0: [1.2, 0] }, 'h0[0] is 1.2, above 1'],
    [{ ...good, h0: undefined }, 'h0 is missing'],
    [{ ...good, v: [3, 4] }, 'v sums to 7'],
    [{ ...good, v: [0.5, -0.5] }, 'v[1] is negative'],
    [{ ...good, variant: 2013 }, 'variant is 2013: it must be 2012 or 2015'],
    [{ ...sheets, Lext: [30, 10] }, 'node 0 has equity -12 before the shock'],
    [{ ...sheets, shock: 2 }, 'shock is 2, above 1'],
    [{ ...sheets, shock: undefined }, 'shock is missing'],
    [{ ...sheets, E0: [8, 9] }, 'E0[1] is 9, but the balance sheet says 12'],
  ])('is refused by name: %#', (fields, message) => {
    expect(() => ranked(fields)).toThrow(message)
  })
})

describeWithData('the worked DebtRank cases', [REFERENCE_FILE], () => {
  it.each(['DR-1', 'DR-2'])('%s', (id) => {
    const { W, v } = referenceCase('DR-1')
    const starts = Object.entries(referenceCase(id)).filter(([name]) => name.startsWith('h0='))
    expect(starts.length).toBeGreaterThanOrEqual(2)
    for (const [name, expected] of starts) {
      const h0 = name.slice(4, -1).split(',').map(Number)
      const { lost, distress } = ranked({ W, v, h0, variant: id === 'DR-1' ? 2012 : 2015 })
      expect(largestDifference(distress, expected.h.map(fraction))).toBeLessThan(1e-14)
      expect(Math.abs(lost - fraction(expected.R))).toBeLessThan(1e-14)
    }
  })

  it('DR-0', () => {
    const one = referenceCase('DR-0')
    const request = readDebtRank(one)
    if (request.form !== 'balance-sheets') throw new Error('read as impacts')
    const outcome = shockBalanceSheets(request.input)
    expect(largestDifference(outcome.equityBefore, one.E0)).toBeLessThan(1e-14)
    expect(largestDifference(outcome.equityAfterShock, one.E_mech)).toBeLessThan(1e-14)
    expect(largestDifference(outcome.equityFinal, one.E_final)).toBeLessThan(1e-14)
    expect(largestDifference(outcome.paid, one.payments)).toBeLessThan(1e-14)
  })
})
