/**
 * What is at risk over a set of scenarios, by levels. Losses are positive.
 *
 *   VaR   the loss that a share `level` of scenarios does not exceed
 *   ES    mean loss of the worst 1 − level of scenarios, the one on the border in part; never below VaR
 *
 * Of insolvency the losses are bad debt; liquidations at risk are the VaR of what is liquidated. Gauntlet and Chaos Labs
 * report both at 95 or 99 % of simulated days.
 */
import { badInput, numberAt } from './network'

export interface AtRisk {
  valueAtRisk: number
  expectedShortfall: number
  mean: number
  worst: number
}

/** Throws PlimsollError without losses, on a loss that is NaN, or on a level outside 0 … 1 (exclusive). */
export function atRisk(losses: Float64Array, level: number): AtRisk {
  if (losses.length === 0) throw badInput('there are no scenarios to take a risk from')
  if (!(level > 0 && level < 1)) throw badInput(`level is ${level}: it must be between 0 and 1`)
  losses.forEach((loss, s) => {
    numberAt(loss, `the loss of scenario ${s}`)
  })
  const sorted = Float64Array.from(losses).sort()
  const count = sorted.length
  // Rounding must not turn 0.95 · 100 into a little more than 95.
  const inside = Math.max(1, Math.ceil(level * count - 1e-9))
  const valueAtRisk = sorted[inside - 1]!
  const tail = (1 - level) * count
  let sum = Math.max(0, tail - (count - inside)) * valueAtRisk
  for (let s = inside; s < count; s++) sum += sorted[s]!
  return {
    valueAtRisk,
    // A mean of losses lies between them, however they round.
    expectedShortfall: Math.min(sorted[count - 1]!, Math.max(valueAtRisk, sum / tail)),
    mean: sorted.reduce((a, b) => a + b, 0) / count,
    worst: sorted[count - 1]!,
  }
}

/** Sum over markets of each scenario of a scenarios × markets matrix. */
export function scenarioTotals(matrix: Float64Array, markets: number): Float64Array {
  const scenarios = matrix.length / markets
  if (!Number.isInteger(scenarios))
    throw badInput(`${matrix.length} losses are no whole number of ${markets} markets`)
  const totals = new Float64Array(scenarios)
  for (let k = 0; k < matrix.length; k++) totals[Math.floor(k / markets)]! += matrix[k]!
  return totals
}
