/** Oracles that are wrong by design: capped ratios, and composite feeds without one of their legs. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cappedPrice, maxRatioAt, type PriceCap } from '../../../src/systemic/rules/capped-price'
import { examineComposite, oracleDeviation } from '../../../src/systemic/rules/oracle-error'
import { describeWithData } from '../../support/data'
import { REFERENCE_FILE, referenceCase } from '../reference-cases'

const YEAR_SEC = 31_536_000n
const WAD = 10n ** 18n
const cap: PriceCap = { snapshotRatio: WAD, snapshotTimestampSec: 0n, maxYearlyGrowthBps: 1000n }

describe('a capped ratio', () => {
  it('is refused without a snapshot, before it, and with negative growth', () => {
    expect(() => maxRatioAt({ ...cap, snapshotRatio: 0n }, 1n)).toThrow(/above 0/)
    expect(() => maxRatioAt({ ...cap, snapshotTimestampSec: 10n }, 9n)).toThrow(/before the snapshot/)
    expect(() => maxRatioAt({ ...cap, maxYearlyGrowthBps: -1n }, 1n)).toThrow(/negative/)
  })

  it('has no price where the base or the ratio has none', () => {
    const now = { sec: 1n, ratio: WAD, basePrice: 0n, ratioDecimals: 18 }
    expect(cappedPrice(cap, now).price).toBe(0n)
    expect(cappedPrice(cap, { ...now, basePrice: -5n }).price).toBe(0n)
    expect(cappedPrice(cap, { ...now, ratio: -1n, basePrice: 5n }).price).toBe(0n)
  })

  it('rounds the growth down twice, as the adapter does, and reaches its percentage within a year', () => {
    expect(maxRatioAt(cap, 0n)).toBe(WAD)
    const grown = maxRatioAt(cap, YEAR_SEC) - WAD
    expect(grown).toBeLessThanOrEqual(WAD / 10n)
    expect(WAD / 10n - grown).toBeLessThan(YEAR_SEC)
    // 1e8 · 1 · 1e6 / 1e4 / year = 317.09: the adapter's own least growth with eight decimals.
    const least = { snapshotRatio: 10n ** 8n, snapshotTimestampSec: 0n, maxYearlyGrowthBps: 1n }
    expect(maxRatioAt(least, 1_000_000n) - 10n ** 8n).toBe(317n)
  })

  it('binds one unit above the greatest ratio, not at it', () => {
    const most = maxRatioAt(cap, YEAR_SEC)
    const at = (ratio: bigint) =>
      cappedPrice(cap, { sec: YEAR_SEC, ratio, basePrice: 2_000n * 10n ** 8n, ratioDecimals: 18 })
    expect(at(most).isCapped).toBe(false)
    expect(at(most + 1n)).toMatchObject({ isCapped: true, ratio: most, price: at(most).price })
  })

  it('never exceeds the market, and never falls as time passes', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 1n, max: 10n ** 20n }),
        fc.bigInt({ min: 0n, max: 5_000n }),
        fc.bigInt({ min: 0n, max: 10n ** 9n }),
        fc.bigInt({ min: 1n, max: 10n ** 20n }),
        (snapshotRatio, maxYearlyGrowthBps, sec, ratio) => {
          const one = { snapshotRatio, snapshotTimestampSec: 0n, maxYearlyGrowthBps }
          const now = { sec, ratio, basePrice: 10n ** 11n, ratioDecimals: 18 }
          const { price } = cappedPrice(one, now)
          expect(price).toBeLessThanOrEqual((now.basePrice * ratio) / WAD)
          expect(cappedPrice(one, { ...now, sec: sec + 1n }).price).toBeGreaterThanOrEqual(price)
        },
      ),
    )
  })
})

describe('an oracle’s deviation', () => {
  it('is 0 where it is right, −1 where it reports nothing', () => {
    expect(oracleDeviation({ reported: 5, worth: 5 })).toBe(0)
    expect(oracleDeviation({ reported: 0, worth: 5 })).toBe(-1)
  })

  it.each([
    [Number.NaN, 1, /reported is NaN/],
    [-1, 1, /reported is negative/],
    [1, 0, /worth is 0/],
    [1, Number.POSITIVE_INFINITY, /worth is Infinity/],
  ])('of %s against %s is refused', (reported, worth, message) => {
    expect(() => oracleDeviation({ reported, worth })).toThrow(message)
  })
})

describe('a composite feed', () => {
  const legs = [
    { name: 'cbETH/ETH', price: 1.12 },
    { name: 'ETH/USD', price: 2_000 },
  ]

  it('that multiplies its legs is right, within the tolerance', () => {
    expect(examineComposite(2_240, legs, 0.01)).toEqual({ deviation: 0, isWrong: false, missing: [] })
    expect(examineComposite(2_230, legs, 0.01).isWrong).toBe(false)
  })

  it('without a leg names it', () => {
    expect(examineComposite(1.12, legs, 0.01).missing).toEqual(['ETH/USD'])
    expect(examineComposite(2_000, legs, 0.01).missing).toEqual(['cbETH/ETH'])
  })

  it('that nothing explains names nothing', () => {
    expect(examineComposite(55, legs, 0.01)).toMatchObject({ isWrong: true, missing: [] })
  })

  it('names the fewest legs, and of them the closest', () => {
    const three = [...legs, { name: 'USD/USDC', price: 1.0001 }]
    expect(examineComposite(1.12, three, 0.001).missing).toEqual(['ETH/USD'])
  })

  it('of no legs, of nine, of a leg without a price and of an absurd tolerance is refused', () => {
    expect(() => examineComposite(1, [], 0.01)).toThrow(/0 legs/)
    expect(() => examineComposite(1, Array(9).fill(legs[0]), 0.01)).toThrow(/9 legs/)
    expect(() => examineComposite(1, [{ name: 'X/USD', price: 0 }], 0.01)).toThrow(/X\/USD is 0/)
    expect(() => examineComposite(1, [{ name: 'X/USD', price: Number.NaN }], 0.01)).toThrow(/X\/USD/)
    expect(() => examineComposite(1, legs, 2)).toThrow(/tolerance/)
  })
})

describeWithData('worked cases', [REFERENCE_FILE], () => {
  it('Aave: a cap that stands at 1.1939 while the ratio is 1.228849', () => {
    const { capped, market, dev } = referenceCase('CAPO-replay')
    const wad = (value: number) => BigInt(Math.round(value * 1e9)) * 10n ** 9n
    const answer = cappedPrice(
      { snapshotRatio: wad(capped), snapshotTimestampSec: 0n, maxYearlyGrowthBps: 968n },
      { sec: 0n, ratio: wad(market), basePrice: WAD, ratioDecimals: 18 },
    )
    expect(answer.isCapped).toBe(true)
    expect(Number(answer.price) / 1e18).toBe(capped)
    const deviation = oracleDeviation({ reported: Number(answer.price) / 1e18, worth: market })
    expect(Math.abs(deviation - dev)).toBeLessThan(5e-8)
  })

  it('Moonwell: a ratio of 1.12 reported for what is worth 2,200', () => {
    const one = referenceCase('MOONWELL-replay')
    const found = examineComposite(
      one.reported,
      [
        { name: 'cbETH/ETH', price: one.reported },
        { name: 'ETH/USD', price: one.true / one.reported },
      ],
      0.01,
    )
    expect(found.missing).toEqual(['ETH/USD'])
    expect(found.deviation).toBeCloseTo(one.reported / one.true - 1, 12)
  })
})
