import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { agree, freshForSec, freshnessBps, type MarketCandidate, marketPrice } from '../../src/prices/market'

const HOUR = 3_600

function says(source: string, usd: number, over: Partial<MarketCandidate> = {}): MarketCandidate {
  const answer = BigInt(Math.round(usd * 1e8))
  return { source, answer, decimals: 8, ageSec: 60, ownBps: 10_000, ...over }
}

describe('the market price', () => {
  it('is unknown without a source, and of one that says nothing above zero', () => {
    expect(marketPrice([])).toBeUndefined()
    expect(marketPrice([says('chainlink', 0), says('pyth', -5)])).toBeUndefined()
  })

  it('is Chainlink’s before Pyth’s before the exchanges’', () => {
    const all = [says('dex', 2_001), says('pyth', 2_002), says('chainlink', 2_000)]
    expect(marketPrice(all)).toMatchObject({
      source: 'chainlink',
      confidenceBps: 10_000,
      singleSource: false,
    })
    expect(marketPrice(all.slice(0, 2))).toMatchObject({ source: 'pyth' })
    expect(marketPrice(all.slice(0, 1))).toMatchObject({ source: 'dex' })
  })

  it('is marked when it stands alone', () => {
    const alone = marketPrice([says('chainlink', 2_000)])
    expect(alone).toMatchObject({ singleSource: true, stale: false, confidenceBps: 9_700 })
    expect(marketPrice([says('dex', 2_000, { ownBps: 7_000 })])?.confidenceBps).toBe(6_790)
  })

  it('follows the worked example of its file', () => {
    const feed = (ageSec: number) => says('chainlink', 2_000, { ageSec, heartbeatSec: HOUR })
    const dex = says('dex', 2_040)
    expect(marketPrice([feed(HOUR), dex])).toMatchObject({ answer: 200_000_000_000n, confidenceBps: 10_000 })
    expect(marketPrice([feed(3 * HOUR), dex])).toMatchObject({
      source: 'dex',
      stale: false,
      singleSource: true,
    })
    expect(marketPrice([feed(3 * HOUR)])).toMatchObject({
      source: 'chainlink',
      stale: true,
      confidenceBps: 3_637,
    })
  })

  it('is fresh until an eighth beyond what the source promises', () => {
    expect(freshForSec('chainlink')).toBe(97_200)
    expect(freshForSec('pyth')).toBe(4_050)
    expect(freshForSec('chainlink', HOUR)).toBe(4_050)
    expect(marketPrice([says('chainlink', 1, { ageSec: 4_050, heartbeatSec: HOUR })])?.stale).toBe(false)
    expect(marketPrice([says('chainlink', 1, { ageSec: 4_051, heartbeatSec: HOUR })])?.stale).toBe(true)
    expect(freshnessBps(0, 0)).toBe(10_000)
    expect(freshnessBps(200, 100)).toBe(5_000)
  })

  it('is believed half when the only other source contradicts it, and less when one of two does', () => {
    expect(marketPrice([says('chainlink', 2_000), says('pyth', 2_100)])?.confidenceBps).toBe(5_000)
    expect(marketPrice([says('chainlink', 2_000), says('dex', 2_090)])?.confidenceBps).toBe(10_000)
    const three = [says('chainlink', 2_000), says('pyth', 2_010), says('dex', 2_500)]
    expect(marketPrice(three)).toMatchObject({ confidenceBps: 9_000, singleSource: false })
    expect(marketPrice(three)?.sources.map(({ agrees }) => agrees)).toEqual([true, true, false])
  })

  it('neither a stale source’s word nor its contradiction counts', () => {
    const old = says('pyth', 3_000, { ageSec: 10 * HOUR })
    expect(marketPrice([says('chainlink', 2_000), old])).toMatchObject({
      confidenceBps: 9_700,
      singleSource: true,
    })
  })

  it('compares prices of different scales', () => {
    const wide = { answer: 2_000n * 10n ** 18n, decimals: 18 }
    expect(agree(wide, { answer: 204_000_000_000n, decimals: 8 }, 200n)).toBe(true)
    expect(agree(wide, { answer: 204_080_000_000n, decimals: 8 }, 200n)).toBe(true)
    expect(agree(wide, { answer: 205_000_000_000n, decimals: 8 }, 200n)).toBe(false)
  })

  const candidate = fc.record({
    source: fc.constantFrom('chainlink', 'pyth', 'dex', 'other'),
    answer: fc.bigInt({ min: -5n, max: 10n ** 15n }),
    decimals: fc.integer({ min: 0, max: 18 }),
    ageSec: fc.nat(1_000_000),
    ownBps: fc.integer({ min: 0, max: 10_000 }),
  })
  const candidates = fc.uniqueArray(candidate, { maxLength: 4, selector: ({ source }) => source })

  it('does not depend on the order of sources, is one of theirs, and is never believed beyond what that says of itself', () => {
    fc.assert(
      fc.property(candidates, (list) => {
        const price = marketPrice(list)
        expect(marketPrice([...list].reverse())).toEqual(price)
        if (price === undefined) return
        const own = list.find(({ source }) => source === price.source)!
        expect(price.answer).toBe(own.answer)
        expect(price.confidenceBps).toBeGreaterThanOrEqual(0)
        expect(price.confidenceBps).toBeLessThanOrEqual(own.ownBps)
        if (list.some(({ answer, ageSec, source }) => answer > 0n && ageSec <= freshForSec(source)))
          expect(price.stale).toBe(false)
      }),
    )
  })

  it('loses confidence with age and never gains any', () => {
    fc.assert(
      fc.property(candidate, fc.nat(1_000_000), (one, moreSec) => {
        const now = marketPrice([one])?.confidenceBps ?? 0
        const later = marketPrice([{ ...one, ageSec: one.ageSec + moreSec }])?.confidenceBps ?? 0
        expect(later).toBeLessThanOrEqual(now)
      }),
    )
  })
})
