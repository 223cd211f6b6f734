/** Plain people: they send each other ether and tokens and never touch the pool by themselves. */
import type { Address } from 'viem'
import { type Call, sendEtherCall, transferCall } from '../calls'
import type { AccountView } from '../snapshot'
import { byValue, type Scene, shareOf, tokenAmount } from './scene'

/** One payment, in ether one time in three. */
export function walletTurn(view: AccountView, scene: Scene, friends: readonly Address[]): Call[] {
  const { market, random } = scene
  const receiver = random.pick(friends)
  if (receiver === view.address) return []
  const held = byValue(market, view.wallet)
  if (held.length === 0 || random.chance(1 / 3)) {
    return [sendEtherCall(view.index, receiver, BigInt(1 + random.int(5_000)) * 10n ** 15n)]
  }
  const asset = random.pick(held)
  const amount = shareOf(view.wallet[asset]!, random.between(0.01, 0.2))
  return amount > 0n ? [transferCall(view.index, receiver, tokenAmount(asset, amount))] : []
}
