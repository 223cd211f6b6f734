import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { normalQuantile } from '../../src/math/normal-quantile'
import { seededRandom } from '../../src/math/statistics'
import {
  gaussianDeltaCoVar,
  historicalDeltaCoVar,
  lrmesOfBeta,
  lrmesOfMes,
  marginalExpectedShortfall,
  marketBeta,
  quantileSlope,
  srisk,
} from '../../src/systemic/shortfall'
import { describeWithData } from '../support/data'
import { REFERENCE_FILE, referenceCase } from './reference-cases'

/** Returns of a system and a firm with a given correlation, by seed. */
function correlated(days: number, rho: number, seed: number) {
  const random = seededRandom(seed)
  const draw = () => normalQuantile(random() * 0.999998 + 1e-6)
  const market = Float64Array.from({ length: days }, () => 0.02 * draw())
  const firm = market.map((m) => 0.03 * ((rho * m) / 0.02 + Math.sqrt(1 - rho * rho) * draw()))
  return { firm, market }
}

describe('shortfall', () => {
  const flat = new Float64Array(30)
  it.each([
    [() => srisk({ capitalShare: 0.08, debt: Number.NaN, equity: 1, lrmes: 0 }), 'D is NaN'],
    [() => srisk({ capitalShare: 8, debt: 1, equity: 1, lrmes: 0 }), 'k is 8, above 1'],
    [() => srisk({ capitalShare: 0.08, debt: 1, equity: -1, lrmes: 0 }), 'W is negative'],
    [() => lrmesOfBeta(1, 1), 'fall is 1'],
    [() => gaussianDeltaCoVar({ correlation: 2, systemSigma: 1, level: 0.9 }), 'rho is 2'],
    [() => gaussianDeltaCoVar({ correlation: 0, systemSigma: 1, level: 1 }), 'q is 1'],
    [
      () => marginalExpectedShortfall({ firm: flat, market: new Float64Array(29) }),
      '30 returns of the firm, 29',
    ],
    [
      () => marginalExpectedShortfall({ firm: new Float64Array(3), market: new Float64Array(3) }),
      '3 returns are too few',
    ],
    [() => marketBeta({ firm: flat, market: flat }), 'the market never moves'],
    [() => historicalDeltaCoVar({ firm: flat, market: flat }), 'the firm never moves'],
    [
      () => marketBeta({ firm: flat.map((_, t) => (t === 4 ? Number.NaN : 0)), market: flat }),
      'firm[4] is NaN',
    ],
  ])('refuses what makes no sense: %#', (run, message) => {
    expect(run).toThrow(message)
  })

  it('of a firm that is the market has beta 1 and its tail as MES', () => {
    const market = Float64Array.from({ length: 100 }, (_, t) => (t - 50) / 1000)
    expect(marketBeta({ firm: market, market })).toBeCloseTo(1, 14)
    // The five worst of a hundred days: −0.050 … −0.046.
    expect(marginalExpectedShortfall({ firm: market, market })).toBeCloseTo(0.048, 14)
    expect(lrmesOfBeta(1)).toBeCloseTo(0.4, 14)
    expect(lrmesOfBeta(2)).toBeCloseTo(0.64, 14)
  })

  it('ΔCoVaR from normal series comes near the formula', () => {
    const pair = correlated(8_000, 0.5, 11)
    // CoVaR's slope is ρ·σ_system/σ_firm, times the firm's own VaR: the formula.
    const formula = gaussianDeltaCoVar({ correlation: 0.5, systemSigma: 0.02, level: 0.95 })
    expect(Math.abs(historicalDeltaCoVar(pair, 0.95) / formula - 1)).toBeLessThan(0.1)
  })

  it('a slope through points on a line is the line’s', () => {
    const x = Float64Array.from({ length: 50 }, (_, t) => Math.sin(t))
    expect(
      quantileSlope(
        x,
        x.map((v) => 3 - 2 * v),
        0.9,
      ),
    ).toBeCloseTo(-2, 10)
  })

  it('SRISK grows with debt and with LRMES', () => {
    const amount = fc.double({ min: 0, max: 1e6, noNaN: true })
    const share = fc.double({ min: 0, max: 1, noNaN: true })
    fc.assert(
      fc.property(amount, amount, share, share, (debt, equity, one, other) => {
        const at = (lrmes: number, more = 0) =>
          srisk({ capitalShare: 0.08, debt: debt + more, equity, lrmes })
        expect(at(Math.max(one, other))).toBeGreaterThanOrEqual(at(Math.min(one, other)))
        expect(at(one, 100)).toBeGreaterThan(at(one))
      }),
    )
  })
})

describeWithData('the worked shortfall cases', [REFERENCE_FILE], () => {
  it('SRISK and LRMES', () => {
    const one = referenceCase('SRISK')
    const lrmes = lrmesOfMes(one.MES)
    expect(Math.abs(lrmes - one.LRMES)).toBeLessThan(1e-15)
    expect(
      Math.abs(srisk({ capitalShare: one.k, debt: one.D, equity: one.W, lrmes }) - one.SRISK),
    ).toBeLessThan(1e-12)
  })

  it('ΔCoVaR', () => {
    const { rho, sigma, q, value } = referenceCase('dCoVaR')
    expect(
      Math.abs(gaussianDeltaCoVar({ correlation: rho, systemSigma: sigma, level: q }) - value),
    ).toBeLessThan(1e-15)
  })
})
