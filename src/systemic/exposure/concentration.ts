/**
 * Who and what the book leans on: shares of borrowers and suppliers, and how much lending pools have the same things behind
 * their loans. The index is Herfindahl's and Hirschman's; overlap of portfolios after Guo, Minca and Wang, The Topology of
 * Overlapping Portfolio Networks (2016).
 */
import { groupBy } from '../group-by'
import type { LookThrough } from './look-through'
import type { Concentration, ExposureHolding, ExposureInput, Overlap, Spread } from './types'

const TOP = 10

/** Shares of amounts; those of nothing are 0. */
export function spreadOf(amounts: Iterable<number>): Spread {
  const sorted = Float64Array.from([...amounts].filter((usd) => usd > 0))
    .sort()
    .reverse()
  const whole = sorted.reduce((sum, usd) => sum + usd, 0)
  if (!(whole > 0)) return { count: 0, hhi: 0, top1Share: 0, top10Share: 0 }
  const shares = sorted.map((usd) => usd / whole)
  return {
    count: shares.length,
    hhi: shares.reduce((sum, share) => sum + share ** 2, 0),
    top1Share: shares[0]!,
    top10Share: Math.min(
      1,
      shares.slice(0, TOP).reduce((sum, share) => sum + share, 0),
    ),
  }
}

/** Over everything, by protocol and by market; the markets with most debt first. */
export function concentrationOf({ venues, holdings }: ExposureInput): Concentration[] {
  const over = (scope: Concentration['scope'], id: string, mine: readonly ExposureHolding[]) => ({
    ...{ scope, id },
    borrowers: spreadOf(sumByAccount(mine, 'borrowedUsd')),
    suppliers: spreadOf(sumByAccount(mine, 'suppliedUsd')),
  })
  const lending = venues.map((venue, at) => ({ venue, at })).filter(({ venue }) => venue.kind === 'lending')
  const byMarket = groupBy(holdings, ({ venue }) => venue)
  const byProtocol = groupBy(holdings, ({ venue }) => venues[venue]!.protocol)
  const markets = lending.sort(
    (a, b) => b.venue.borrowedUsd - a.venue.borrowedUsd || (a.venue.id < b.venue.id ? -1 : 1),
  )
  return [
    over('all', 'all', holdings),
    ...[...byProtocol.keys()].sort().map((name) => over('protocol', name, byProtocol.get(name)!)),
    ...markets.map(({ venue, at }) => over('market', venue.id, byMarket.get(at) ?? [])),
  ]
}

function sumByAccount(
  holdings: readonly ExposureHolding[],
  side: 'borrowedUsd' | 'suppliedUsd',
): Iterable<number> {
  const sums = new Map<string, number>()
  for (const one of holdings) sums.set(one.accountId, (sums.get(one.accountId) ?? 0) + one[side])
  return sums.values()
}

/** Pairs of lending pools with something in common, most first. Their collateral is looked through. */
export function overlapsOf({ venues, holdings }: ExposureInput, { behind }: LookThrough): Overlap[] {
  const pools = new Map<string, Map<number, number>>()
  for (const { venue, collateralUsd } of holdings) {
    if (!(collateralUsd > 0)) continue
    const { pool, legs } = venues[venue]!
    const sums = pools.get(pool) ?? new Map<number, number>()
    pools.set(pool, sums)
    for (const [base, share] of behind[legs[0]!.asset]!)
      sums.set(base, (sums.get(base) ?? 0) + collateralUsd * share)
  }
  const ids = [...pools.keys()].sort()
  const overlaps = ids.flatMap((a, i) =>
    ids.slice(i + 1).map((b) => ({ a, b, ...overlap(pools.get(a)!, pools.get(b)!) })),
  )
  return overlaps
    .filter(({ sharedUsd }) => sharedUsd > 0)
    .sort((x, y) => y.sharedUsd - x.sharedUsd || (x.a + x.b < y.a + y.b ? -1 : 1))
}

function overlap(one: ReadonlyMap<number, number>, other: ReadonlyMap<number, number>) {
  let [sharedUsd, product] = [0, 0]
  for (const [base, usd] of one) {
    const there = other.get(base) ?? 0
    sharedUsd += Math.min(usd, there)
    product += usd * there
  }
  const size = (sums: ReadonlyMap<number, number>) => Math.hypot(...sums.values())
  return { sharedUsd, similarity: Math.min(1, product / (size(one) * size(other))) }
}
