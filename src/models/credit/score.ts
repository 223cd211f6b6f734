/**
 * The credit score, 300 to 850, of a position and of an account. Pure.
 *
 * score = 600 − 40 · log₂(odds / odds of 1 %), odds = p / (1 − p), p = probability of a liquidation within 30 days;
 * rounded, and held in [300, 850]. So 600 is one liquidation in a hundred such positions a month, and 40 points halve the
 * odds. All three probabilities of `credit` rise with one risk index, so the score falls with each of them.
 */

const BASE = 600
const BASE_PROBABILITY = 0.01
const POINTS_TO_HALVE = 40
const WORST = 300
const BEST = 850

/** Probabilities of at least one liquidation within 1, 7 and 30 days, ascending. */
export type LiquidationOdds = { p1d: number; p7d: number; p30d: number }

/** Worked: p30d 0.01 → 600; 0.005 → 640; 0.5 → 335; 0 → 850. @throws RangeError outside [0, 1] and for NaN */
export function creditScore(p30d: number): number {
  if (!(p30d >= 0 && p30d <= 1)) throw new RangeError(`a probability of ${p30d}`)
  const halvings = Math.log2((BASE_PROBABILITY / (1 - BASE_PROBABILITY)) * ((1 - p30d) / p30d))
  return Math.round(Math.min(BEST, Math.max(WORST, BASE + POINTS_TO_HALVE * halvings)))
}

/**
 * An account's odds that any of its positions is liquidated: 1 − Π (1 − p), as if positions failed independently. Those
 * that share a collateral fail together, so for them this is too high, never too low: the largest is a lower bound.
 * Undefined without positions.
 */
export function accountOdds(positions: readonly LiquidationOdds[]): LiquidationOdds | undefined {
  if (positions.length === 0) return undefined
  const any = (odds: (position: LiquidationOdds) => number): number =>
    1 - positions.reduce((alive, position) => alive * (1 - odds(position)), 1)
  return { p1d: any((p) => p.p1d), p7d: any((p) => p.p7d), p30d: any((p) => p.p30d) }
}
