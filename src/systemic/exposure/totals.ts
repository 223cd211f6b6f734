/**
 * Value locked against value redeemable: what the same money counts for when it is deposited, borrowed, wrapped and
 * deposited again. After Luo, Feng, Xu and Liu, Piercing the Veil of TVL: DeFi Reappraised (2024), whose total value
 * redeemable leaves out tokens that are promises; here a promise is left out only as far as what it promises is counted.
 */
import { type LookThrough, presentUsd } from './look-through'
import type { ExposureGraph, ExposureInput, ExposureTotals, ExposureVenue } from './types'

const NOTHING: ExposureTotals = {
  ...{ valueLockedUsd: 0, lentUsd: 0, recountedUsd: 0, circularUsd: 0, redeemableUsd: 0, borrowedUsd: 0 },
}

/** Of one venue. */
function venueTotals(venue: ExposureVenue, look: LookThrough): ExposureTotals {
  const sums = { ...NOTHING, borrowedUsd: venue.borrowedUsd }
  const present = presentUsd(venue)
  venue.legs.forEach(({ asset, usd }, leg) => {
    const there = present[leg]!
    const circular = look.isCircular[asset] ? there : 0
    const recounted = (there - circular) * look.recounted[asset]!
    sums.valueLockedUsd += usd
    sums.lentUsd += usd - there
    sums.circularUsd += circular
    sums.recountedUsd += recounted
    sums.redeemableUsd += there - circular - recounted
  })
  return sums
}

export function totalsOf(
  { venues }: Pick<ExposureInput, 'venues'>,
  look: LookThrough,
): Pick<ExposureGraph, 'totals' | 'byProtocol'> {
  const protocols = new Map<string, ExposureTotals>()
  for (const venue of venues) {
    const before = protocols.get(venue.protocol) ?? NOTHING
    protocols.set(venue.protocol, sum(before, venueTotals(venue, look)))
  }
  const byProtocol = [...protocols]
    .map(([protocol, totals]) => ({ protocol, ...totals }))
    .sort((a, b) => b.valueLockedUsd - a.valueLockedUsd || (a.protocol < b.protocol ? -1 : 1))
  return { totals: [...protocols.values()].reduce(sum, NOTHING), byProtocol }
}

function sum(a: ExposureTotals, b: ExposureTotals): ExposureTotals {
  return {
    valueLockedUsd: a.valueLockedUsd + b.valueLockedUsd,
    lentUsd: a.lentUsd + b.lentUsd,
    recountedUsd: a.recountedUsd + b.recountedUsd,
    circularUsd: a.circularUsd + b.circularUsd,
    redeemableUsd: a.redeemableUsd + b.redeemableUsd,
    borrowedUsd: a.borrowedUsd + b.borrowedUsd,
  }
}

/** What is there and counted once, by what is behind it. */
export function behindOf(
  { assets, venues }: Pick<ExposureInput, 'assets' | 'venues'>,
  look: LookThrough,
): ExposureGraph['behind'] {
  const sums = new Map<number, number>()
  for (const venue of venues) {
    const present = presentUsd(venue)
    venue.legs.forEach(({ asset }, leg) => {
      if (look.isCircular[asset]) return
      for (const [base, share] of look.once[asset]!)
        sums.set(base, (sums.get(base) ?? 0) + present[leg]! * share)
    })
  }
  const whole = [...sums.values()].reduce((total, usd) => total + usd, 0)
  return [...sums]
    .filter(([, usd]) => usd > 0)
    .map(([base, usd]) => {
      const { id, symbol } = assets[base]!
      return { assetId: id, symbol, usd, share: whole > 0 ? usd / whole : 0 }
    })
    .sort((a, b) => b.usd - a.usd || (a.assetId < b.assetId ? -1 : 1))
}
