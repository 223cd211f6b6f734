/**
 * Filtered historical bootstrap: past days, freed of the volatility of their time and given that of today.
 *
 *   zₜ = rₜ / √vₜ     each asset's returns by its own GARCH or EWMA variance
 *   scenario: days drawn with replacement, all assets of a day together; r = z·√v with v going on from its last value
 *
 * Barone-Adesi, Giannopoulos and Vosper, VaR Without Correlations (1999): correlations and tails are the past's own.
 */
import { seededRandom } from '../../math/statistics'
import { badInput, numberAt } from '../network'
import { checkedSize } from './draws'
import { columnOf, type Series } from './returns'
import { ewmaVariances, fitGarch, type Garch, garchVariances } from './volatility'

export interface BootstrapInput {
  /** Log returns, a row a step. */
  returns: Series
  volatility: 'garch' | 'ewma'
  steps: number
  scenarios: number
  seed: number
}

interface Filtered {
  model: Garch
  /** Standardised returns, and variance of the next step. */
  residuals: Float64Array
  variance: number
}

/** Final over first price: scenarios × assets, row-major. The same seed gives the same matrix. */
export function bootstrapScenarios(input: BootstrapInput): Float64Array {
  const { returns, steps, scenarios } = input
  const { assets } = returns
  checkedSize(scenarios, assets, steps)
  const filtered = Array.from({ length: assets }, (_, a) => filter(columnOf(returns, a), input.volatility))
  const days = filtered[0]!.residuals.length
  const random = seededRandom(numberAt(input.seed, 'seed'))
  const result = new Float64Array(scenarios * assets)
  const variance = new Float64Array(assets)
  for (let s = 0; s < scenarios; s++) {
    filtered.forEach((one, a) => {
      variance[a] = one.variance
    })
    const row = result.subarray(s * assets, (s + 1) * assets)
    for (let step = 0; step < steps; step++) {
      const day = Math.floor(random() * days)
      for (let a = 0; a < assets; a++) {
        const { model, residuals } = filtered[a]!
        const moved = residuals[day]! * Math.sqrt(variance[a]!)
        row[a]! += moved
        variance[a] = model.omega + model.alpha * moved * moved + model.beta * variance[a]!
      }
    }
    for (let a = 0; a < assets; a++) row[a] = Math.exp(row[a]!)
  }
  return result
}

function filter(returns: Float64Array, volatility: 'garch' | 'ewma'): Filtered {
  const model = volatility === 'garch' ? fitGarch(returns) : { omega: 0, alpha: 0.06, beta: 0.94 }
  const variances = volatility === 'garch' ? garchVariances(returns, model) : ewmaVariances(returns)
  const residuals = returns.map((r, t) => {
    if (variances[t] === 0) throw badInput(`return ${t} follows none that moved: it has no volatility`)
    return r / Math.sqrt(variances[t]!)
  })
  return { model, residuals, variance: variances[returns.length]! }
}
