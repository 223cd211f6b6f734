import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  ewmaVolatility,
  firstPassageProbability,
  liquidationRow,
} from '../../../src/models/liquidation/features'

describe('ewmaVolatility', () => {
  it('is the prior without history', () => {
    expect(ewmaVolatility([], 0)).toBeCloseTo(0.9, 12)
    expect(ewmaVolatility([{ timeSec: 0, value: 5 }], 100)).toBeCloseTo(0.9, 12)
  })

  it('matches the worked example: +1 % over the last hour', () => {
    const history = [
      { timeSec: 0, value: 100 },
      { timeSec: 3600, value: 101 },
    ]
    const expected = Math.sqrt((Math.log(1.01) ** 2 + 0.81 / 365) / (1 / 8760 + 1 / 365))
    expect(ewmaVolatility(history, 3600)).toBeCloseTo(expected, 12)
    expect(expected).toBeCloseTo(0.901, 3)
  })

  it('reads nothing after its moment', () => {
    const past = [
      { timeSec: 0, value: 100 },
      { timeSec: 3600, value: 90 },
    ]
    expect(ewmaVolatility([...past, { timeSec: 7200, value: 1 }], 3600)).toBe(ewmaVolatility(past, 3600))
  })

  it('does not care for the unit of value, and finds the volatility of a long regular path', () => {
    const hourly = 0.01
    const path = Array.from({ length: 2000 }, (_, i) => ({
      timeSec: i * 3600,
      value: Math.exp((i % 2) * hourly),
    }))
    const sigma = ewmaVolatility(path, 1999 * 3600)
    expect(sigma).toBeCloseTo(hourly * Math.sqrt(8760), 1)
    const scaled = path.map(({ timeSec, value }) => ({ timeSec, value: value * 4096 }))
    expect(ewmaVolatility(scaled, 1999 * 3600)).toBeCloseTo(sigma, 9)
  })
})

describe('liquidationRow', () => {
  const at = (healthFactor: number, volatility = 0.9) =>
    liquidationRow({ healthFactor, debtValue: 50, collateralValue: 100, volatility })

  it('is all NaN without debt, price or volatility', () => {
    for (const bad of [at(Infinity), at(Number.NaN), at(0), at(-1), at(1.2, Number.NaN), at(1.2, 0)]) {
      expect(bad.every(Number.isNaN)).toBe(true)
    }
    const noDebt = liquidationRow({ healthFactor: 2, debtValue: 0, collateralValue: 1, volatility: 1 })
    expect(noDebt.every(Number.isNaN)).toBe(true)
  })

  it('writes its inputs out', () => {
    const [logHealthFactor, volatility, distance, passage, leverage] = at(1.2)
    expect(logHealthFactor).toBe(Math.log(1.2))
    expect(volatility).toBe(0.9)
    expect(distance).toBeCloseTo(Math.log(1.2) / (0.9 * Math.sqrt(30 / 365)), 12)
    expect(passage).toBeCloseTo(firstPassageProbability(distance!), 12)
    expect(leverage).toBe(0.5)
  })

  it('is certain to be hit at or below the line, and ever safer above it', () => {
    expect(at(1)[3]).toBe(1)
    expect(at(0.8)[3]).toBe(1)
    const safe = fc.double({ min: 1.0001, max: 100, noNaN: true })
    fc.assert(
      fc.property(safe, (hf) => {
        expect(at(hf * 1.01)[3]).toBeLessThanOrEqual(at(hf)[3]!)
        expect(at(hf, 0.5)[3]).toBeLessThanOrEqual(at(hf, 1.5)[3]!)
      }),
    )
  })
})
