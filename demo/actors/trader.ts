/** Swappers trade at random; the arbitrageur pulls the pair back to the true price, a slice at a time. */
import { LOCAL_WORLD } from '../../src/chains/local-world'
import { type Call, swapCall } from '../calls'
import type { AccountView } from '../snapshot'
import { least, routerApproval, type Scene, shareOf, USD_E8, USDC, valueE8, WETH } from './scene'

const ARBITRAGE_GAP = 0.006

/** Sells a share of whichever side the swapper has more of, most of the time. */
export function swapperTurn(view: AccountView, { market, random }: Scene): Call[] {
  const wethE8 = valueE8(market, WETH, view.wallet[WETH]!)
  const usdcE8 = valueE8(market, USDC, view.wallet[USDC]!)
  const sellsWeth = random.chance(0.8) ? wethE8 > usdcE8 : wethE8 <= usdcE8
  const asset = sellsWeth ? WETH : USDC
  const amount = shareOf(view.wallet[asset]!, random.between(0.02, 0.25))
  return valueE8(market, asset, amount) < 10n * USD_E8 ? [] : sell(view, asset, amount)
}

/**
 * With reserves w (WETH) and u (USDC), k = w·u, the pair stands at the true price p when w = √(k/p). The
 * arbitrageur sells what lies between, at most a quarter of what it owns, so that a crash is visible on the pair.
 */
export function arbitrageurTurn(view: AccountView, { market, truePricesE8 }: Scene): Call[] {
  const weth = Number(market.pairWeth) / 1e18
  const usdc = Number(market.pairUsdc) / 1e6
  const truePrice = Number(truePricesE8[WETH]!) / Number(truePricesE8[USDC]!)
  if (weth === 0 || Math.abs(usdc / weth / truePrice - 1) < ARBITRAGE_GAP) return []
  const goal = Math.sqrt((weth * usdc) / truePrice)
  if (goal > weth) {
    const amount = least(BigInt(Math.round((goal - weth) * 1e6)) * 10n ** 12n, view.wallet[WETH]! / 4n)
    return sell(view, WETH, amount)
  }
  const missing = Math.sqrt(weth * usdc * truePrice) - usdc
  return sell(view, USDC, least(BigInt(Math.round(missing * 1e6)), view.wallet[USDC]! / 4n))
}

/** Sells an amount of WETH or USDC on the pair, with the approval first where it is missing. */
export function sell(view: AccountView, asset: typeof WETH | typeof USDC, amount: bigint): Call[] {
  if (amount <= 0n) return []
  const [from, to] = asset === WETH ? [WETH, USDC] : [USDC, WETH]
  const path: [`0x${string}`, `0x${string}`] = [
    LOCAL_WORLD.assets[from]!.token,
    LOCAL_WORLD.assets[to]!.token,
  ]
  return [...routerApproval(view, asset, amount), swapCall(view.index, view.address, path, amount)]
}
