/**
 * Price series as returns: what every scenario is fitted from. A series is a matrix of prices, a row a time, a column an
 * asset; log returns add over time and move prices by e^r.
 */
import { badInput } from '../network'

export interface Series {
  assets: number
  /** times × assets, row-major. */
  values: Float64Array
}

/** Log returns of prices. Throws PlimsollError on a price that is not above zero, or fewer than two rows. */
export function logReturns({ assets, values }: Series): Series {
  const times = values.length / assets
  if (!Number.isInteger(times) || times < 2)
    throw badInput(`${values.length} prices of ${assets} assets: at least two whole rows are needed`)
  for (let k = 0; k < values.length; k++)
    if (!(values[k]! > 0 && values[k]! < Number.POSITIVE_INFINITY))
      throw badInput(
        `the price of asset ${k % assets} at time ${Math.floor(k / assets)} is ${values[k]}: it must be above 0`,
      )
  const returns = new Float64Array(values.length - assets)
  for (let k = 0; k < returns.length; k++) returns[k] = Math.log(values[k + assets]! / values[k]!)
  return { assets, values: returns }
}

/** One asset's column. */
export function columnOf({ assets, values }: Series, asset: number): Float64Array {
  return Float64Array.from({ length: values.length / assets }, (_, t) => values[t * assets + asset]!)
}

/** Mean, volatility (n − 1) and correlation (row-major) a step. An asset that never moves correlates with none. */
export function moments(returns: Series): {
  mean: Float64Array
  sigma: Float64Array
  correlation: Float64Array
} {
  const { assets } = returns
  const columns = Array.from({ length: assets }, (_, a) => columnOf(returns, a))
  const times = columns[0]?.length ?? 0
  if (times < 3) throw badInput(`${times} returns are too few to fit from: at least 3`)
  const mean = Float64Array.from(columns, (column) => column.reduce((a, b) => a + b, 0) / times)
  const covariance = (a: number, b: number) => {
    let sum = 0
    for (let t = 0; t < times; t++) sum += (columns[a]![t]! - mean[a]!) * (columns[b]![t]! - mean[b]!)
    return sum / (times - 1)
  }
  const sigma = Float64Array.from(columns, (_, a) => Math.sqrt(covariance(a, a)))
  const correlation = new Float64Array(assets * assets)
  for (let a = 0; a < assets; a++) {
    correlation[a * assets + a] = 1
    for (let b = 0; b < a; b++) {
      const scale = sigma[a]! * sigma[b]!
      const value = scale === 0 ? 0 : Math.max(-1, Math.min(1, covariance(a, b) / scale))
      correlation[a * assets + b] = value
      correlation[b * assets + a] = value
    }
  }
  return { mean, sigma, correlation }
}
