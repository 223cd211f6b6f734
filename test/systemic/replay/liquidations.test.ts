import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { dayFalls, judgeFrontier, type PriceDay, passedDepth } from '../../../src/systemic/replay/frontier'
import { readLiquidationSets } from '../../../src/systemic/replay/liquidation-command'
import { distinct, type LiquidationRecord, priceAt } from '../../../src/systemic/replay/liquidation-records'
import { halvings, judgeSeizures, seizureRows } from '../../../src/systemic/replay/seizure'
import { lastAt, valueAt } from '../../../src/systemic/replay/series'

const record = (change: Partial<LiquidationRecord> = {}): LiquidationRecord => ({
  timeSec: 0,
  user: 'u',
  collateral: 'ETH',
  debt: 'DAI',
  collateralUnits: 1,
  debtUnits: 100,
  collateralUsd: null,
  debtUsd: null,
  ...change,
})

describe('a series', () => {
  const points = [2, 4, 4, 9].map((timeSec, value) => ({ timeSec, value }))
  it('has nothing before its first point, and the last of equal moments', () => {
    expect(valueAt(points, 1)).toBeUndefined()
    expect(valueAt([], 1)).toBeUndefined()
    expect(valueAt(points, 4)).toBe(2)
    expect(valueAt(points, 100)).toBe(3)
  })
  it('agrees with a plain search', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 50 })),
        fc.integer({ min: -5, max: 60 }),
        (times, at) => {
          const list = times.sort((a, b) => a - b).map((timeSec, value) => ({ timeSec, value }))
          expect(lastAt(list, at)).toEqual(list.findLast((point) => point.timeSec <= at))
        },
      ),
    )
  })
  it('a price older than two hours is none, and a stable coin is a dollar', () => {
    const book = { hourly: new Map([['ETH', [{ timeSec: 0, value: 7 }]]]), stable: new Set(['DAI']) }
    expect(priceAt(book, 'ETH', 7_200)).toBe(7)
    expect(priceAt(book, 'ETH', 7_201)).toBeUndefined()
    expect(priceAt(book, 'XYZ', 0)).toBeUndefined()
    expect(priceAt(book, 'DAI', 1e9)).toBe(1)
  })
})

it('rows that are the same in everything count once, and come in order of time', () => {
  const rows = [record({ timeSec: 5 }), record(), record({ timeSec: 5 }), record({ debtUnits: 99 })]
  expect(distinct(rows).map(({ timeSec }) => timeSec)).toEqual([0, 0, 5])
})

describe('what was seized for what was repaid', () => {
  const rows = Array.from({ length: 40 }, (_, i) => ({ timeSec: i, collateral: 'ETH', ratio: 1.05 }))
  it('is judged by bonuses of before the split alone', () => {
    const fit = judgeSeizures(
      rows.map((row) => (row.timeSec < 20 ? row : { ...row, ratio: 1.2 })),
      20,
      [0.01],
    )
    expect(fit.bonuses).toEqual([{ collateral: 'ETH', bonus: 1.05, n: 20 }])
    expect(fit.within[0]!.share).toBe(0)
  })
  it('a ratio that can be no bonus is not learnt, nor is one of few rows', () => {
    const wrong = rows.map((row) => ({ ...row, collateral: 'ENJ', ratio: 0.165 }))
    const few = rows.slice(0, 9).map((row) => ({ ...row, collateral: 'YFI' }))
    const fit = judgeSeizures([...wrong, ...few, ...rows.slice(30)], 20, [0.01])
    expect(fit.bonuses).toEqual([])
    expect(fit).toMatchObject({ n: 0, unknown: 30 })
  })
  it('rows without a price and repayments of nothing are left out', () => {
    const value = (one: LiquidationRecord) =>
      one.collateral === 'XYZ' ? undefined : { collateral: one.collateralUnits * 105, debt: one.debtUnits }
    const list = [record(), record({ collateral: 'XYZ' }), record({ debtUnits: 0 })]
    expect(seizureRows(list, value)).toEqual([{ timeSec: 0, collateral: 'ETH', ratio: 1.05 }])
  })
})

describe('calls that follow one another', () => {
  it('are pairs of one user and one pair of assets within an hour', () => {
    const list = [
      record(),
      record({ timeSec: 10, debtUnits: 50 }),
      record({ timeSec: 20, debtUnits: 50, user: 'v' }),
      record({ timeSec: 30, debtUnits: 40 }),
      record({ timeSec: 3_631, debtUnits: 20 }),
      record({ timeSec: 3_632, debtUnits: 0 }),
      record({ timeSec: 3_633, debtUnits: 5 }),
    ]
    expect(halvings(list)).toEqual({ n: 3, halves: 1, above: 1 })
  })
})

describe('the frontier', () => {
  const day = (open: number, low: number, close: number): PriceDay => ({ open, low, close })
  it('of no days is nothing, and rising prices pass nothing', () => {
    expect(passedDepth([], 0.1)).toHaveLength(0)
    expect([...passedDepth([day(1, 1, 2), day(2, 2, 3)], 0.1)]).toEqual([0, 0])
  })
  it('a second fall to the same low finds nobody, but does where borrowers came back at once', () => {
    const days = [day(100, 80, 100), day(100, 80, 100)]
    expect(passedDepth(days, 0)[1]).toBe(0)
    expect(passedDepth(days, 1)[1]).toBeCloseTo(Math.log(100 / 80), 12)
    expect(dayFalls(days)[1]).toBeCloseTo(Math.log(100 / 80), 12)
  })
  it('is never negative, and never passes more than from the highest price so far to the low', () => {
    const price = fc.double({ min: 1, max: 100, noNaN: true })
    fc.assert(
      fc.property(
        fc.array(fc.tuple(price, price, price)),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (list, rate) => {
          const days = list.map(([a, b, c]) => day(a, Math.min(a, b, c), c))
          let highest = 0
          passedDepth(days, rate).forEach((depth, i) => {
            highest = Math.max(highest, days[i]!.open, i === 0 ? 0 : days[i - 1]!.close)
            expect(depth).toBeGreaterThanOrEqual(0)
            expect(depth).toBeLessThanOrEqual(Math.log(highest / days[i]!.low) + 1e-9)
          })
        },
      ),
    )
  })
  it('finds the relation where there is one, on days it was not fitted on', () => {
    const days = Array.from({ length: 200 }, (_, i) => {
      const [open, close] = [100 + 20 * Math.sin(i / 3), 100 + 20 * Math.sin((i + 1) / 3)]
      return day(open, Math.min(open, close) - (i % 5), close)
    })
    const truth = passedDepth(days, 0.1)
    const fit = judgeFrontier(
      days,
      [...truth].map((depth) => 1e6 * depth),
    )
    expect(fit).toMatchObject({ trainDays: 120, testDays: 80, replenished: 0.1 })
    expect(fit.model.rho).toBeCloseTo(1, 9)
    expect(fit.rhoGainInterval.low).toBeGreaterThan(0)
  })
  it('wants five weeks, and as many prices as volumes', () => {
    expect(() => judgeFrontier([], [])).toThrow(/five weeks/)
    expect(() => judgeFrontier(Array(40).fill(day(1, 1, 1)), [1])).toThrow(/40 days/)
  })
})

it('without data the error says what is missing and what to do', () => {
  expect(() => readLiquidationSets('/nowhere')).toThrow(/no lending\/aave-v1-liquidations/)
})
