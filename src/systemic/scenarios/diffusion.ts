/**
 * Price scenarios from a fitted diffusion: geometric Brownian motion, and the same with Student-t steps, whose joint
 * extremes are what sinks lenders.
 *
 *   multiplier = exp(Σ over steps of mean·dt − σ²·dt/2 + σ·√dt·z)      z jointly normal or t with unit variance
 *
 * `drift` is of the price, so that with normal steps the expected multiplier is e^(drift·horizon).
 */
import { badInput, numberAt, vectorAt } from '../network'
import { checkedSize, jointDraws, type Shape } from './draws'

export interface DiffusionInput {
  /** Drift and volatility of each asset per unit of time. */
  drift: Float64Array
  sigma: Float64Array
  /** assets × assets, row-major. */
  correlation: Float64Array
  /** In the same unit of time. */
  horizon: number
  steps: number
  scenarios: number
  shape: Shape
  seed: number
}

/** Final over first price: scenarios × assets, row-major. The same seed gives the same matrix. */
export function diffusionScenarios(input: DiffusionInput): Float64Array {
  const { drift, sigma, correlation, steps, scenarios, shape, seed } = input
  const assets = sigma.length
  checkedSize(scenarios, assets, steps)
  vectorAt(drift, 'drift', { length: assets })
  vectorAt(sigma, 'sigma', { length: assets, least: 0 })
  if (correlation.length !== assets * assets)
    throw badInput(`a correlation of ${correlation.length} numbers does not fit ${assets} assets`)
  const dt = numberAt(input.horizon, 'horizon', { least: 0 }) / steps
  const draws = jointDraws(correlation, { seed, shape })
  const z = new Float64Array(assets)
  const result = new Float64Array(scenarios * assets)
  const root = Math.sqrt(dt)
  for (let s = 0; s < scenarios; s++) {
    const row = result.subarray(s * assets, (s + 1) * assets)
    for (let step = 0; step < steps; step++) {
      draws.next(z)
      for (let a = 0; a < assets; a++)
        row[a]! += (drift[a]! - (sigma[a]! * sigma[a]!) / 2) * dt + sigma[a]! * root * z[a]!
    }
    for (let a = 0; a < assets; a++) row[a] = Math.exp(row[a]!)
  }
  return result
}
