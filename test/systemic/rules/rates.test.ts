import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { adaptiveCurveRate } from '../../../src/protocols/morpho-blue/adaptive-curve'
import {
  adaptedRateAtTarget,
  adaptiveRate,
  doublingDays,
  kinkedRate,
  utilizationError,
} from '../../../src/systemic/rules/interest'
import {
  impermanentLoss,
  lossVersusRebalancing,
  nextBaseFeeWei,
} from '../../../src/systemic/rules/market-making'
import { describeWithData } from '../../support/data'
import { REFERENCE_FILE, referenceCase } from '../reference-cases'

const curve = { optimal: 0.9, base: 0, slope1: 0.025, slope2: 0.78 }

describe('interest and market making', () => {
  it.each([
    [() => kinkedRate(curve, 1.1), 'utilization is 1.1, above 1'],
    [() => kinkedRate(curve, Number.NaN), 'utilization is NaN'],
    [() => kinkedRate({ ...curve, optimal: 1 }, 0.5), 'optimal is 1'],
    [() => adaptedRateAtTarget(0.04, { error: 2, days: 1 }), 'error is 2'],
    [() => adaptedRateAtTarget(0.04, { error: 0, days: -1 }), 'days is negative'],
    [() => doublingDays(0), 'error is 0'],
    [() => lossVersusRebalancing(-1), 'sigma is negative'],
    [() => impermanentLoss(Number.NaN), 'priceRatio is NaN'],
    [() => nextBaseFeeWei({ baseFeeWei: 1n, gasUsed: 3n, gasLimit: 2n }), '3 gas used of a limit of 2'],
  ])('refuse what makes no sense: %#', (run, message) => {
    expect(run).toThrow(message)
  })

  it('rates rise with utilization, and adapted ones keep their bounds', () => {
    const u = fc.double({ min: 0, max: 1, noNaN: true })
    fc.assert(
      fc.property(u, u, fc.double({ min: 0, max: 400, noNaN: true }), (one, other, days) => {
        const [low, high] = [Math.min(one, other), Math.max(one, other)]
        expect(kinkedRate(curve, high)).toBeGreaterThanOrEqual(kinkedRate(curve, low))
        expect(adaptiveRate(0.04, utilizationError(high))).toBeGreaterThanOrEqual(
          adaptiveRate(0.04, utilizationError(low)),
        )
        const { end, average } = adaptedRateAtTarget(0.04, { error: utilizationError(one), days })
        for (const rate of [end, average]) {
          expect(rate).toBeGreaterThanOrEqual(0.001)
          expect(rate).toBeLessThanOrEqual(2)
        }
      }),
    )
  })

  it('the curve in doubles is the contract’s, but for its approximation of e^x', () => {
    const utilization = 0.95
    const day = 86_400n
    const start = (4n * 10n ** 16n) / 31_536_000n
    const exact = adaptiveCurveRate({
      supplyAssets: 10n ** 24n,
      borrowAssets: 95n * 10n ** 22n,
      rateAtTargetWad: start,
      elapsedSec: day,
    })
    const { end, average } = adaptedRateAtTarget(0.04, { error: utilizationError(utilization), days: 1 })
    const yearly = (perSecWad: bigint) => (Number(perSecWad) * 31_536_000) / 1e18
    expect(Math.abs(yearly(exact.rateAtTargetWad) / end - 1)).toBeLessThan(1e-4)
    expect(Math.abs(yearly(exact.ratePerSecWad) / adaptiveRate(average, 0.5) - 1)).toBeLessThan(1e-4)
  })

  it('a base fee of little still rises', () => {
    expect(nextBaseFeeWei({ baseFeeWei: 7n, gasUsed: 11n, gasLimit: 20n })).toBe(8n)
  })

  it('holding two tokens never loses to a pool that charges nothing', () => {
    fc.assert(fc.property(fc.double({ min: 0, max: 1e9, noNaN: true }), (r) => impermanentLoss(r) <= 1e-15))
  })
})

describeWithData('the worked cases of rates', [REFERENCE_FILE], () => {
  it('ADAPTIVE-IRM', () => {
    const one = referenceCase('ADAPTIVE-IRM')
    for (const [u, rate] of Object.entries(one['u->r']))
      expect(adaptiveRate(0.04, utilizationError(Number(u)))).toBeCloseTo(rate as number, 14)
    const { end, average } = adaptedRateAtTarget(0.04, { error: 0.5, days: 1 })
    expect(end).toBeCloseTo(one['err=.5,1 day'].end, 15)
    expect(average).toBeCloseTo(one['err=.5,1 day'].avg, 15)
    expect(doublingDays(1)).toBeCloseTo(one['doubling days at u=1'], 13)
  })

  it('KINK', () => {
    for (const [u, rate] of Object.entries(referenceCase('KINK')['u->r']))
      expect(kinkedRate(curve, Number(u))).toBeCloseTo(rate as number, 14)
  })

  it('EIP1559', () => {
    for (const [gasUsed, next] of Object.entries(referenceCase('EIP1559')['gasUsed->next']))
      expect(nextBaseFeeWei({ baseFeeWei: 10n ** 9n, gasUsed: BigInt(gasUsed), gasLimit: 20_000_000n })).toBe(
        BigInt(next as number),
      )
  })

  it('LVR and IL', () => {
    const lvr = referenceCase('LVR')
    expect(lossVersusRebalancing(lvr.sigma_day)).toBeCloseTo(lvr.value, 16)
    const il = referenceCase('IL')
    expect(impermanentLoss(2)).toBeCloseTo(il['r=2'], 15)
    expect(impermanentLoss(4)).toBeCloseTo(il['r=4'], 15)
  })
})
