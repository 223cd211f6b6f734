/** What a market does for those who use it, beside the losses: what can be borrowed, what is lent out, what it earns. */
import type { Book } from '../book'
import type { Candidate } from './candidate'
import { rateOf, utilizationOf } from './rate-curve'
import type { Efficiency, RateCurve } from './types'

/** Before reserve factors, at today's utilization. */
export function efficiencyOf(
  book: Book,
  m: number,
  candidate: Candidate,
  curve: RateCurve | null,
): Efficiency {
  const market = book.markets[m]!
  const utilization = utilizationOf(market)
  const suppliedUsd = market.suppliedUnits * book.assets[market.asset]!.priceUsd
  return {
    borrowingPowerUsd: candidate.powerUsd,
    expectedLiquidatedUsd: candidate.liquidatedUsd,
    forcedUsd: candidate.forcedUsd,
    utilization,
    supplierRevenueUsdYear:
      curve === null || utilization === null ? null : utilization * rateOf(curve, utilization) * suppliedUsd,
  }
}
