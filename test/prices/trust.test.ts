import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { MarketPrice } from '../../src/prices/market'
import { meanTrustBps, priceTrustBps, protocolFreshness } from '../../src/prices/trust'
import { address, FEED, MADE_CHAIN, TOKEN } from '../support/chain-maker'

const NOW = 1_700_000_000
const ORACLE = address('silent oracle')
const missing = (lastAnswerSec: number) => [
  { asset: TOKEN, source: ORACLE, reason: 'the contract refused', lastAnswerSec },
]
const fresh = (round: Parameters<typeof protocolFreshness>[0]['round'], chain = MADE_CHAIN) =>
  protocolFreshness({ chain, atSec: NOW, round })

function market(usd: number, confidenceBps = 10_000): MarketPrice {
  const answer = BigInt(Math.round(usd * 1e8))
  return {
    ...{ answer, decimals: 8, source: 'chainlink', ageSec: 1, confidenceBps },
    ...{ stale: false, singleSource: false, sources: [] },
  }
}
const usd = (amount: number) => ({ answer: BigInt(Math.round(amount * 1e8)), decimals: 8 })

describe('freshness of protocol prices', () => {
  it('of a feed goes by its own heartbeat', () => {
    const of = (ageSec: number) =>
      fresh(undefined)({ asset: TOKEN, source: FEED, timestampSec: NOW - ageSec })
    expect(of(97_200)).toBe(10_000)
    expect(of(2 * 97_200)).toBe(5_000)
    const feeds = MADE_CHAIN.feeds.map((feed) => ({ ...feed, heartbeatSec: 3_600 }))
    const quick = fresh(undefined, { ...MADE_CHAIN, feeds })
    expect(quick({ asset: TOKEN, source: FEED, timestampSec: NOW - 8_100 })).toBe(5_000)
  })

  it('of a silent oracle goes by when it last answered, not by when it last changed its mind', () => {
    const old = { asset: TOKEN, source: ORACLE, timestampSec: NOW - 1_000_000 }
    expect(fresh({ timestampSec: NOW - 10, missing: [] })(old)).toBe(10_000)
    expect(fresh({ timestampSec: NOW - 1_200, missing: [] })(old)).toBe(5_000)
    expect(fresh({ timestampSec: NOW - 10, missing: missing(NOW - 2_400) })(old)).toBe(2_500)
  })

  it('is not judged where nobody promised anything', () => {
    expect(fresh(undefined)({ asset: TOKEN, source: ORACLE, timestampSec: 0 })).toBe(10_000)
  })
})

describe('trust in a protocol price', () => {
  it('is the market’s confidence where the two agree, half of it where they do not', () => {
    expect(priceTrustBps(10_000, market(2_000, 9_700), usd(2_090))).toBe(9_700)
    expect(priceTrustBps(10_000, market(2_000, 9_700), usd(2_110))).toBe(4_850)
    expect(priceTrustBps(5_000, market(2_000), usd(2_000))).toBe(5_000)
  })

  it('is that of a price that stands alone where there is no market price', () => {
    expect(priceTrustBps(10_000, undefined, usd(1))).toBe(9_700)
  })
})

describe('the mean by value', () => {
  it('is full for nothing, and lies between the least and the greatest', () => {
    expect(meanTrustBps([])).toBe(10_000)
    expect(meanTrustBps([{ value: 0n, trustBps: 0 }])).toBe(10_000)
    const part = fc.record({
      value: fc.bigInt(1n, 10n ** 30n),
      trustBps: fc.integer({ min: 0, max: 10_000 }),
    })
    fc.assert(
      fc.property(fc.array(part, { minLength: 1 }), (parts) => {
        const mean = meanTrustBps(parts)
        const all = parts.map(({ trustBps }) => trustBps)
        expect(mean).toBeGreaterThanOrEqual(Math.min(...all))
        expect(mean).toBeLessThanOrEqual(Math.max(...all))
      }),
    )
  })

  it('is hardly moved by dust', () => {
    expect(
      meanTrustBps([
        { value: 10n ** 12n, trustBps: 10_000 },
        { value: 1n, trustBps: 0 },
      ]),
    ).toBe(9_999)
  })
})
