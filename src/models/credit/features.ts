/**
 * The inputs of `credit` from plain numbers; training and serving call this one function. Pure.
 *
 * Levels of price and leverage do not carry over to another market, so there are none: what counts is how many standard
 * deviations of a month's moves lie between a position and its liquidation, twice. Once from where it stands; once from
 * where its owner last left it, because a buffer that the market gave is one that owners spend again (by borrowing more)
 * or lose as they got it. And how new the position is: an owner who has seen a year of storms has shown how he meets them.
 * The square root of the distance spreads the range where liquidations happen.
 */
import { ewmaVolatility, type ValuePoint } from '../liquidation/features'

const DAY_SEC = 86_400
const HORIZON_YEARS = 30 / 365
/** A longer memory than a fortnight's ranks months of different calm better: see docs/models/credit.md. */
const MEMORY = { halfLifeSec: 30 * DAY_SEC, priorSec: 30 * DAY_SEC }
const YOUNG_DAYS = 14
/** A position on the brink is on the brink, however far off its owner once left it: at most twice the present distance. */
const MOST_REASSURING = 2
const MAX_DISTANCE = 10

/** What is known of a position as of one block. */
export type CreditFacts = {
  /** > 0; Infinity or NaN when there is no debt or no price. */
  healthFactor: number
  /** Both in the same money. */
  debtValue: number
  collateralValue: number
  /** From `creditVolatility`. */
  volatility: number
  /**
   * Value of the health factor that the amounts of now had at the prices of the owner's last action, over its value now;
   * 1 when that action is not known.
   */
  valueAtLastAction: number
  /** Since the owner's first action on the position; days, >= 0. */
  ageDays: number
}

/** Volatility per √year of a value's path up to `asOfSec`: half-life 30 days, shrunk towards 0.9 by 30 days' weight. */
export function creditVolatility(history: readonly ValuePoint[], asOfSec: number): number {
  return ewmaVolatility(history, asOfSec, MEMORY)
}

/**
 * The row of inputs in the order of `creditSpec`; all NaN when the position has no debt or no usable price.
 * Worked: HF 1.3, σ 0.9 → z = 0.2624 / (0.9 · 0.2867) = 1.0168, distanceRoot30d = 1.0084.
 */
export function creditRow(facts: CreditFacts): number[] {
  const { healthFactor, debtValue, collateralValue, volatility, valueAtLastAction, ageDays } = facts
  const usable =
    healthFactor > 0 &&
    Number.isFinite(healthFactor) &&
    debtValue > 0 &&
    volatility > 0 &&
    valueAtLastAction > 0 &&
    ageDays >= 0
  if (!usable) return [Number.NaN, Number.NaN, Number.NaN, Number.NaN]
  const sigma = Math.min(5, volatility) * Math.sqrt(HORIZON_YEARS)
  const now = Math.log(healthFactor)
  const chosen = Math.min(now + Math.log(valueAtLastAction), now > 0 ? MOST_REASSURING * now : now)
  return [
    rootDistance(now / sigma),
    rootDistance(chosen / sigma),
    1 / (1 + ageDays / YOUNG_DAYS),
    Math.min(3, debtValue / collateralValue),
  ]
}

/** Signed square root of a distance in standard deviations, which is first clamped to [−1, 10]. */
function rootDistance(distance: number): number {
  const bounded = Math.min(MAX_DISTANCE, Math.max(-1, distance))
  return Math.sign(bounded) * Math.sqrt(Math.abs(bounded))
}
