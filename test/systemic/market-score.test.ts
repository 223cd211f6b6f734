import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { marketScores, scoreOfMarkets, scoreOfShares, systemicSha256 } from '../../src/systemic/market-score'
import { familyOf, SCORE_SCENARIOS } from '../../src/systemic/score-scenarios'
import { ETH, type MadePosition, madeBook, USDC, WSTETH } from './made-book'

const place = (name: string) => SCORE_SCENARIOS.findIndex((scenario) => scenario.name === name)

describe('marketScores', () => {
  it('says nothing of an empty book, nor of markets in which nothing is owed', () => {
    expect(marketScores(madeBook([]))).toEqual([])
    expect(marketScores(madeBook([{ account: '0xa', pool: 0, collaterals: [[ETH, 1]] }]))).toEqual([])
  })

  it('is 0 where no scenario leaves a loss, and names no collateral', () => {
    const safe = {
      account: '0xa',
      pool: 0,
      collaterals: [[ETH, 10] as const],
      debts: [[USDC, 1_000] as const],
    }
    expect(marketScores(madeBook([safe]))).toMatchObject([
      { marketId: '31337:0xpool0:0xusdc', value: 0, expectedBadDebtUsd: 0, collateral: null, debtUsd: 1_000 },
    ])
  })

  it('counts debt without collateral as lost in every scenario: 1/(1 + 0.05)', () => {
    const [score] = marketScores(madeBook([{ account: '0xa', pool: 0, debts: [[USDC, 1_000]] }]))
    expect([...score!.shares]).toEqual(SCORE_SCENARIOS.map(() => 1))
    expect(score!.value).toBeCloseTo(1 / 1.05, 12)
    expect(score!.expectedBadDebtUsd).toBeCloseTo(1_000, 9)
    expect(score!.collateral).toBeNull()
  })

  it('reckons one loan by hand', () => {
    // 10 WETH against 14,000: health 1.14. At −40 %: 12,000 · 0.8 < 14,000, and 12,000 / 1.05 repays 11,428.57.
    const loan = {
      account: '0xa',
      pool: 0,
      collaterals: [[ETH, 10] as const],
      debts: [[USDC, 14_000] as const],
    }
    const [score] = marketScores(madeBook([loan]))
    const share = (price: number) => Math.max(0, 14_000 - (10 * price) / 1.05) / 14_000
    // At −20 %: 16,000 · 0.8 < 14,000 too, but 15,238 pays for it all.
    expect(score!.shares[place('market20')]).toBe(0)
    expect(score!.shares[place('market40')]).toBe(Math.fround(share(1_200)))
    expect(score!.shares[place('market60')]).toBe(Math.fround(share(800)))
    expect(score!.shares[place('ether30')]).toBe(Math.fround(share(1_400)))
    expect(score!.shares[place('bitcoin30')]).toBe(0)
    const expected = 0.15 * share(1_200) + 0.05 * share(800) + 0.15 * share(1_400)
    expect(score!.value).toBeCloseTo(expected / (expected + 0.05), 6)
    expect(score!.collateral).toBe('WETH')
  })

  it('feels a depeg of staked ether, and one of a stablecoin that is collateral, not of one that is owed', () => {
    const loop = {
      account: '0xa',
      pool: 0,
      collaterals: [[WSTETH, 1] as const],
      debts: [[ETH, 1.1] as const],
    }
    const [staked] = marketScores(madeBook([loop]))
    expect(staked!.shares[place('stakedEther10')]).toBeGreaterThan(0)
    const carry = {
      account: '0xb',
      pool: 0,
      collaterals: [[USDC, 2_000] as const],
      debts: [[ETH, 0.79] as const],
    }
    const [stable] = marketScores(madeBook([carry]))
    expect(stable!.shares[place('stable10')]).toBe(0)
    const thin = { ...carry, debts: [[ETH, 0.9] as const] }
    expect(marketScores(madeBook([thin]))[0]!.shares[place('stable10')]).toBeGreaterThan(0)
  })

  it('knows families by symbol', () => {
    expect(['WETH', 'wstETH', 'weETH', 'WBTC', 'USDC', 'sDAI', 'LINK', ''].map(familyOf)).toEqual([
      ...['ether', 'stakedEther', 'stakedEther', 'bitcoin', 'stable', 'stable', 'other', 'other'],
    ])
  })

  it('has weights that add up to 1 and a hash that everybody shares', () => {
    expect(SCORE_SCENARIOS.reduce((sum, { weight }) => sum + weight, 0)).toBeCloseTo(1, 12)
    expect(systemicSha256).toMatch(/^[0-9a-f]{64}$/)
  })
})

const units = (most: number) => fc.double({ min: 0.001, max: most, noNaN: true })
const position: fc.Arbitrary<MadePosition> = fc.record({
  account: fc.constant('0xa'),
  pool: fc.integer({ min: 0, max: 1 }),
  collaterals: fc.array(fc.tuple(fc.integer({ min: 0, max: 2 }), units(50)), { maxLength: 3 }),
  debts: fc.array(fc.tuple(fc.integer({ min: 0, max: 2 }), units(20_000)), { minLength: 1, maxLength: 2 }),
})

describe('properties', () => {
  it('values are 0 … 1, parts add up to the value, and the same book gives the same bits', () => {
    fc.assert(
      fc.property(fc.array(position, { maxLength: 8 }), (positions) => {
        const scores = marketScores(madeBook(positions))
        expect(marketScores(madeBook(positions))).toEqual(scores)
        for (const { value, contributions, shares, expectedBadDebtUsd, debtUsd } of scores) {
          expect(value).toBeGreaterThanOrEqual(0)
          expect(value).toBeLessThan(1)
          expect(contributions.reduce((a, b) => a + b, 0)).toBeCloseTo(value, 5)
          expect(scoreOfShares(shares)).toEqual({ value, contributions })
          expect(expectedBadDebtUsd).toBeLessThanOrEqual(debtUsd * (1 + 1e-9))
        }
      }),
    )
  })

  it('more collateral never raises a score', () => {
    fc.assert(
      fc.property(position, units(20), (loan, more) => {
        const safer = { ...loan, collaterals: [...loan.collaterals!, [ETH, more] as const] }
        const before = new Map(marketScores(madeBook([loan])).map((s) => [s.marketId, s.value]))
        for (const { marketId, value } of marketScores(madeBook([safer])))
          expect(value).toBeLessThanOrEqual(before.get(marketId)! + 1e-6)
      }),
    )
  })

  it('a pool’s score lies between those of its markets, and nothing owed has none', () => {
    fc.assert(
      fc.property(fc.array(position, { minLength: 1, maxLength: 6 }), (positions) => {
        const book = madeBook(positions)
        const own = marketScores(book).filter(({ poolId }) => poolId === '31337:0xpool0')
        const whole = scoreOfMarkets(book, (m) => book.markets[m]!.pool === 0)
        if (own.length === 0) {
          expect(whole).toBeUndefined()
          return
        }
        const values = own.map(({ value }) => value)
        expect(whole!.value).toBeGreaterThanOrEqual(Math.min(...values) - 1e-6)
        expect(whole!.value).toBeLessThanOrEqual(Math.max(...values) + 1e-6)
      }),
    )
  })
})
