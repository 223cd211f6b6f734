import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type CreditFacts, creditRow, creditVolatility } from '../../../src/models/credit/features'

const plain: CreditFacts = {
  healthFactor: 1.3,
  debtValue: 100,
  collateralValue: 169,
  volatility: 0.9,
  valueAtLastAction: 1,
  ageDays: 14,
}
const row = (facts: Partial<CreditFacts>) => creditRow({ ...plain, ...facts })

describe('creditRow', () => {
  it.each<[string, Partial<CreditFacts>]>([
    ['no debt', { healthFactor: Number.POSITIVE_INFINITY, debtValue: 0 }],
    ['no price', { healthFactor: Number.NaN }],
    ['no collateral', { healthFactor: 0 }],
    ['no volatility', { volatility: 0 }],
    ['an age before birth', { ageDays: -1 }],
  ])('is NaN throughout with %s', (_, facts) => {
    expect(row(facts)).toEqual([Number.NaN, Number.NaN, Number.NaN, Number.NaN])
  })

  it('matches the worked example', () => {
    const z = Math.log(1.3) / (0.9 * Math.sqrt(30 / 365))
    expect(z).toBeCloseTo(1.0168, 4)
    expect(row({})).toEqual([Math.sqrt(z), Math.sqrt(z), 0.5, 100 / 169])
  })

  it('knows where the owner last left the position, but is never reassured beyond twice the distance', () => {
    expect(row({ valueAtLastAction: 0.9 })[1]).toBeLessThan(row({})[1]!)
    expect(row({ valueAtLastAction: 1.1 })[1]).toBeGreaterThan(row({})[1]!)
    expect(row({ valueAtLastAction: 100 })[1]).toBeCloseTo(row({})[0]! * Math.SQRT2, 12)
    const under = row({ healthFactor: 0.95, valueAtLastAction: 2 })
    expect(under[1]).toBe(under[0])
    expect(under[0]).toBeLessThan(0)
  })

  it('never falls in its distances, nor rises in its loan to value, when the health factor rises', () => {
    const health = fc.double({ min: 0.3, max: 30, noNaN: true })
    const value = fc.double({ min: 0.2, max: 5, noNaN: true })
    const sigma = fc.double({ min: 0.05, max: 4, noNaN: true })
    fc.assert(
      fc.property(health, health, value, sigma, (a, b, valueAtLastAction, volatility) => {
        const at = (healthFactor: number) =>
          row({ healthFactor, collateralValue: 130 * healthFactor, valueAtLastAction, volatility })
        const [low, high] = [at(Math.min(a, b)), at(Math.max(a, b))]
        expect(high[0]).toBeGreaterThanOrEqual(low[0]!)
        expect(high[1]).toBeGreaterThanOrEqual(low[1]!)
        expect(high[3]).toBeLessThanOrEqual(low[3]!)
      }),
    )
  })

  it('stays bounded whatever it is fed', () => {
    const any = fc.double({ min: 1e-12, max: 1e12, noNaN: true })
    fc.assert(
      fc.property(any, any, any, any, any, (healthFactor, collateralValue, volatility, value, ageDays) => {
        const found = row({ healthFactor, collateralValue, volatility, valueAtLastAction: value, ageDays })
        for (const x of found.slice(0, 2)) expect(Math.abs(x)).toBeLessThanOrEqual(Math.sqrt(10))
        expect(found[2]).toBeLessThanOrEqual(1)
        expect(found[3]).toBeLessThanOrEqual(3)
      }),
    )
  })
})

describe('creditVolatility', () => {
  it('is 0.9 without history, and leans on it for longer than a day', () => {
    expect(creditVolatility([], 0)).toBeCloseTo(0.9, 12)
    const still = Array.from({ length: 48 }, (_, hour) => ({ timeSec: hour * 3600, value: 100 }))
    expect(creditVolatility(still, 47 * 3600)).toBeGreaterThan(0.85)
  })
})
