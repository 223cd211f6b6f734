/**
 * A pool's own money in US dollars as of a block, and how far its prices are to be believed. Pure.
 *
 * A pool that reckons in dollars (Aave V3, Compound) is taken at its word: its totals are what it liquidates by, and only
 * their scale changes. One that reckons in a token (Aave V2 in ether, a Morpho market in its loan token) is converted at
 * that token's market price; without one there are no dollars, rather than a guess.
 */
import type { ChainSpec, Hex } from '../chains/types'
import { mulDivDown, mulDivUp } from '../math/fixed-point'
import type { MarketPrice } from '../prices/market'
import { type CalledRound, meanTrustBps, priceTrustBps, protocolFreshness } from '../prices/trust'
import { BASE_UNIT_SOURCE, type BaseUnit, type LendingAccount } from '../protocols/lending-risk'
import type { AsOf } from './types'

/** Decimals of US dollars as standings give them. */
export const USD_DECIMALS = 8
const PRICE_DECIMALS = 18
const BPS = 10_000

/** What is known of prices at the block, beside those that protocols use. */
export interface MarketView {
  /** Market prices by token; stale ones are marked. */
  prices: ReadonlyMap<Hex, MarketPrice>
  /** Newest round of called prices. */
  called: CalledRound | undefined
  chain: Pick<ChainSpec, 'feeds' | 'blockTimeSec' | 'scoreEveryBlocks' | 'priceEveryBlocks'>
}

/** From a pool's base unit to US dollars. Amounts ≥ 0. */
export interface Dollars {
  usdDown(base: bigint, decimals?: number): bigint
  usdUp(base: bigint, decimals?: number): bigint
  /** Of the conversion alone; 10000 where the pool itself reckons in dollars. */
  confidenceBps: number
}

/** The conversion for a pool, or why there is none. */
export function dollarsOf(base: BaseUnit, market: MarketView): Dollars | { reason: string } {
  const price = base.asset === null ? undefined : market.prices.get(base.asset)
  if (base.asset !== null && price === undefined)
    return { reason: `no market price for ${base.asset}, in which the pool reckons` }
  const numerator = price?.answer ?? 1n
  const denominatorDecimals = base.decimals + (price?.decimals ?? 0)
  const scales = (decimals: number) => ({
    up: numerator * 10n ** BigInt(decimals),
    down: 10n ** BigInt(denominatorDecimals),
  })
  return {
    usdDown(amount, decimals = USD_DECIMALS) {
      const { up, down } = scales(decimals)
      return mulDivDown(amount, up, down)
    },
    usdUp(amount, decimals = USD_DECIMALS) {
      const { up, down } = scales(decimals)
      return mulDivUp(amount, up, down)
    },
    confidenceBps: price?.confidenceBps ?? BPS,
  }
}

/** An account's totals in US dollars: collateral rounded down, debt up. Ratios stay the pool's own. */
export function inDollars(account: LendingAccount, dollars: Dollars): LendingAccount {
  return {
    ...account,
    totalCollateralBase: dollars.usdDown(account.totalCollateralBase),
    totalDebtBase: dollars.usdUp(account.totalDebtBase),
    badDebtBase: dollars.usdUp(account.badDebtBase),
    base: { asset: null, decimals: USD_DECIMALS },
  }
}

/** How sure the prices are that an account's dollars rest on, 0 to 10000: as src/prices/trust.ts has it. */
export function accountTrustBps(
  account: LendingAccount,
  options: {
    dollars: Dollars
    market: MarketView
    at: AsOf
    /** Time of the version of a protocol price that holds at the block. */
    pricedAtSec(asset: Hex, source: string): number | undefined
  },
): number {
  const { dollars, market, at, pricedAtSec } = options
  const freshness = protocolFreshness({ chain: market.chain, atSec: at.timestampSec, round: market.called })
  const parts = account.holdings.map((holding) => {
    const { asset, price, priceSource: source, supplyBalance, debtBalance, unit } = holding
    const value = (supplyBalance * price) / unit + (debtBalance > 0n ? holding.debtValueAt(price) : 0n)
    if (source === BASE_UNIT_SOURCE) return { value, trustBps: dollars.confidenceBps }
    const timestampSec = pricedAtSec(asset, source)
    const freshBps = timestampSec === undefined ? BPS : freshness({ asset, source, timestampSec })
    const usd = { answer: dollars.usdDown(price, PRICE_DECIMALS), decimals: PRICE_DECIMALS }
    return { value, trustBps: priceTrustBps(freshBps, market.prices.get(asset), usd) }
  })
  return Math.min(meanTrustBps(parts), dollars.confidenceBps)
}
