import { describe, expect, it } from 'vitest'
import type { Hex } from '../../src/chains/types'
import { computePositions, type PositionInput } from '../../src/features/position'
import { matrixOf, subjectsOf } from '../../src/features/table'
import { ewmaVolatility } from '../../src/models/liquidation/features'
import type { MarketPrice } from '../../src/prices/market'
import { type PricePoint, priceLine } from '../../src/prices/price-line'
import type { RiskInput } from '../../src/protocols/lending-risk'
import { PROTOCOLS } from '../../src/protocols/registry'
import type { MarketState, PositionState } from '../../src/protocols/types'
import { address, CHAIN_ID, chain, FEEDS, POOL, reserve, USDC, WETH } from '../scorer/ledger'

const NOW_SEC = 1_700_000_100

function held(account: Hex, asset: Hex, over: Partial<PositionState>): PositionState {
  return {
    account,
    marketId: `${CHAIN_ID}:${POOL}:${asset}`,
    protocol: 'aave-v3',
    pool: POOL,
    scaledSupply: 0n,
    scaledDebt: 0n,
    collateralEnabled: true,
    complete: true,
    ...over,
  }
}

const point = (asset: Hex, block: number, usd: number): PricePoint => ({
  assetId: `${CHAIN_ID}:${asset}`,
  source: FEEDS[asset]!,
  validFromBlock: block,
  timestampSec: 1_700_000_000 + block,
  answer: BigInt(Math.round(usd * 1e8)),
  decimals: 8,
})

/** No interest, so that numbers can be done by hand. */
function still(asset: Hex, over: Partial<MarketState> = {}): MarketState {
  const market = reserve(asset)
  return { ...market, ...over, state: { ...market.state, variableBorrowRateRay: '0' } }
}

function input(
  positions: PositionState[],
  prices: PricePoint[],
  markets = [still(WETH), still(USDC)],
  market: ReadonlyMap<Hex, MarketPrice> = new Map(),
): PositionInput {
  return {
    at: { chainId: CHAIN_ID, height: 100, hash: '0x01', timestampSec: NOW_SEC },
    positions,
    markets: new Map(markets.map((market) => [market.id, market])),
    prices: priceLine(prices),
    market: { prices: market, called: undefined, chain },
  }
}

const ALICE = address(1)
const loan = [
  held(ALICE, WETH, { scaledSupply: 10n * 10n ** 18n }),
  held(ALICE, USDC, { scaledDebt: 12_500_000_000n }),
]

describe('position features', () => {
  it('are empty without positions, and without debt there is a standing but no row', () => {
    expect(computePositions(input([], [])).table.numRows).toBe(0)
    const saver = computePositions(input([loan[0]!], [point(WETH, 1, 2_000)]))
    expect(saver.table.numRows).toBe(0)
    expect(saver.standings).toMatchObject([{ healthFactorWad: null, debts: [] }])
  })

  it('follow from health factor, leverage and price history, worked by hand', () => {
    const prices = [point(WETH, 1, 2_000), point(USDC, 1, 1), point(WETH, 50, 1_900)]
    const features = computePositions(input(loan, prices))
    expect(subjectsOf(features)).toEqual([`${CHAIN_ID}:${ALICE}:${POOL}`])
    const [logHealth, volatility, , , leverage] = matrixOf(features, features.columns)
    expect(logHealth).toBeCloseTo(Math.log((10 * 1_900 * 0.825) / 12_500), 6)
    expect(leverage).toBeCloseTo(12_500 / 19_000, 6)
    const history = [
      { timeSec: 1_700_000_001, value: 2_000 },
      { timeSec: 1_700_000_050, value: 1_900 },
      { timeSec: NOW_SEC, value: 1_900 },
    ]
    expect(volatility).toBeCloseTo(ewmaVolatility(history, NOW_SEC), 6)
  })

  it('know how old a position is and what its owner left it at, and take it for new where they do not', () => {
    const prices = [point(WETH, 1, 2_000), point(USDC, 1, 1), point(WETH, 50, 1_900)]
    const names = ['distanceRoot30d', 'chosenDistanceRoot30d', 'youth', 'loanToValue']
    const found = (habit?: { firstSec: number; lastSec: number }) => {
      const habits = new Map(habit ? [[`${CHAIN_ID}:${ALICE}:${POOL}`, habit]] : [])
      return matrixOf(computePositions({ ...input(loan, prices), habits }), names)
    }
    const unknown = found()
    expect(unknown[1]).toBe(unknown[0])
    expect(unknown[2]).toBe(1)
    expect(unknown[3]).toBeCloseTo(12_500 / 19_000, 6)
    const left = found({ firstSec: NOW_SEC - 14 * 86_400, lastSec: 1_700_000_010 })
    expect(left[0]).toBe(unknown[0])
    expect((left[1]! / left[0]!) ** 2).toBeCloseTo(
      Math.log((10 * 2_000 * 0.825) / 12_500) / Math.log((10 * 1_900 * 0.825) / 12_500),
      5,
    )
    expect(left[2]).toBe(0.5)
    const tended = found({ firstSec: NOW_SEC, lastSec: NOW_SEC })
    expect(tended[1]).toBe(tended[0])
    const beforePrices = found({ firstSec: 1, lastSec: 1 })
    expect(beforePrices[1]).toBe(beforePrices[0])
  })

  it('do not see later prices, nor those of a feed that the protocol does not use', () => {
    const prices = [point(WETH, 1, 2_000), point(USDC, 1, 1)]
    const spoofed = { ...point(WETH, 60, 1), source: address(666) }
    const base = matrixOf(computePositions(input(loan, prices)), ['logHealthFactor', 'volatility'])
    const more = computePositions(input(loan, [...prices, point(WETH, 101, 1), spoofed]))
    expect(matrixOf(more, ['logHealthFactor', 'volatility'])).toEqual(base)
  })

  it.each([
    ['a position began before coverage', [{ ...loan[0]!, complete: false }, loan[1]!], undefined],
    ['a market began before coverage', loan, [still(WETH, { complete: false }), still(USDC)]],
    ['the revision is unknown', loan, [still(WETH, { revision: 5 }), still(USDC, { revision: 5 })]],
    ['the protocol has no rules', loan.map((one) => ({ ...one, protocol: 'compound-v9' })), undefined],
  ])('are withheld when %s', (_what, positions, markets) => {
    const features = computePositions(input(positions, [point(WETH, 1, 2_000), point(USDC, 1, 1)], markets))
    expect(features.table.numRows).toBe(0)
    expect(features.withheld).toMatchObject([{ subjectId: `${CHAIN_ID}:${ALICE}:${POOL}` }])
    expect(features.completePools.has(POOL)).toBe(false)
  })

  it('are withheld without a price, and the pool is complete with one', () => {
    expect(computePositions(input(loan, [point(WETH, 1, 2_000)])).withheld).toHaveLength(1)
    const known = computePositions(input(loan, [point(WETH, 1, 2_000), point(USDC, 1, 1)]))
    expect(known.withheld).toEqual([])
    expect(known.completePools.has(POOL)).toBe(true)
  })
})

describe('the dollars of a position', () => {
  const prices = [point(WETH, 1, 2_000), point(USDC, 1, 1)]
  const ether = (usd: number, over: Partial<MarketPrice> = {}): MarketPrice => ({
    ...{ answer: BigInt(Math.round(usd * 1e8)), decimals: 8, source: 'chainlink', ageSec: 1 },
    ...{ confidenceBps: 10_000, stale: false, singleSource: false, sources: [], ...over },
  })
  /** The same arithmetic, but the pool reckons in ether with 8 decimals. */
  const inEther = {
    ...PROTOCOLS,
    'aave-v3': {
      ...PROTOCOLS['aave-v3']!,
      risk: {
        ...PROTOCOLS['aave-v3']!.risk!,
        account(asked: RiskInput) {
          const data = PROTOCOLS['aave-v3']!.risk!.account(asked)
          return 'incomplete' in data ? data : { ...data, base: { asset: WETH, decimals: 8 } }
        },
      },
    },
  }

  it('are the pool’s own where it reckons in dollars, whatever the market says', () => {
    const [own] = computePositions(input(loan, prices, undefined, new Map([[WETH, ether(1_990)]]))).standings
    expect(own!.data.totalCollateralBase).toBe(20_000n * 10n ** 8n)
  })

  it('come by the market price of what the pool reckons in, and health does not change', () => {
    const asked = input(loan, prices, undefined, new Map([[WETH, ether(3)]]))
    const [plain] = computePositions(asked).standings
    const converted = computePositions(asked, inEther)
    const [standing] = converted.standings
    expect(standing!.data.totalCollateralBase).toBe(60_000n * 10n ** 8n)
    expect(standing!.data.totalDebtBase).toBe(37_500n * 10n ** 8n)
    expect(standing!.debts.map(({ debtBase }) => debtBase)).toEqual([37_500n * 10n ** 8n])
    expect(standing!.healthFactorWad).toBe(plain!.healthFactorWad)
    const [health, , debt] = [0, 1, 2].map((i) => matrixOf(converted, [converted.columns[i]!])[0])
    expect(health).toBe(matrixOf(computePositions(asked), [converted.columns[0]!])[0])
    expect(debt).not.toBeNaN()
  })

  it('are withheld, and the pool is incomplete, without that price', () => {
    const found = computePositions(input(loan, prices), inEther)
    expect(found.standings).toEqual([])
    expect(found.withheld[0]?.reason).toContain('no market price')
    expect(found.completePools.has(POOL)).toBe(false)
  })

  it('say how sure they are', () => {
    const trustOf = (weth: MarketPrice) =>
      computePositions(
        input(
          loan,
          prices,
          undefined,
          new Map([
            [WETH, weth],
            [USDC, ether(1)],
          ]),
        ),
      ).standings[0]!.priceConfidenceBps
    expect(trustOf(ether(2_000))).toBe(10_000)
    expect(trustOf(ether(2_000, { confidenceBps: 9_700, singleSource: true }))).toBeLessThan(10_000)
    // 20,000 of 32,500 dollars are ether: at half the confidence that is (20,000 × 0.5 + 12,500) / 32,500.
    expect(trustOf(ether(1_000))).toBe(6_923)
    expect(trustOf(ether(2_000, { confidenceBps: 2_000, stale: true }))).toBe(5_076)
  })
})
