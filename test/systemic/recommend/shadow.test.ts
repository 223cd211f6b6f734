import { describe, expect, it } from 'vitest'
import { shadowRun, without } from '../../../src/systemic/recommend/shadow'
import { ETH_MARKET, madeBook } from './books'

const conditions = { gasUsd: 0, exit: 'oracle' as const }
const endsAt = (price: number) => new Map([['1:0xeth', price]])

/** 15,000 against 10 ETH: sound above 1,875 at 0.8, above 2,000 at 0.75; under water below 1,575 with the bonus. */
const book = madeBook({
  positions: [
    [10, 15_000],
    [10, 1_000],
  ],
})

describe('a shadow run', () => {
  it('needs a day', () => {
    expect(() => shadowRun([], { marketId: ETH_MARKET, change: {}, conditions })).toThrow('at least one day')
  })

  it('changes nothing where the terms do not', () => {
    const days = [1_900, 1_800, 1_000].map((price) => ({ book, nextPricesUsd: endsAt(price) }))
    const run = shadowRun(days, { marketId: ETH_MARKET, change: {}, conditions })
    expect(run).toMatchObject({ days: 3, liquidatedMore: 0, liquidatedFewer: 0, avoidedBadDebtUsd: 0 })
    expect(run.actual).toEqual(run.recommended)
    expect(run.actual.liquidated).toBe(1)
  })

  it('tells who would have been liquidated earlier, and what was not lost for it', () => {
    const days = [1_950, 1_400].map((price) => ({ book, nextPricesUsd: endsAt(price) }))
    const run = shadowRun(days, { marketId: ETH_MARKET, change: { threshold: 0.75, ltv: 0.7 }, conditions })
    // Under 0.8 the day at 1,400 leaves 15,000 − 14,000/1.05; under 0.75 the account went at 1,950.
    expect(run.actual.badDebtUsd).toBeCloseTo(15_000 - 14_000 / 1.05, 6)
    expect(run.recommended).toEqual({ liquidated: 1, badDebtUsd: 0 })
    expect(run.avoidedBadDebtUsd).toBeCloseTo(15_000 - 14_000 / 1.05, 6)
    expect(run.summary).toContain('0 more and 0 fewer accounts, and avoided $1666.67')
  })

  it('counts an account once, however many days show it', () => {
    const days = [1_800, 1_800, 1_800].map((price) => ({ book, nextPricesUsd: endsAt(price) }))
    const run = shadowRun(days, { marketId: ETH_MARKET, change: { threshold: 0.7, ltv: 0.6 }, conditions })
    expect(run).toMatchObject({ actual: { liquidated: 1 }, recommended: { liquidated: 1 } })
  })

  it('leaves out days without the market', () => {
    const run = shadowRun([{ book, nextPricesUsd: endsAt(1_000) }], {
      ...{ marketId: '1:nowhere', change: {}, conditions },
    })
    expect(run).toMatchObject({ days: 0, daysWithout: 1, avoidedBadDebtUsd: 0 })
  })

  it('takes positions out whole', () => {
    const left = without(book, new Set(['1:0x0 1:0xpool']))
    expect(left.positions).toMatchObject({
      accountIds: ['1:0x1'],
      collateralStart: Int32Array.of(0, 1),
      debtUnits: Float64Array.of(1_000),
    })
  })
})
