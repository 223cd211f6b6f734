/** Suppliers lend what they own, take some of it back, pass aTokens on and now and then change their collateral. */
import type { Address } from 'viem'
import { LOCAL_WORLD } from '../../src/chains/local-world'
import { type Call, collateralCall, supplyCall, transferCall, withdrawCall } from '../calls'
import type { AccountView } from '../snapshot'
import {
  byValue,
  least,
  poolApproval,
  type Scene,
  shareOf,
  tokenAmount,
  USD_E8,
  valueE8,
  walletE8,
} from './scene'

const FIRST_SUPPLY_SHARE = 0.7

/** At the first turn: most of every token. Later one of supply, withdraw, aToken transfer, collateral toggle. */
export function supplierTurn(view: AccountView, scene: Scene, friends: readonly Address[]): Call[] {
  const { market, random } = scene
  if (view.collateralE8 === 0n && view.aTokens.every((amount) => amount === 0n))
    return openPosition(view, scene)
  const draw = random.float()
  const held = byValue(market, view.aTokens)
  if (draw < 0.4 && walletE8(market, view) > 2_000n * USD_E8) return supplySome(view, scene)
  const asset = held.length > 0 ? random.pick(held) : undefined
  if (asset === undefined) return supplySome(view, scene)
  if (draw < 0.65) {
    const wanted = shareOf(view.aTokens[asset]!, random.between(0.03, 0.15))
    const amount = least(wanted, market.liquidity[asset]!)
    return amount > 0n ? [withdrawCall(view.index, view.address, tokenAmount(asset, amount))] : []
  }
  if (draw < 0.85 && friends.length > 0) {
    const { aToken } = LOCAL_WORLD.assets[asset]!
    const amount = shareOf(view.aTokens[asset]!, random.between(0.01, 0.05))
    return amount > 0n ? [transferCall(view.index, random.pick(friends), { token: aToken, amount })] : []
  }
  if (view.debtE8 > 0n) return []
  return [collateralCall(view.index, LOCAL_WORLD.assets[asset]!.token, !view.collateralEnabled[asset])]
}

function openPosition(view: AccountView, { market }: Scene): Call[] {
  return byValue(market, view.wallet).flatMap((asset) => supply(view, asset, FIRST_SUPPLY_SHARE))
}

function supplySome(view: AccountView, { market, random }: Scene): Call[] {
  const worth = byValue(market, view.wallet).filter(
    (asset) => valueE8(market, asset, view.wallet[asset]!) > 500n * USD_E8,
  )
  return worth.length > 0 ? supply(view, random.pick(worth), random.between(0.1, 0.4)) : []
}

function supply(view: AccountView, asset: number, share: number): Call[] {
  const amount = shareOf(view.wallet[asset]!, share)
  const approval = poolApproval(view, asset, amount)
  return [...approval, supplyCall(view.index, view.address, tokenAmount(asset, amount))]
}
