/** A spiral for each of many price scenarios, and what is kept of it. */
import { badInput } from './network'
import { settle } from './spiral'
import { MAX_SCENARIOS, type SpiralPlan } from './spiral-plan'
import { workFor } from './spiral-round'
import { restart, startSpiral } from './spiral-state'
import type { Progress } from './stress/types'

/** Matrices are row-major, a row a scenario. */
export interface SpiralScenarios {
  /** Scenarios × markets. */
  badDebtUsd: Float64Array
  liquidatedUsd: Float64Array
  /** Scenarios × assets, at rest. */
  prices: Float64Array
  liquidations: Int32Array
  rounds: Int32Array
  /** Scenarios that maxRounds ended. */
  unsettled: number
  /** By position, where asked for: bad debt summed over all scenarios, USD. */
  lostUsd?: Float64Array
}

export interface ScenarioOptions {
  /** Called after each tile of scenarios; throwing from it ends the run. */
  onTile?: Progress
  /** Whether to keep the sum of each position's bad debt. */
  byPosition?: boolean
}

const TILE_SCENARIOS = 64

/** Runs every row of a scenarios × assets matrix of prices. Memory: the plan's amounts once more, and the results. */
export function runScenarios(
  plan: SpiralPlan,
  prices: Float64Array,
  { onTile, byPosition = false }: ScenarioOptions = {},
): SpiralScenarios {
  const [assets, markets] = [plan.assets.length, plan.markets.length]
  const count = prices.length / assets
  if (!Number.isInteger(count) || count === 0)
    throw badInput(`${prices.length} prices are no whole number of scenarios of ${assets} assets`)
  if (count > MAX_SCENARIOS) throw badInput(`${count} scenarios: too many, at most ${MAX_SCENARIOS}`)
  const result: SpiralScenarios = {
    badDebtUsd: new Float64Array(count * markets),
    liquidatedUsd: new Float64Array(count * markets),
    prices: new Float64Array(count * assets),
    liquidations: new Int32Array(count),
    rounds: new Int32Array(count),
    unsettled: 0,
  }
  const work = workFor(plan)
  const state = startSpiral(plan, prices.subarray(0, assets))
  if (byPosition) {
    result.lostUsd = new Float64Array(plan.positions.closeRule.length)
    state.lostUsd = result.lostUsd
  }
  for (let s = 0; s < count; s++) {
    if (s > 0) restart(plan, state, prices.subarray(s * assets, (s + 1) * assets))
    const { badDebtUsd, settled } = settle(plan, state, work)
    result.badDebtUsd.set(badDebtUsd, s * markets)
    result.liquidatedUsd.set(state.liquidatedUsd, s * markets)
    result.prices.set(state.prices, s * assets)
    result.liquidations[s] = state.liquidations
    result.rounds[s] = state.rounds
    if (!settled) result.unsettled++
    if ((s + 1) % TILE_SCENARIOS === 0 || s + 1 === count) onTile?.(s + 1, count)
  }
  return result
}
