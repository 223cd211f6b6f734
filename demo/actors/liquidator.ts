/**
 * The liquidator repays the largest debts that fell below the threshold and takes collateral with the bonus.
 *
 * It manages two accounts a block: in a steep fall it comes too late for the rest, which is how bad debt arises.
 */
import { LOCAL_WORLD } from '../../src/chains/local-world'
import { type Call, liquidationCall, withdrawCall } from '../calls'
import type { AccountView } from '../snapshot'
import { byValue, DUST_E8, least, poolApproval, type Scene, shareOf, tokenAmount, USDC, WETH } from './scene'
import { sell } from './trader'

export const LIQUIDATIONS_PER_TURN = 2
const WAD = 10n ** 18n

/** Whether anyone would bother: below the threshold with something left to take. */
export function isLiquidatable(account: {
  healthFactorWad: bigint
  collateralE8: bigint
  debtE8: bigint
}): boolean {
  return account.healthFactorWad < WAD && account.collateralE8 > DUST_E8 && account.debtE8 > DUST_E8
}

/** Liquidates the given accounts (already the chosen ones), then sells surplus. */
export function liquidatorTurn(view: AccountView, targets: readonly AccountView[], scene: Scene): Call[] {
  const approved = new Set<number>()
  const calls = targets.flatMap((target) => liquidate(view, target, scene, approved))
  return calls.length > 0 ? calls : tidyUp(view, scene)
}

function liquidate(view: AccountView, target: AccountView, scene: Scene, approved: Set<number>): Call[] {
  const enabled = target.aTokens.map((amount, asset) => (target.collateralEnabled[asset] ? amount : 0n))
  const collateral = byValue(scene.market, enabled)[0]
  const debt = byValue(scene.market, target.debts)[0]
  if (collateral === undefined || debt === undefined) return []
  const approval = approved.has(debt) ? [] : poolApproval(view, debt, target.debts[debt]!)
  approved.add(debt)
  const call = liquidationCall(view.index, {
    collateral: LOCAL_WORLD.assets[collateral]!.token,
    debt: LOCAL_WORLD.assets[debt]!.token,
    borrower: target.address,
    receiveAToken: scene.random.chance(0.3),
  })
  return [...approval, call]
}

/** In a quiet turn: turns aTokens back into tokens, and WETH back into the USDC that the next crash will need. */
function tidyUp(view: AccountView, { market, random }: Scene): Call[] {
  const held = byValue(market, view.aTokens)[0]
  if (held !== undefined && random.chance(0.3)) {
    const amount = least(view.aTokens[held]!, market.liquidity[held]!)
    return amount > 0n ? [withdrawCall(view.index, view.address, tokenAmount(held, amount))] : []
  }
  if (view.wallet[WETH]! > 410n * WAD && random.chance(0.3))
    return sell(view, WETH, shareOf(view.wallet[WETH]!, 0.05))
  if (view.wallet[USDC]! < 100_000_000_000n) return sell(view, WETH, shareOf(view.wallet[WETH]!, 0.1))
  return []
}
