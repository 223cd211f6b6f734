import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Clearing, clear } from '../../src/systemic/clearing'
import { matrixAt } from '../../src/systemic/network'
import { readClearing } from '../../src/systemic/network-input'
import { describeWithData } from '../support/data'
import { fraction, largestDifference, REFERENCE_FILE, referenceCase } from './reference-cases'

interface Network {
  L: number[][]
  e: number[]
  senior?: number[]
  alpha?: number
  beta?: number
}

const cleared = (network: Network): Clearing => clear(readClearing({ ...network }))

/** What i has at these payments, seniors served, without default costs. */
function available({ L, e, senior }: Network, paid: ArrayLike<number>): number[] {
  const owed = L.map((row) => row.reduce((a, b) => a + b, 0))
  return e.map((assets, i) =>
    L.reduce(
      (sum, row, j) => sum + (owed[j] === 0 ? 0 : (paid[j]! * row[i]!) / owed[j]!),
      assets - (senior?.[i] ?? 0),
    ),
  )
}

/** The clearing map, written plainly. */
function clearingMap(network: Network, paid: ArrayLike<number>): number[] {
  const { L, e, senior, alpha = 1, beta = 1 } = network
  const solvent = available(network, paid)
  return L.map((row, i) => {
    const owed = row.reduce((a, b) => a + b, 0)
    if (solvent[i]! >= owed * (1 - 1e-11) - 1e-11) return owed
    const inflow = solvent[i]! - e[i]! + (senior?.[i] ?? 0)
    return Math.max(0, alpha * e[i]! + beta * inflow - (senior?.[i] ?? 0))
  })
}

const amounts = fc.integer({ min: 0, max: 40 })
const network = fc
  .integer({ min: 1, max: 8 })
  .chain((n) =>
    fc.record({
      L: fc.array(fc.array(fc.oneof(fc.constant(0), amounts), { minLength: n, maxLength: n }), {
        minLength: n,
        maxLength: n,
      }),
      e: fc.array(amounts, { minLength: n, maxLength: n }),
      senior: fc.array(fc.oneof(fc.constant(0), amounts), { minLength: n, maxLength: n }),
      alpha: fc.constantFrom(1, 1, 0.9, 0.5, 0),
      beta: fc.constantFrom(1, 1, 0.9, 0.5, 0),
    }),
  )
  .map((made) => ({ ...made, L: made.L.map((row, i) => row.map((owed, j) => (i === j ? 0 : owed))) }))

describe('clearing', () => {
  it('of one node owes nothing', () => {
    const { paid, equity, defaults } = cleared({ L: [[0]], e: [7] })
    expect([Array.from(paid), Array.from(equity), defaults]).toEqual([[0], [7], []])
  })

  it('takes the greatest of many vectors: a ring without money of its own pays in full', () => {
    const { paid, defaults } = cleared({
      L: [
        [0, 1, 0],
        [0, 0, 1],
        [1, 0, 0],
      ],
      e: [0, 0, 0],
    })
    expect([Array.from(paid), defaults]).toEqual([[1, 1, 1], []])
  })

  it('of a ring in which one node owes too much ends where the smallest obligation binds', () => {
    const { paid, defaults } = cleared({
      L: [
        [0, 5, 0],
        [0, 0, 3],
        [4, 0, 0],
      ],
      e: [0, 0, 0],
    })
    expect(largestDifference(paid, [3, 3, 3])).toBeLessThan(1e-12)
    expect(defaults).toEqual([0, 2])
  })

  it('pays nothing where seniors take everything', () => {
    const { paid, seniorPaid, equity } = cleared({
      L: [
        [0, 4],
        [0, 0],
      ],
      e: [3, 0],
      senior: [5, 0],
    })
    expect([Array.from(paid), Array.from(seniorPaid), Array.from(equity)]).toEqual([
      [0, 0],
      [3, 0],
      [0, 0],
    ])
  })

  it('runs down a chain of 400 defaults', () => {
    const n = 400
    const L = Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_, j) => (j === i + 1 ? 10 : 0)))
    const { paid, defaults } = cleared({ L, e: Array.from({ length: n }, () => 0.01) })
    expect(defaults.length).toBe(n - 1)
    expect(Math.abs(paid[n - 2]! - 0.01 * (n - 1))).toBeLessThan(1e-9)
  })

  it('equals exact rational answers, with costs and seniors', () => {
    const cases = JSON.parse(readFileSync(join(__dirname, '../vectors/clearing.json'), 'utf8'))
    expect(cases.length).toBe(16)
    for (const one of cases) {
      const { paid, equity, defaults } = cleared(one)
      expect(largestDifference(paid, one.p)).toBeLessThan(1e-12)
      expect(largestDifference(equity, one.equity)).toBeLessThan(1e-12)
      expect(defaults).toEqual(one.defaults)
    }
  })
})

describe('the clearing vector, whatever the network', () => {
  it('is a fixed point between 0 and what is owed', () => {
    fc.assert(
      fc.property(network, (made) => {
        const { paid, owed } = cleared(made)
        expect(largestDifference(paid, clearingMap(made, paid))).toBeLessThan(1e-9)
        paid.forEach((payment, i) => {
          expect(payment).toBeGreaterThanOrEqual(0)
          expect(payment).toBeLessThanOrEqual(owed[i]!)
        })
      }),
      { numRuns: 400 },
    )
  })

  it('is the greatest: plain iteration from full payment falls to it and never below', () => {
    fc.assert(
      fc.property(network, (made) => {
        const { paid, owed } = cleared(made)
        let falling: number[] = Array.from(owed)
        for (let step = 0; step < 3_000; step++)
          falling = clearingMap(made, falling).map((p, i) => Math.min(p, falling[i]!))
        expect(largestDifference(paid, falling)).toBeLessThan(1e-6)
      }),
      { numRuns: 100 },
    )
  })

  it('conserves value at every node', () => {
    fc.assert(
      fc.property(network, (made) => {
        const { paid, equity, seniorPaid, destroyed } = cleared(made)
        const solvent = available(made, paid)
        made.e.forEach((_, i) => {
          const assets = solvent[i]! + made.senior[i]!
          const spent = paid[i]! + equity[i]! + seniorPaid[i]! + destroyed[i]!
          expect(Math.abs(assets - spent)).toBeLessThan(1e-9 * Math.max(1, assets))
        })
      }),
    )
  })

  it('moves with the nodes when they change places', () => {
    fc.assert(
      fc.property(network, fc.integer({ min: 1, max: 7 }), (made, shift) => {
        const n = made.e.length
        const at = (i: number) => (i + shift) % n
        const moved = {
          ...made,
          L: made.L.map((_, i) => made.L.map((__, j) => made.L[at(i)]![at(j)]!)),
          e: made.e.map((_, i) => made.e[at(i)]!),
          senior: made.e.map((_, i) => made.senior[at(i)]!),
        }
        const before = cleared(made).paid
        expect(
          largestDifference(
            cleared(moved).paid,
            Array.from(before, (_, i) => before[at(i)]!),
          ),
        ).toBeLessThan(1e-9)
      }),
    )
  })

  it('never pays less when a node has more', () => {
    fc.assert(
      fc.property(network, amounts, fc.nat(7), (made, more, who) => {
        const node = who % made.e.length
        const richer = { ...made, e: made.e.map((e, i) => (i === node ? e + more : e)) }
        const [less, greater] = [cleared(made).paid, cleared(richer).paid]
        less.forEach((payment, i) => {
          expect(greater[i]! - payment).toBeGreaterThan(-1e-9)
        })
      }),
    )
  })
})

describe('a network that makes no sense', () => {
  const good = {
    L: [
      [0, 1],
      [2, 0],
    ],
    e: [1, 1],
  }
  it.each([
    [{ ...good, L: [[0, 1]] }, 'L is not square: L[0] has 2 elements, not 1'],
    [
      {
        ...good,
        L: [
          [0, -1],
          [2, 0],
        ],
      },
      'L[0][1] is negative: -1',
    ],
    [
      {
        ...good,
        L: [
          [0, null],
          [2, 0],
        ],
      },
      'L[0][1] is null, not a finite number',
    ],
    [
      {
        ...good,
        L: [
          [0, Number.NaN],
          [2, 0],
        ],
      },
      'L[0][1] is NaN, not a finite number',
    ],
    [
      {
        ...good,
        L: [
          [0, '1'],
          [2, 0],
        ],
      },
      'L[0][1] is "1", not a finite number',
    ],
    [
      {
        ...good,
        L: [
          [3, 1],
          [2, 0],
        ],
      },
      'L[0][0] is 3: a node owes nothing to itself',
    ],
    [{ ...good, L: [] }, 'L is empty: a network has at least one node'],
    [{ ...good, L: 5 }, 'L is 5, not a list'],
    [
      {
        ...good,
        L: [
          [0, 1e308, 1e308],
          [0, 0, 0],
          [0, 0, 0],
        ],
        e: [0, 0, 0],
      },
      'L[0] sums to more than a double holds',
    ],
    [{ e: [1, 1] }, 'L is missing'],
    [{ L: good.L }, 'e is missing'],
    [{ ...good, e: [1] }, 'e has 1 elements, but the network has 2 nodes'],
    [{ ...good, e: [1, -2] }, 'e[1] is negative: -2'],
    [{ ...good, alpha: 1.5 }, 'alpha is 1.5, above 1'],
    [{ ...good, beta: -1 }, 'beta is negative: -1'],
    [{ ...good, senior: [0, null] }, 'senior[1] is null, not a finite number'],
    [
      { ...good, L: Array.from({ length: 4_097 }, () => []) },
      'L has 4097 rows: too large, at most 4096 nodes',
    ],
  ])('is refused by name: %#', (fields, message) => {
    expect(() => clear(readClearing(fields))).toThrow(message)
  })

  it('costs outside 0 … 1 are refused by the core too', () => {
    const input = { obligations: matrixAt(good.L, 'L'), externalAssets: Float64Array.from(good.e) }
    expect(() => clear({ ...input, alpha: Number.NaN })).toThrow('alpha is NaN')
  })
})

describeWithData('the worked clearing cases', [REFERENCE_FILE], () => {
  it.each(['EN-1', 'EN-2', 'EN-3'])('%s', (id) => {
    const one = referenceCase(id)
    const { paid, equity, defaults } = cleared({ L: one.L, e: one.e })
    expect(largestDifference(paid, one.p.map(fraction))).toBeLessThan(1e-14)
    if (one.equity) expect(largestDifference(equity, one.equity.map(fraction))).toBeLessThan(1e-14)
    expect(defaults).toEqual(one.defaults)
  })

  it('EN-3 with its external liabilities as seniors', () => {
    const { L, Aext, Lext, shock } = referenceCase('DR-0')
    const e = Aext.map((assets: number) => assets * (1 - shock))
    const one = referenceCase('EN-3')
    const { paid, defaults } = cleared({ L, e, senior: Lext })
    expect(largestDifference(paid, one.p.map(fraction))).toBeLessThan(1e-14)
    expect(defaults).toEqual(one.defaults)
  })
})
