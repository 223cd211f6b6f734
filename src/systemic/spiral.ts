/**
 * Liquidation spiral: prices fall, positions are liquidated, what was seized is sold, prices fall further; until nothing
 * more is liquidated. Markets with the same collateral feel each other's sales.
 *
 * A round, all positions at once at the round's oracle prices:
 *   1. Each position with health Σ collateral·price·threshold / Σ debt below 1 offers the greatest liquidation that its
 *      rules allow of its largest debt against its most valuable collateral; other pairs follow in later rounds.
 *   2. Where liquidators sell into the pool, none sells below what repaying costs: offers of one asset at one bonus shrink
 *      together to the sale at which the price has given up the bonus. Offers that do not pay for gas are withdrawn;
 *      where the bonus on all that may be repaid, or seized, would not, none is made.
 *   3. Offers are carried out. A position without any collateral leaves its debts as bad debt of their markets.
 *   4. Each asset's price becomes what the sale left; the oracle follows in the next round.
 * At rest, what unhealthy positions would lack if seized at the last prices counts as bad debt too, shared among their
 * debts by value: nobody would pay for their liquidation. Compound III, which absorbs an account whole, is approached
 * pair by pair. Cifuentes, Ferrucci and Shin, Liquidity Risk and Contagion (2005), with lenders' rules.
 *
 * Losses grow with the shock where sales do not move prices. Where they do, a deeper first shock can end better: all
 * that is unsound goes in the first round, before the fall; test/systemic/spiral.test.ts has the example.
 */
import { reachAnew } from './spiral-groups'
import type { SpiralPlan } from './spiral-plan'
import { type SpiralWork, spiralRound, workFor } from './spiral-round'
import { type SpiralState, startSpiral } from './spiral-state'

export interface SpiralOutcome extends SpiralState {
  /** Bad debt of each market, USD: written off, and what unhealthy positions still lack. */
  badDebtUsd: Float64Array
  /** False where maxRounds ended it. */
  settled: boolean
}

/** Bad debt of each market, USD: written off so far, and lacking at the state's prices. */
export function badDebtUsd(plan: SpiralPlan, state: SpiralState): Float64Array {
  return addLacking(plan, state, Float64Array.from(state.writtenOffUsd))
}

/** Adds to `total` what each market's unhealthy positions lack. */
function addLacking(
  { positions, groups }: SpiralPlan,
  state: SpiralState,
  total: Float64Array,
): Float64Array {
  const { collateralStart, collateralAsset, collateralThreshold, collateralBonus } = positions
  const { debtStart, debtAsset, debtMarket } = positions
  const { prices, collateral, debt, reached, lostUsd } = state
  reachAnew(groups, positions, state)
  for (let k = 0; k < reached.count; k++) {
    const i = reached.list[k]!
    let limit = 0
    let seizable = 0
    let owed = 0
    for (let d = debtStart[i]!; d < debtStart[i + 1]!; d++) owed += debt[d]! * prices[debtAsset[d]!]!
    for (let c = collateralStart[i]!; c < collateralStart[i + 1]!; c++) {
      const value = collateral[c]! * prices[collateralAsset[c]!]!
      limit += value * collateralThreshold[c]!
      seizable += value / collateralBonus[c]!
    }
    if (limit >= owed || seizable >= owed) continue
    const part = (owed - seizable) / owed
    for (let d = debtStart[i]!; d < debtStart[i + 1]!; d++)
      total[debtMarket[d]!]! += part * debt[d]! * prices[debtAsset[d]!]!
    if (lostUsd !== undefined) lostUsd[i]! += owed - seizable
  }
  return total
}

/** Runs to rest from a scenario's prices. Throws PlimsollError on a price that is NaN, negative or infinite. */
export function runSpiral(plan: SpiralPlan, prices: Float64Array): SpiralOutcome {
  return settle(plan, startSpiral(plan, prices), workFor(plan))
}

/** Runs a state to rest. */
export function settle(plan: SpiralPlan, state: SpiralState, work: SpiralWork): SpiralOutcome {
  let settled = false
  while (!settled && state.rounds < plan.maxRounds) settled = spiralRound(plan, state, work) === 0
  return { ...state, badDebtUsd: badDebtUsd(plan, state), settled }
}

/** What one round did. */
export interface SpiralStep {
  /** From 1. */
  round: number
  /** By market, USD: repaid, and written off because nothing is left to seize. */
  liquidatedUsd: Float64Array
  writtenOffUsd: Float64Array
  /** By asset, after the round's sales. */
  prices: Float64Array
  /** Positions that were liquidated. */
  positions: Int32Array
}

/** The rounds of one scenario, one after the other; returns the outcome, whose bad debt also holds what is never sold. */
export function* traceSpiral(plan: SpiralPlan, prices: Float64Array): Generator<SpiralStep, SpiralOutcome> {
  const state = startSpiral(plan, prices)
  const touched: number[] = []
  const work: SpiralWork = { ...workFor(plan), onLiquidation: (position) => touched.push(position) }
  let settled = false
  while (state.rounds < plan.maxRounds) {
    const [liquidated, writtenOff] = [state.liquidatedUsd.slice(), state.writtenOffUsd.slice()]
    touched.length = 0
    settled = spiralRound(plan, state, work) === 0
    if (settled) break
    yield {
      round: state.rounds,
      liquidatedUsd: state.liquidatedUsd.map((usd, m) => usd - liquidated[m]!),
      writtenOffUsd: state.writtenOffUsd.map((usd, m) => usd - writtenOff[m]!),
      prices: state.prices.slice(),
      positions: Int32Array.from(touched),
    }
  }
  return { ...state, badDebtUsd: badDebtUsd(plan, state), settled }
}
