/** Scenarios with a story: a stretch of the past replayed, a price that leaves its peg, a bridge that fails. */
import { badInput, numberAt } from '../network'
import { logReturns, type Series } from './returns'

/**
 * Every window of `steps` steps of a price series, as final over first price: windows × assets, row-major. Throws
 * PlimsollError where the series has no such window or a price is not above zero.
 */
export function replayWindows(prices: Series, steps: number): Float64Array {
  const { assets, values } = prices
  logReturns(prices)
  const windows = values.length / assets - steps
  if (!Number.isInteger(steps) || steps < 1 || windows < 1)
    throw badInput(`windows of ${steps} steps do not fit ${values.length / assets} prices`)
  return Float64Array.from({ length: windows * assets }, (_, k) => values[k + steps * assets]! / values[k]!)
}

/** Prices along one stretch of the past, relative to its first row: rows × assets. Rows `from` to `to`, both included. */
export function replayPath(prices: Series, { from, to }: { from: number; to: number }): Float64Array {
  const { assets, values } = prices
  logReturns(prices)
  const rows = values.length / assets
  if (!(Number.isInteger(from) && Number.isInteger(to) && from >= 0 && from < to && to < rows))
    throw badInput(`rows ${from} to ${to} are no stretch of ${rows} prices`)
  return Float64Array.from(
    { length: (to - from + 1) * assets },
    (_, k) => values[from * assets + k]! / values[from * assets + (k % assets)]!,
  )
}

/** Multipliers where one asset falls to `price` and those that lean on it lose their part of the fall. */
export function depeg({
  assets,
  asset,
  multiplier,
  exposure,
}: {
  assets: number
  asset: number
  /** Price after over price before, 0 … 1. */
  multiplier: number
  /** Share of each asset's backing that is the fallen one, 0 … 1; nothing where left out. */
  exposure?: Float64Array
}): Float64Array {
  if (!(Number.isInteger(asset) && asset >= 0 && asset < assets))
    throw badInput(`asset ${asset} is none of ${assets}`)
  const left = numberAt(multiplier, 'multiplier', { least: 0, most: 1 })
  if (exposure !== undefined && exposure.length !== assets)
    throw badInput(`${exposure.length} exposures for ${assets} assets`)
  return Float64Array.from({ length: assets }, (_, a) => {
    if (a === asset) return left
    return 1 - numberAt(exposure?.[a] ?? 0, `exposure[${a}]`, { least: 0, most: 1 }) * (1 - left)
  })
}

/** Multipliers where a bridge returns only `recovered` of what it holds: every asset that it brought loses the rest. */
export function bridgeFailure({
  isBridged,
  recovered,
}: {
  /** 1 for an asset that the bridge brought. */
  isBridged: Uint8Array
  recovered: number
}): Float64Array {
  const left = numberAt(recovered, 'recovered', { least: 0, most: 1 })
  if (!isBridged.includes(1)) throw badInput('no asset came over the bridge: its failure changes nothing')
  return Float64Array.from(isBridged, (bridged) => (bridged === 1 ? left : 1))
}
