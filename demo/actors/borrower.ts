/**
 * Borrowers differ by habit: the health factor they steer to, the one at which they act, and whether they repay.
 *
 * A careful one keeps a wide margin and repays; a levered one sells what it borrowed for more collateral; a
 * degenerate one sits at the limit and hopes; a deadbeat borrows once, spends it and is never heard of again.
 */
import { LOCAL_WORLD } from '../../src/chains/local-world'
import type { Habit } from '../accounts'
import {
  borrowCall,
  type Call,
  collateralCall,
  repayCall,
  supplyCall,
  swapCall,
  withdrawCall,
} from '../calls'
import type { AccountView } from '../snapshot'
import { ASSETS } from '../tokens'
import {
  amountWorth,
  byValue,
  DAI,
  DUST_E8,
  isUnderwater,
  least,
  poolApproval,
  routerApproval,
  type Scene,
  shareOf,
  tokenAmount,
  USD_E8,
  USDC,
  valueE8,
  WBTC,
  WETH,
} from './scene'

type Temper = { targetHealth: number; panicHealth: number; repayChance: number }

const TEMPERS: Record<Habit, Temper> = {
  careful: { targetHealth: 2.1, panicHealth: 1.5, repayChance: 0.35 },
  levered: { targetHealth: 1.3, panicHealth: 1.08, repayChance: 0.12 },
  degenerate: { targetHealth: 1.05, panicHealth: 0, repayChance: 0.03 },
  deadbeat: { targetHealth: 1.04, panicHealth: 0, repayChance: 0 },
}
const WAD = 10n ** 18n
const SMALLEST_LOAN_E8 = 500n * USD_E8

/** Below this health factor (1e18 = 1) the habit makes an account act out of turn. */
export function panicHealthWad(habit: Habit): bigint {
  return wad(TEMPERS[habit].panicHealth)
}

/** One decision; `scene.random` decides between what the habit allows. */
export function borrowerTurn(view: AccountView, habit: Habit, scene: Scene): Call[] {
  const temper = TEMPERS[habit]
  const { market, random } = scene
  if (habit === 'deadbeat' && view.debtE8 > DUST_E8) return []
  if (isUnderwater(view)) return repayShare(view, scene, 1)
  if (view.debtE8 > DUST_E8 && view.healthFactorWad < wad(temper.panicHealth)) return defend(view, scene)
  if (view.collateralE8 < 5_000n * USD_E8) return open(view, temper, scene)
  if (view.healthFactorWad > wad(temper.targetHealth * 1.08)) {
    if (random.chance(0.7)) return borrowMore(view, temper, scene)
    return loosen(view, temper, scene)
  }
  if (random.chance(temper.repayChance)) return repayShare(view, scene, random.between(0.05, 0.3))
  if (habit === 'levered' && random.chance(0.5)) return loopUp(view, scene)
  if (habit === 'levered' && valueE8(market, WETH, view.wallet[WETH]!) > 1_000n * USD_E8) {
    return supplyAll(view, WETH)
  }
  return random.chance(0.3) ? toggleSmallest(view, scene) : []
}

/** Supplies the most valuable volatile asset and borrows against it in the same block. */
function open(view: AccountView, temper: Temper, scene: Scene): Call[] {
  const { market, random } = scene
  const asset = byValue(market, view.wallet).find((held) => held === WETH || held === WBTC)
  // Whoever kept the loan but lost the collateral buys in again.
  if (asset === undefined) return loopUp(view, scene)
  const amount = shareOf(view.wallet[asset]!, random.between(0.85, 0.97))
  const collateralE8 = valueE8(market, asset, amount)
  if (collateralE8 < 2_000n * USD_E8) return []
  const supplied = [
    ...poolApproval(view, asset, amount),
    supplyCall(view.index, view.address, tokenAmount(asset, amount)),
  ]
  const spec = ASSETS[asset]!
  const byHealth = shareOf(
    (collateralE8 * BigInt(spec.liquidationThresholdBps)) / 10_000n,
    1 / temper.targetHealth,
  )
  const byLtv = shareOf((collateralE8 * BigInt(spec.ltvBps)) / 10_000n, 0.998)
  const roomE8 = least(byHealth, byLtv) - view.debtE8
  return [...supplied, ...borrow(view, scene, roomE8)]
}

function borrowMore(view: AccountView, temper: Temper, scene: Scene): Call[] {
  const limitE8 = (view.collateralE8 * view.liquidationThresholdBps) / 10_000n
  const wantedE8 = shareOf(limitE8, 1 / temper.targetHealth) - view.debtE8
  return borrow(view, scene, least(wantedE8, shareOf(view.availableBorrowsE8, 0.995)))
}

function borrow(view: AccountView, { market, random }: Scene, usdE8: bigint): Call[] {
  if (usdE8 < SMALLEST_LOAN_E8) return []
  const draw = random.float()
  const wanted = draw < 0.6 ? USDC : draw < 0.9 ? DAI : WETH
  const asset = [wanted, USDC, DAI].find(
    (candidate) =>
      !market.paused[candidate] && market.liquidity[candidate]! > amountWorth(market, candidate, usdE8),
  )
  if (asset === undefined) return []
  return [borrowCall(view.index, view.address, tokenAmount(asset, amountWorth(market, asset, usdE8)))]
}

/** Repays if the wallet can, else adds collateral if it can, else swaps for the debt asset. */
function defend(view: AccountView, scene: Scene): Call[] {
  const repaid = repayShare(view, scene, scene.random.between(0.3, 0.6))
  if (repaid.length > 0) return repaid
  const spare = byValue(scene.market, view.wallet).find((asset) => asset === WETH || asset === WBTC)
  return spare === undefined ? [] : supplyAll(view, spare)
}

function repayShare(view: AccountView, { market }: Scene, share: number): Call[] {
  for (const asset of byValue(market, view.debts)) {
    const owed = share >= 1 ? view.debts[asset]! : shareOf(view.debts[asset]!, share)
    const amount = least(owed, view.wallet[asset]!)
    if (valueE8(market, asset, amount) < 50n * USD_E8) continue
    const approval = poolApproval(view, asset, amount)
    return [...approval, repayCall(view.index, view.address, tokenAmount(asset, amount))]
  }
  return []
}

/** Takes back a little collateral while the margin is wide. */
function loosen(view: AccountView, temper: Temper, { market, random }: Scene): Call[] {
  const asset = byValue(market, view.aTokens)[0]
  if (asset === undefined || view.healthFactorWad < wad(temper.targetHealth * 1.2)) return []
  const amount = least(shareOf(view.aTokens[asset]!, random.between(0.01, 0.08)), market.liquidity[asset]!)
  return amount > 0n ? [withdrawCall(view.index, view.address, tokenAmount(asset, amount))] : []
}

/** Sells borrowed USDC for WETH; the next turns supply it: a leveraged long. */
function loopUp(view: AccountView, scene: Scene): Call[] {
  const amount = view.wallet[USDC]!
  if (valueE8(scene.market, USDC, amount) < 1_000n * USD_E8) return []
  const [weth, usdc] = [LOCAL_WORLD.assets[WETH]!.token, LOCAL_WORLD.assets[USDC]!.token]
  return [...routerApproval(view, USDC, amount), swapCall(view.index, view.address, [usdc, weth], amount)]
}

function supplyAll(view: AccountView, asset: number): Call[] {
  const amount = view.wallet[asset]!
  return [
    ...poolApproval(view, asset, amount),
    supplyCall(view.index, view.address, tokenAmount(asset, amount)),
  ]
}

/** Switches the collateral use of the least valuable supplied asset, if another one carries the debt. */
function toggleSmallest(view: AccountView, { market }: Scene): Call[] {
  const held = byValue(market, view.aTokens)
  const smallest = held[held.length - 1]
  if (held.length < 2 || smallest === undefined) return []
  return [collateralCall(view.index, LOCAL_WORLD.assets[smallest]!.token, !view.collateralEnabled[smallest])]
}

function wad(value: number): bigint {
  return (BigInt(Math.round(value * 10_000)) * WAD) / 10_000n
}
