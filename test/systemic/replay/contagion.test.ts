import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  lossShareOfStayers,
  marketLoss,
  passThrough,
  type RiskMarket,
  sharedPressure,
} from '../../../src/systemic/replay/contagion'
import { firstLiquidation } from '../../../src/systemic/replay/following-oracle'
import { morphoTerms } from '../../../src/systemic/rules/terms'

const terms = morphoTerms(915_000_000_000_000_000n)
const market = (change: Partial<RiskMarket> = {}): RiskMarket => ({
  id: 'm',
  supplyUsd: 100,
  borrowUsd: 90,
  collateralUsd: 100,
  terms,
  isFixedPrice: false,
  ...change,
})

describe('a market’s loss', () => {
  it('is nothing in an empty market, and where the price holds', () => {
    expect(marketLoss(market({ supplyUsd: 0, borrowUsd: 0 }), 0)).toEqual({
      uncoveredUsd: 0,
      drainUsd: 0,
      lossShare: 0,
    })
    expect(marketLoss(market(), 1).uncoveredUsd).toBe(0)
    expect(marketLoss(market({ isFixedPrice: true }), 1).drainUsd).toBe(0)
  })

  it('is all of the debt where the collateral is worth nothing; idle money only where the price is fixed', () => {
    expect(marketLoss(market(), 0)).toMatchObject({ uncoveredUsd: 90, drainUsd: 0, lossShare: 0.9 })
    expect(marketLoss(market({ isFixedPrice: true }), 0)).toMatchObject({
      uncoveredUsd: 90,
      drainUsd: 10,
      lossShare: 1,
    })
  })

  it('takes borrowers to be at their limit where collateral is unknown', () => {
    const unknown = marketLoss(market({ collateralUsd: null }), 0.5).uncoveredUsd
    const atLimit = marketLoss(market({ collateralUsd: 90 / 0.915 }), 0.5).uncoveredUsd
    expect(unknown).toBe(atLimit)
  })

  it('a price that is no number, and a negative one, are refused with the market’s name', () => {
    expect(() => marketLoss(market(), Number.NaN)).toThrow(/price in m is NaN/)
    expect(() => marketLoss(market(), -0.1)).toThrow(/negative/)
    expect(() => marketLoss(market({ supplyUsd: -1 }), 0)).toThrow(/m\.supplyUsd/)
  })

  it('never falls as the price falls, and never exceeds what is there', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 100, noNaN: true }),
        fc.boolean(),
        (a, b, borrowUsd, isFixedPrice) => {
          const one = market({ borrowUsd, isFixedPrice, collateralUsd: null })
          const [low, high] = [marketLoss(one, Math.min(a, b)), marketLoss(one, Math.max(a, b))]
          expect(low.lossShare).toBeGreaterThanOrEqual(high.lossShare - 1e-12)
          expect(low.uncoveredUsd + low.drainUsd).toBeLessThanOrEqual(100 + 1e-9)
        },
      ),
    )
  })
})

describe('passing losses on', () => {
  const vaults = [
    { id: 'a', assetsUsd: 200, suppliedUsd: new Map([['m', 40]]) },
    { id: 'b', assetsUsd: 10, suppliedUsd: new Map([['m', 10]]) },
    { id: 'c', assetsUsd: 0, suppliedUsd: new Map<string, number>() },
  ]

  it('shares a market’s loss in proportion, outsiders included', () => {
    const { vaults: found, outsideLossUsd } = passThrough([market()], new Map([['m', 0.5]]), vaults)
    expect(found.map((one) => one.lossUsd)).toEqual([20, 5, 0])
    expect(found.map((one) => one.lossShare)).toEqual([0.1, 0.5, 0])
    expect(outsideLossUsd).toBeCloseTo(25, 9)
  })

  it('a vault that supplies more than its assets say has at least that', () => {
    const one = [{ id: 'a', assetsUsd: 1, suppliedUsd: new Map([['m', 40]]) }]
    expect(passThrough([market()], new Map([['m', 1]]), one).vaults[0]).toMatchObject({
      lossUsd: 40,
      lossShare: 1,
    })
  })

  it('a market that is not listed is refused', () => {
    const one = [{ id: 'a', assetsUsd: 1, suppliedUsd: new Map([['x', 1]]) }]
    expect(() => passThrough([market()], new Map(), one)).toThrow(/a supplies x/)
  })

  it('conserves value: what markets lose is what vaults and outsiders lose', () => {
    const amount = fc.integer({ min: 0, max: 1_000 })
    fc.assert(
      fc.property(
        fc.array(fc.record({ m: amount, n: amount, clean: amount }), { minLength: 1, maxLength: 6 }),
        fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true })),
        amount,
        (list, [first, second], others) => {
          const sum = (key: 'm' | 'n') => list.reduce((total, one) => total + one[key], 0)
          const markets = [
            market({ supplyUsd: sum('m') + others }),
            market({ id: 'n', supplyUsd: sum('n') + others }),
          ]
          const holders = list.map((one, i) => ({
            id: `${i}`,
            assetsUsd: one.m + one.n + one.clean,
            suppliedUsd: new Map([
              ['m', one.m],
              ['n', one.n],
            ]),
          }))
          const shares = new Map([
            ['m', first],
            ['n', second],
          ])
          const { vaults: found, outsideLossUsd } = passThrough(markets, shares, holders)
          const lost = markets[0]!.supplyUsd * first + markets[1]!.supplyUsd * second
          const borne = found.reduce((total, one) => total + one.lossUsd, outsideLossUsd)
          expect(Math.abs(borne - lost)).toBeLessThan(1e-6 * Math.max(1, lost))
          found.forEach((one, i) => {
            const own = list[i]!.m * first + list[i]!.n * second
            expect(one.lossUsd).toBeCloseTo(own, 6)
          })
        },
      ),
    )
  })
})

it('those who stay bear it all, and never more than all', () => {
  expect(lossShareOfStayers(0, 0)).toBe(0)
  expect(lossShareOfStayers(5, 100)).toBe(0.05)
  expect(lossShareOfStayers(5, 5)).toBe(1)
  expect(lossShareOfStayers(5, 0)).toBe(1)
})

describe('pressure through shared markets', () => {
  it('is 0 where nothing is shared, and the hit part of the market where all is', () => {
    const supplies = [
      { vault: 'hit', market: 'x', usd: 30 },
      { vault: 'a', market: 'x', usd: 10 },
      { vault: 'b', market: 'y', usd: 10 },
      { vault: 'c', market: 'z', usd: 0 },
    ]
    const pressure = sharedPressure(supplies, new Set(['hit']))
    expect(pressure.get('a')).toBe(0.75)
    expect(pressure.get('b')).toBe(0)
    expect(pressure.get('c')).toBe(0)
  })
})

describe('an oracle that follows the market', () => {
  const prices = [1, 0.98, 0.5, 0.1].map((value, timeSec) => ({ timeSec, value }))
  it('liquidates at the first price that allows it', () => {
    const loan = { collateralUnits: 100, debtUsd: 90, terms }
    expect(firstLiquidation(loan, prices, 0)).toMatchObject({ timeSec: 1, priceUsd: 0.98, badDebtUsd: 0 })
    expect(firstLiquidation(loan, prices, 2)!.badDebtUsd).toBeCloseTo(90 - 50 / terms.bonus, 9)
  })
  it('does nothing without debt, without prices, and while the price holds', () => {
    expect(firstLiquidation({ collateralUnits: 1, debtUsd: 0, terms }, prices, 0)).toBeUndefined()
    expect(firstLiquidation({ collateralUnits: 1, debtUsd: 1, terms }, [], 0)).toBeUndefined()
    expect(firstLiquidation({ collateralUnits: 1e6, debtUsd: 1, terms }, prices, 0)).toBeUndefined()
  })
})
