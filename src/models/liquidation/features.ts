/**
 * The inputs of `liquidation` from plain numbers. Training and serving call this one function, so a definition cannot
 * mean two things. Pure; distances rather than levels, because levels of price and leverage do not carry over to
 * another market.
 */
import { normalCdf } from '../../math/statistics'

const SEC_PER_YEAR = 365 * 86_400
const HALF_LIFE_SEC = 14 * 86_400
const PRIOR_VOLATILITY = 0.9
const PRIOR_SEC = 86_400
const HORIZON_YEARS = 30 / 365

/** One point of a value's history, seconds since the epoch, value > 0 in any constant unit. */
export type ValuePoint = { timeSec: number; value: number }

/** How long a volatility remembers, and the time for which its prior of 0.9 counts. */
export type VolatilityMemory = { halfLifeSec: number; priorSec: number }

/**
 * Annualised, exponentially weighted volatility (half-life 14 days) of the log of a positive value, shrunk towards 0.9
 * with the weight of one day; `memory` sets other times. Points ascend in time; those after `asOfSec` are ignored. Steps
 * may be irregular. With fewer than two points the prior itself. Result in (0, 5].
 *
 * Worked: one step of +1 % over one hour, just now: (0.00995² + 0.81/365) / (1/8760 + 1/365) → σ = 0.901.
 */
export function ewmaVolatility(
  history: readonly ValuePoint[],
  asOfSec: number,
  { halfLifeSec, priorSec }: VolatilityMemory = { halfLifeSec: HALF_LIFE_SEC, priorSec: PRIOR_SEC },
): number {
  let variance = PRIOR_VOLATILITY * PRIOR_VOLATILITY * (priorSec / SEC_PER_YEAR)
  let years = priorSec / SEC_PER_YEAR
  for (let i = 1; i < history.length; i++) {
    const from = history[i - 1]!
    const to = history[i]!
    if (to.timeSec > asOfSec) break
    const weight = 2 ** (-(asOfSec - to.timeSec) / halfLifeSec)
    const change = Math.log(to.value / from.value)
    variance += weight * change * change
    years += weight * ((to.timeSec - from.timeSec) / SEC_PER_YEAR)
  }
  return Math.min(5, Math.sqrt(variance / years))
}

/** What is known of a position as of one block. */
export type PositionFacts = {
  /** > 0; Infinity or NaN when there is no debt or no price. */
  healthFactor: number
  /** Both in the same money. */
  debtValue: number
  collateralValue: number
  /** From `ewmaVolatility` over the position's own health factor, or its collateral's price in units of its debt. */
  volatility: number
}

/** The row of inputs in the order of `liquidationSpec`; all NaN when the position has no debt or no usable price. */
export function liquidationRow(facts: PositionFacts): number[] {
  const { healthFactor, debtValue, collateralValue, volatility } = facts
  const usable = healthFactor > 0 && Number.isFinite(healthFactor) && debtValue > 0 && volatility > 0
  if (!usable) return [Number.NaN, Number.NaN, Number.NaN, Number.NaN, Number.NaN]
  const logHealthFactor = clamp(Math.log(healthFactor), -1, 5)
  const sigma = Math.min(5, volatility)
  const distance = clamp(logHealthFactor / (sigma * Math.sqrt(HORIZON_YEARS)), -2, 10)
  const leverage = clamp(debtValue / collateralValue, 0, 3)
  return [logHealthFactor, sigma, distance, firstPassageProbability(distance), leverage]
}

/** Probability that a driftless Brownian motion touches a barrier `distance` standard deviations away: reflection. */
export function firstPassageProbability(distance: number): number {
  return Math.min(1, 2 * normalCdf(-distance))
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value))
}
