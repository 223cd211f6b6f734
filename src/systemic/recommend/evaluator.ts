/** The liquidation spiral as the evaluator of candidate books, and of single days with what became of each position. */
import type { Book } from '../book'
import { settle } from '../spiral'
import { planOfBook } from '../spiral-book'
import { workFor } from '../spiral-round'
import { runScenarios } from '../spiral-scenarios'
import { startSpiral } from '../spiral-state'
import { scenarioTotals } from '../value-at-risk'
import type { Evaluate } from './types'

export interface Conditions {
  gasUsd: number
  exit: 'oracle' | 'pool'
  maxRounds?: number
}

/** Runs every scenario to rest; losses are sums over all markets. */
export function spiralEvaluator(conditions: Conditions, onTile?: () => void): Evaluate {
  return (book, prices) => {
    const result = runScenarios(planOfBook(book, conditions), prices, onTile ? { onTile } : {})
    const markets = book.markets.length
    return {
      badDebtUsd: scenarioTotals(result.badDebtUsd, markets),
      liquidatedUsd: scenarioTotals(result.liquidatedUsd, markets),
    }
  }
}

/** How one path of prices ends for each position. */
export interface PathOutcome {
  /** 1 for a position of which anything was seized or repaid. */
  isLiquidated: Uint8Array
  /** USD that it leaves unpaid. */
  lostUsd: Float64Array
}

/** One row of prices to rest. Throws PlimsollError on a price that is NaN, negative or infinite. */
export function runPath(book: Book, prices: Float64Array, conditions: Conditions): PathOutcome {
  const plan = planOfBook(book, conditions)
  const { positions } = plan
  const lostUsd = new Float64Array(positions.closeRule.length)
  const state = startSpiral(plan, prices)
  state.lostUsd = lostUsd
  settle(plan, state, workFor(plan))
  const isLiquidated = Uint8Array.from(lostUsd, (_, i) => {
    for (let k = positions.collateralStart[i]!; k < positions.collateralStart[i + 1]!; k++)
      if (state.collateral[k]! < positions.collateralUnits[k]!) return 1
    return 0
  })
  return { isLiquidated, lostUsd }
}
