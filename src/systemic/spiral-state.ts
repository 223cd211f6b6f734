/** Everything that changes while a spiral runs, and its beginning. */
import { badInput, numberAt } from './network'
import { type Reached, reachedNone } from './spiral-groups'
import type { SpiralPlan } from './spiral-plan'

/** Totals are since the start. */
export interface SpiralState {
  prices: Float64Array
  /** Units, by row of the plan's collaterals and debts. */
  collateral: Float64Array
  debt: Float64Array
  rounds: number
  liquidations: number
  /** By market: units of debt repaid, and written off. */
  repaidUnits: Float64Array
  writtenOffUnits: Float64Array
  /** By market, USD at the prices of the round: repaid value, and bad debt written off. */
  liquidatedUsd: Float64Array
  writtenOffUsd: Float64Array
  /** By asset: units seized and sold, USD that pools paid for them. */
  soldUnits: Float64Array
  proceedsUsd: Float64Array
  /** Positions with debt that the prices may have made unhealthy; all others are as they were. */
  reached: Reached
  /** By position, where it is asked for: bad debt of all scenarios so far, USD. */
  lostUsd?: Float64Array
}

/** A state before the first round. Throws PlimsollError on a price that is NaN, negative or infinite. */
export function startSpiral(plan: SpiralPlan, prices: Float64Array): SpiralState {
  checkPrices(plan, prices)
  const perMarket = () => new Float64Array(plan.markets.length)
  const perAsset = () => new Float64Array(plan.assets.length)
  return {
    prices: Float64Array.from(prices),
    collateral: Float64Array.from(plan.positions.collateralUnits),
    debt: Float64Array.from(plan.positions.debtUnits),
    rounds: 0,
    liquidations: 0,
    repaidUnits: perMarket(),
    writtenOffUnits: perMarket(),
    liquidatedUsd: perMarket(),
    writtenOffUsd: perMarket(),
    soldUnits: perAsset(),
    proceedsUsd: perAsset(),
    reached: reachedNone(plan.groups, plan.positions.closeRule.length),
  }
}

/** Makes a used state one before the first round; only what was reached has to be put back. */
export function restart(plan: SpiralPlan, state: SpiralState, prices: Float64Array): void {
  checkPrices(plan, prices)
  const { positions, groups } = plan
  const { upTo } = state.reached
  for (let g = 0; g < upTo.length; g++) {
    for (let at = groups.start[g]!; at < groups.start[g]! + upTo[g]!; at++) {
      const i = groups.order[at]!
      for (let c = positions.collateralStart[i]!; c < positions.collateralStart[i + 1]!; c++)
        state.collateral[c] = positions.collateralUnits[c]!
      for (let d = positions.debtStart[i]!; d < positions.debtStart[i + 1]!; d++)
        state.debt[d] = positions.debtUnits[d]!
    }
  }
  upTo.fill(0)
  state.reached.count = 0
  state.reached.openCount = 0
  state.reached.left = 1
  state.reached.groupWake.fill(Number.POSITIVE_INFINITY)
  state.prices.set(prices)
  for (const totals of [
    ...[state.repaidUnits, state.writtenOffUnits, state.liquidatedUsd],
    ...[state.writtenOffUsd, state.soldUnits, state.proceedsUsd],
  ])
    totals.fill(0)
  state.rounds = 0
  state.liquidations = 0
}

/** Prices of one scenario: finite and not negative, one an asset. */
function checkPrices({ assets }: SpiralPlan, prices: Float64Array): void {
  if (prices.length !== assets.length) throw badInput(`${prices.length} prices for ${assets.length} assets`)
  for (let a = 0; a < prices.length; a++) numberAt(prices[a], `price of ${assets[a]!.name}`, { least: 0 })
}
