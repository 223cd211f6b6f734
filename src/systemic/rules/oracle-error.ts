/**
 * How wrong an oracle is against what the asset is worth, and what a wrong feed most likely forgot.
 *
 *   deviation = reported/worth − 1          −1 is nothing left, 0 is right
 *
 * A composite feed multiplies legs (cbETH/ETH · ETH/USD). One that was set up without a leg reports the product of the
 * others: a ratio of 1.12 for something worth 2,200. Such a price is neither old nor noisy, so no check of age or of
 * moves finds it; that it equals a product of the feed's own legs does.
 */
import { badInput, numberAt } from '../network'

const MOST_LEGS = 8

/** reported/worth − 1. @throws PlimsollError where either is not a number, or the worth is not above 0 */
export function oracleDeviation({ reported, worth }: { reported: number; worth: number }): number {
  numberAt(reported, 'reported', { least: 0 })
  if (numberAt(worth, 'worth', { least: 0 }) === 0)
    throw badInput('worth is 0: nothing deviates from an asset without a price')
  return reported / worth - 1
}

export interface FeedLeg {
  name: string
  price: number
}

export interface CompositeFinding {
  deviation: number
  isWrong: boolean
  /** Legs without which the product of the rest is what was reported; empty where nothing explains it. */
  missing: string[]
}

/**
 * Compares a composite feed with the product of its legs, and looks for the smallest set of legs whose absence explains
 * what it reports. `tolerance` is relative, 0 … 1. At most 8 legs.
 */
export function examineComposite(
  reported: number,
  legs: readonly FeedLeg[],
  tolerance: number,
): CompositeFinding {
  numberAt(tolerance, 'tolerance', { least: 0, most: 1 })
  if (legs.length === 0 || legs.length > MOST_LEGS)
    throw badInput(`a composite feed of ${legs.length} legs: it has 1 to ${MOST_LEGS}`)
  for (const { name, price } of legs)
    if (numberAt(price, name, { least: 0 }) === 0) throw badInput(`${name} is 0: a leg has a price`)
  const worth = legs.reduce((product, leg) => product * leg.price, 1)
  const deviation = oracleDeviation({ reported, worth })
  const isWrong = Math.abs(deviation) > tolerance
  return { deviation, isWrong, missing: isWrong ? missingLegs(reported, legs, tolerance) : [] }
}

/** Tries every proper, nonempty part of the legs, larger ones first; of equally large ones the closest. */
function missingLegs(reported: number, legs: readonly FeedLeg[], tolerance: number): string[] {
  let found: { missing: string[]; gap: number } | undefined
  for (let mask = 1; mask < 2 ** legs.length - 1; mask++) {
    const kept = legs.filter((_, i) => (mask >> i) & 1)
    const product = kept.reduce((total, leg) => total * leg.price, 1)
    const gap = Math.abs(reported / product - 1)
    const missing = legs.filter((_, i) => !((mask >> i) & 1)).map((leg) => leg.name)
    const isBetter =
      found === undefined ||
      missing.length < found.missing.length ||
      (missing.length === found.missing.length && gap < found.gap)
    if (gap <= tolerance && isBetter) found = { missing, gap }
  }
  return found?.missing ?? []
}
