import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { systemicRisk } from '../../src/detectors/systemic-risk'
import type { MarketView } from '../../src/detectors/types'
import { CHAIN_ID, hashOf, POOL, round, USDC } from './view'

const market = (value: number, over: Partial<MarketView> = {}): MarketView => ({
  ...{ marketId: `${CHAIN_ID}:${POOL}:0xe2`, symbol: 'USDC', protocol: 'aave-v3' },
  ...{ poolId: `${CHAIN_ID}:${POOL}`, debtUsd: 1e9, expectedBadDebtUsd: 2e7, collateral: 'WETH' },
  score: {
    ...{ value, modelName: 'systemic', modelVersion: '1.0.0', modelSha256: 'ab' },
    reasons: [{ feature: 'market40', value: 0.2, contribution: value }],
  },
  ...over,
})
const detect = (...markets: MarketView[]) => systemicRisk.detect(round([], [], markets))

describe('systemic-risk', () => {
  it('is silent below its least step, and where next to nothing would be lost', () => {
    expect(detect(market(0), market(0.0999), market(Number.NaN))).toEqual([])
    expect(detect(market(0.9, { expectedBadDebtUsd: 999 }))).toEqual([])
  })

  it('names market, pool, money, collateral and scenario, at the round’s block', () => {
    expect(detect(market(0.35))).toMatchObject([
      {
        ...{
          alertId: 'SYSTEMIC-RISK',
          severity: 'high',
          type: 'degraded',
          height: 100,
          blockHash: hashOf(100),
        },
        ...{ accountId: `${CHAIN_ID}:${POOL}`, addresses: [POOL, '0xe2'], usdAtRisk: 2e7, modelSha256: 'ab' },
        affectedMarkets: [`${CHAIN_ID}:${POOL}:0xe2`],
        uniqueKey: `systemic-risk:${CHAIN_ID}:${POOL}:0xe2`,
        description:
          'the USDC market of aave-v3 would lose 2.0 % of its $1,000,000,000 of debt in the scenarios of the systemic score, mostly behind WETH',
        reasons: [
          { feature: 'systemicScore', value: 0.35 },
          { feature: 'expectedBadDebtUsd', value: 2e7 },
          { feature: 'debtUsd', value: 1e9 },
          { feature: 'largestCollateral', value: 'WETH' },
          { feature: 'market40', value: 0.2 },
        ],
      },
    ])
    const bare = detect(market(0.35, { collateral: null }))[0]!
    expect(bare.description).toMatch(/score$/)
    expect(bare.reasons.map(({ feature }) => feature)).not.toContain('largestCollateral')
  })

  it('is as severe as share and money both allow', () => {
    const severity = (value: number, expectedBadDebtUsd: number) =>
      detect(market(value, { expectedBadDebtUsd }))[0]?.severity
    expect(severity(0.1, 1e9)).toBe('medium')
    expect(severity(0.7, 2_000)).toBe('medium')
    expect(severity(0.7, 200_000)).toBe('high')
    expect(severity(0.7, 1e9)).toBe('critical')
    const order = ['medium', 'high', 'critical']
    fc.assert(
      fc.property(
        fc.double({ min: 0.1, max: 1, noNaN: true }),
        fc.double({ min: 1_000, max: 1e9, noNaN: true }),
        fc.double({ min: 0, max: 0.5, noNaN: true }),
        (value, usd, more) => {
          const before = order.indexOf(severity(value, usd)!)
          expect(order.indexOf(severity(value + more, usd)!)).toBeGreaterThanOrEqual(before)
          expect(order.indexOf(severity(value, usd * (1 + more))!)).toBeGreaterThanOrEqual(before)
        },
      ),
    )
  })

  it('finds each market on its own', () => {
    const other = market(0.5, { marketId: `${USDC}:other` })
    expect(new Set(detect(market(0.5), other).map(({ uniqueKey }) => uniqueKey)).size).toBe(2)
  })
})
