/** The treasury keeps the world going: it refills those who lost nearly everything, quietly, between crashes. */
import { CAST, habitOf } from '../accounts'
import { type Call, transferCall } from '../calls'
import type { AccountView } from '../snapshot'
import {
  byValue,
  isUnderwater,
  type Scene,
  shareOf,
  tokenAmount,
  USD_E8,
  USDC,
  WBTC,
  WETH,
  walletE8,
} from './scene'

const POOR_E8 = 12_000n * USD_E8
const RICH_ENOUGH_TO_LIQUIDATE = 400_000_000_000n
const MAX_TRANSFERS = 2

/** At most two transfers a turn, to the accounts that are acting in it. */
export function treasuryTurn(views: readonly AccountView[], scene: Scene): Call[] {
  return views.flatMap((view) => refill(view, scene)).slice(0, MAX_TRANSFERS)
}

function refill(view: AccountView, { market, random }: Scene): Call[] {
  const habit = habitOf(view.index)
  const send = (asset: number, amount: bigint) => [
    transferCall(CAST.treasury, view.address, tokenAmount(asset, amount)),
  ]
  if (view.index === CAST.liquidator) {
    return view.wallet[USDC]! < RICH_ENOUGH_TO_LIQUIDATE ? send(USDC, 500_000_000_000n) : []
  }
  if (habit === undefined || habit === 'deadbeat') return []
  if (isUnderwater(view)) {
    const owed = byValue(market, view.debts)[0]
    if (owed === undefined || view.wallet[owed]! >= view.debts[owed]! || random.chance(0.7)) return []
    return send(owed, shareOf(view.debts[owed]!, 1.02))
  }
  if (walletE8(market, view) + view.collateralE8 - view.debtE8 > POOR_E8) return []
  return view.index % 2 === 0 ? send(WETH, 20n * 10n ** 18n) : send(WBTC, 100_000_000n)
}
