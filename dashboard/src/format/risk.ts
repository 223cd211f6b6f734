/** Bands of health and severity: each has a word, so that colour never carries the meaning alone. */
import type { HealthBucket, LiquidationPrice, Severity } from '../data/types'

export type Tone = 'danger' | 'warning' | 'watch' | 'calm' | 'none'

/**
 * The band of a health factor. Below 1 the position can be liquidated; below 1.1 Plimsoll counts it at risk. Debt without
 * any collateral has health factor 0: there is nothing to liquidate, the debt is lost.
 */
export function healthBand(healthFactor: number | null): { label: string; tone: Tone } {
  if (healthFactor === null) return { label: 'No debt', tone: 'none' }
  if (healthFactor === 0) return { label: 'Bad debt', tone: 'danger' }
  if (healthFactor < 1) return { label: 'Liquidatable', tone: 'danger' }
  if (healthFactor < 1.1) return { label: 'At risk', tone: 'warning' }
  if (healthFactor < 1.5) return { label: 'Watch', tone: 'watch' }
  return { label: 'Healthy', tone: 'calm' }
}

export const severityTone: Readonly<Record<Severity, Tone>> = {
  critical: 'danger',
  high: 'danger',
  medium: 'warning',
  low: 'watch',
  info: 'none',
}

/**
 * The collateral whose liquidation price is nearest to its price, by relative distance, and that distance (negative:
 * how far it may fall; positive: already below the line by so much). Undefined when no price is known.
 */
export function nearestLiquidation(
  prices: readonly LiquidationPrice[],
): (LiquidationPrice & { price: number; liquidationPrice: number; distance: number }) | undefined {
  return prices
    .flatMap((entry) => {
      const { price, liquidationPrice } = entry
      if (price === null || liquidationPrice === null || !(price > 0) || !(liquidationPrice > 0)) return []
      return [{ ...entry, price, liquidationPrice, distance: liquidationPrice / price - 1 }]
    })
    .sort((a, b) => b.distance - a.distance)[0]
}

/** The band of a histogram's bucket, from its upper edge; open above is healthy. A bucket without edges has no debt. */
export function bucketTone(bucket: HealthBucket): Tone {
  const { lower, upper } = bucket
  if (lower === null && upper === null) return 'none'
  if (upper === null || upper > 1.5) return 'calm'
  if (upper <= 1) return 'danger'
  return upper <= 1.1 ? 'warning' : 'watch'
}
