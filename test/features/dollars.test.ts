import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Hex } from '../../src/chains/types'
import { accountTrustBps, dollarsOf, inDollars, type MarketView } from '../../src/features/dollars'
import type { MarketPrice } from '../../src/prices/market'
import type { Holding, LendingAccount } from '../../src/protocols/lending-risk'
import { BASE_UNIT_SOURCE } from '../../src/protocols/lending-risk'
import { CHAIN_ID, chain, FEEDS, USDC, WETH } from '../scorer/ledger'

const at = { chainId: CHAIN_ID, height: 100, hash: '0x01' as Hex, timestampSec: 1_700_000_100 }

function price(usd: number, over: Partial<MarketPrice> = {}): MarketPrice {
  return {
    ...{ answer: BigInt(Math.round(usd * 1e8)), decimals: 8, source: 'chainlink', ageSec: 1 },
    ...{ confidenceBps: 10_000, stale: false, singleSource: false, sources: [], ...over },
  }
}

function view(prices: [Hex, MarketPrice][]): MarketView {
  return { prices: new Map(prices), called: undefined, chain }
}

function converter(asset: Hex | null, decimals: number, market = view([[WETH, price(2_000)]])) {
  const found = dollarsOf({ asset, decimals }, market)
  if ('reason' in found) throw new Error(found.reason)
  return found
}

describe('a pool’s money in dollars', () => {
  it('is what it was where the pool reckons in dollars with 8 decimals', () => {
    const same = converter(null, 8)
    fc.assert(
      fc.property(fc.bigInt(0n, 10n ** 40n), (amount) => {
        expect(same.usdDown(amount)).toBe(amount)
        expect(same.usdUp(amount)).toBe(amount)
      }),
    )
  })

  it('changes its scale alone where the pool reckons in dollars otherwise', () => {
    expect(converter(null, 18).usdDown(1_500_000_000_000_000_000n)).toBe(150_000_000n)
    expect(converter(null, 18).usdUp(1n)).toBe(1n)
    expect(converter(null, 18).usdDown(1n)).toBe(0n)
    expect(converter(null, 6).usdDown(2_500_000n)).toBe(250_000_000n)
  })

  it('comes by the market price of what the pool reckons in, worked: 1.5 ether at 2000', () => {
    expect(converter(WETH, 18).usdDown(15n * 10n ** 17n)).toBe(3_000n * 10n ** 8n)
  })

  it('is withheld without a market price', () => {
    const none = dollarsOf({ asset: WETH, decimals: 18 }, view([]))
    expect(none).toEqual({ reason: `no market price for ${WETH}, in which the pool reckons` })
  })

  it('never shows collateral too high or debt too low', () => {
    const token = converter(WETH, 18, view([[WETH, price(1_234.567)]]))
    fc.assert(
      fc.property(fc.bigInt(0n, 10n ** 30n), (amount) => {
        const [down, up] = [token.usdDown(amount), token.usdUp(amount)]
        const exact = amount * 123_456_700_000n
        expect(down * 10n ** 18n <= exact && exact <= up * 10n ** 18n).toBe(true)
        expect(up - down <= 1n).toBe(true)
      }),
    )
  })
})

function holding(asset: Hex, over: Partial<Holding> = {}): Holding {
  const unit = 10n ** 18n
  return {
    ...{ marketId: `m:${asset}`, asset, supplyBalance: 0n, debtBalance: 0n, collateral: true, unit },
    ...{ ltvBps: 0n, thresholdBps: 0n, bonusBps: 0n, price: 10n ** 18n, priceSource: FEEDS[asset]! },
    debtValueAt: () => 0n,
    ...over,
  }
}

function account(holdings: Holding[], asset: Hex | null, decimals: number): LendingAccount {
  return {
    ...{ totalCollateralBase: 3n * 10n ** 18n + 1n, totalDebtBase: 10n ** 18n + 1n, badDebtBase: 1n },
    ...{ ltvBps: 7_500n, currentLiquidationThresholdBps: 8_000n, healthFactorWad: 24n * 10n ** 17n },
    base: { asset, decimals },
    holdings,
  }
}

describe('an account in dollars', () => {
  it('keeps its ratios, and rounds against itself', () => {
    const own = account([], WETH, 18)
    expect(inDollars(own, converter(WETH, 18))).toMatchObject({
      totalCollateralBase: 6_000n * 10n ** 8n,
      totalDebtBase: 2_000n * 10n ** 8n + 1n,
      badDebtBase: 1n,
      healthFactorWad: own.healthFactorWad,
      ltvBps: own.ltvBps,
      base: { asset: null, decimals: 8 },
    })
  })
})

describe('trust in an account’s dollars', () => {
  const trust = (holdings: Holding[], market: MarketView, asset: Hex | null = WETH, pricedAgoSec = 10) =>
    accountTrustBps(account(holdings, asset, 18), {
      dollars: converter(asset, 18, market),
      market,
      at,
      pricedAtSec: () => at.timestampSec - pricedAgoSec,
    })
  const oneEther = holding(WETH, { supplyBalance: 10n ** 18n })

  it('is full where market and protocol agree on fresh prices', () => {
    expect(trust([oneEther], view([[WETH, price(2_000)]]))).toBe(10_000)
  })

  it('is less for a price that stands alone, is stale, or that the market contradicts', () => {
    const alone = price(2_000, { confidenceBps: 9_700, singleSource: true })
    expect(trust([oneEther], view([[WETH, alone]]))).toBe(9_700)
    expect(trust([oneEther], view([[WETH, price(2_000)]]), WETH, 2 * 97_200)).toBe(5_000)
    const dear = { ...oneEther, price: 2_200n * 10n ** 18n }
    expect(trust([dear], view([[WETH, price(2_000)]]), null)).toBe(5_000)
  })

  it('goes by value, and is no more than that of the token the pool reckons in', () => {
    const market = view([
      [WETH, price(2_000)],
      [USDC, price(1, { confidenceBps: 6_000 })],
    ])
    const dollars = holding(USDC, { supplyBalance: 2_000n * 10n ** 18n, price: 5n * 10n ** 14n })
    expect(trust([oneEther, dollars], market)).toBe(8_000)
    const doubtful = view([[WETH, price(2_000, { confidenceBps: 3_000 })]])
    expect(trust([holding(WETH, { priceSource: BASE_UNIT_SOURCE, supplyBalance: 1n })], doubtful)).toBe(3_000)
    expect(trust([], doubtful)).toBe(3_000)
  })
})
