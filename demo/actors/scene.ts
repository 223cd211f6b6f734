/** What every actor's decision is made of, and the arithmetic of value that they share. Pure. */
import { LOCAL_WORLD } from '../../src/chains/local-world'
import { approveCall, type Call } from '../calls'
import type { Random } from '../random'
import type { AccountView, MarketView } from '../snapshot'

/** One turn as seen by all actors. `truePricesE8` is what the world outside would pay, not what the feed says. */
export type Scene = { turn: number; market: MarketView; truePricesE8: bigint[]; random: Random }

export const WETH = 0
export const WBTC = 1
export const USDC = 2
export const DAI = 3
export const USD_E8 = 100_000_000n

/** Below this nobody acts: liquidations leave debts of single base units behind. */
export const DUST_E8 = 5n * USD_E8

/** Whether an account owes more than it has in the pool: bad debt, once its collateral is gone. */
export function isUnderwater({ debtE8, collateralE8 }: { debtE8: bigint; collateralE8: bigint }): boolean {
  return debtE8 > DUST_E8 && debtE8 > collateralE8
}

/** USD value (8 decimals) of an amount of an asset at the feed's price. */
export function valueE8(market: MarketView, asset: number, amount: bigint): bigint {
  return (amount * market.feedPricesE8[asset]!) / scaleOf(asset)
}

/** How much of an asset a USD value (8 decimals) buys at the feed's price, rounded down. */
export function amountWorth(market: MarketView, asset: number, usdE8: bigint): bigint {
  return (usdE8 * scaleOf(asset)) / market.feedPricesE8[asset]!
}

/** A share of an amount; the share is cut to six digits so that every machine agrees. */
export function shareOf(amount: bigint, share: number): bigint {
  return (amount * BigInt(Math.round(share * 1_000_000))) / 1_000_000n
}

/** Everything an account owns in its wallet, in USD with 8 decimals. */
export function walletE8(market: MarketView, view: AccountView): bigint {
  return view.wallet.reduce((sum, amount, asset) => sum + valueE8(market, asset, amount), 0n)
}

export function least(...amounts: bigint[]): bigint {
  return amounts.reduce((low, amount) => (amount < low ? amount : low))
}

/** The approval that must come first when the pool may not yet take `amount`, else nothing. */
export function poolApproval(view: AccountView, asset: number, amount: bigint): Call[] {
  if (view.poolAllowance[asset]! >= amount) return []
  return [approveCall(view.index, LOCAL_WORLD.assets[asset]!.token, LOCAL_WORLD.aave.pool)]
}

export function routerApproval(view: AccountView, asset: number, amount: bigint): Call[] {
  if (view.routerAllowance[asset]! >= amount) return []
  return [approveCall(view.index, LOCAL_WORLD.assets[asset]!.token, LOCAL_WORLD.uniswapV2.router)]
}

export function tokenAmount(asset: number, amount: bigint) {
  return { token: LOCAL_WORLD.assets[asset]!.token, amount }
}

/** Asset indexes ordered by the value held, largest first; paused reserves and empty holdings are left out. */
export function byValue(market: MarketView, amounts: readonly bigint[]): number[] {
  const value = (asset: number) => valueE8(market, asset, amounts[asset]!)
  return amounts
    .map((_, asset) => asset)
    .filter((asset) => amounts[asset]! > 0n && !market.paused[asset])
    .sort((left, right) => (value(left) < value(right) ? 1 : value(left) > value(right) ? -1 : left - right))
}

function scaleOf(asset: number): bigint {
  return 10n ** BigInt(LOCAL_WORLD.assets[asset]!.decimals)
}
