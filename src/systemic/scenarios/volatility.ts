/**
 * Volatility that changes, step by step from returns.
 *
 *   EWMA     v ← λ·v + (1 − λ)·r²                          RiskMetrics (1996), λ = 0.94 for days
 *   GARCH    v ← ω + α·r² + β·v                            Bollerslev (1986)
 *
 * GARCH is fitted by normal quasi-likelihood over (α, β) with ω set so that the long-run variance is the sample's, on a
 * grid that closes in on its best point: deterministic, and within α + β < 1 by construction.
 */
import { badInput, numberAt } from '../network'

export interface Garch {
  omega: number
  alpha: number
  beta: number
}

export const EWMA_DAILY = 0.94
const LEAST_RETURNS = 50
const MOST_PERSISTENCE = 0.9999

/** Variance before each return, and after the last: one more than there are returns. */
export function garchVariances(returns: Float64Array, { omega, alpha, beta }: Garch): Float64Array {
  const variances = new Float64Array(returns.length + 1)
  variances[0] = meanSquare(returns)
  for (let t = 0; t < returns.length; t++)
    variances[t + 1] = omega + alpha * returns[t]! * returns[t]! + beta * variances[t]!
  return variances
}

/** The same by EWMA, which is GARCH without a mean to return to. */
export function ewmaVariances(returns: Float64Array, lambda = EWMA_DAILY): Float64Array {
  const kept = numberAt(lambda, 'lambda', { least: 0, most: 1 })
  checked(returns, 1)
  return garchVariances(returns, { omega: 0, alpha: 1 - kept, beta: kept })
}

/** GARCH(1,1) of returns without mean. Throws PlimsollError where there are too few, or none that move. */
export function fitGarch(returns: Float64Array): Garch {
  checked(returns, LEAST_RETURNS)
  const longRun = meanSquare(returns)
  if (longRun === 0) throw badInput('the price never moves: it has no volatility to fit')
  const at = (alpha: number, beta: number): Garch => ({ omega: longRun * (1 - alpha - beta), alpha, beta })
  let best = { alpha: 0.05, beta: 0.9, loss: Number.POSITIVE_INFINITY }
  let [alphaStep, betaStep] = [0.1, 0.2]
  const center = { alpha: 0.25, beta: 0.5 }
  for (let pass = 0; pass < 14; pass++) {
    for (let i = -3; i <= 3; i++) {
      for (let j = -3; j <= 3; j++) {
        const [alpha, beta] = [center.alpha + i * alphaStep, center.beta + j * betaStep]
        if (alpha < 0 || beta < 0 || alpha + beta > MOST_PERSISTENCE) continue
        const loss = negativeLikelihood(returns, at(alpha, beta))
        if (loss < best.loss) best = { alpha, beta, loss }
      }
    }
    center.alpha = best.alpha
    center.beta = best.beta
    alphaStep /= 2
    betaStep /= 2
  }
  return at(best.alpha, best.beta)
}

/** Σ ln v + r²/v: twice the normal negative log-likelihood, but for a constant. */
export function negativeLikelihood(returns: Float64Array, model: Garch): number {
  const variances = garchVariances(returns, model)
  let sum = 0
  for (let t = 0; t < returns.length; t++)
    sum += Math.log(variances[t]!) + (returns[t]! * returns[t]!) / variances[t]!
  return sum
}

function meanSquare(returns: Float64Array): number {
  return returns.reduce((sum, r) => sum + r * r, 0) / returns.length
}

function checked(returns: Float64Array, least: number): void {
  if (returns.length < least) throw badInput(`${returns.length} returns are too few: at least ${least}`)
  for (let t = 0; t < returns.length; t++) numberAt(returns[t], `return ${t}`)
}
