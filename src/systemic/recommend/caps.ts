/**
 * Caps from what the market can absorb. After Chaos Labs' published method of February 2023:
 *
 *   absorbed   units whose sale moves the price by no more than the bonus: beyond it nobody liquidates
 *   put up     units in positions that a bad scenario (the tail level) makes liquidatable all at once
 *   supplyCap  = supplied · min(2, absorbed / put up)
 *   borrowCap  = supplyCap · optimal utilization
 *
 * New supply is taken to be used as the present one is, and no cap more than doubles what is there. A cap that is already
 * lower is left alone: raising one is a matter of demand, which no scenario shows.
 */
import { quantileOfSorted } from '../../math/statistics'
import type { Book } from '../book'
import { saleTo } from '../depth'
import { eligibleUnits } from './exposure'
import { type Terms, withTerms } from './parameters'

const MOST_GROWTH = 2

export interface CapAnswer {
  /** Whole tokens; null where the present cap stands. */
  supplyCap: number | null
  borrowCap: number | null
  reason: string
  /** True where no pool is known, so that nothing can be said. */
  isUnknown: boolean
  /** The part of what is supplied that the bad scenario puts up, 0 … 1. */
  putUpShare: number
}

/** Caps of market m under `terms`, and the kink of its curve for the borrow cap. Rows of prices are scenarios. */
export function capsOf(
  book: Book,
  m: number,
  { terms, prices, level, optimal }: { terms: Terms; prices: Float64Array; level: number; optimal: number },
): CapAnswer {
  const { suppliedUnits, borrowedUnits, supplyCap, borrowCap, asset } = book.markets[m]!
  const { depth, priceUsd, symbol } = book.assets[asset]!
  const putUp = putUpUnits(withTerms(book, m, terms), m, prices, level)
  const putUpShare = suppliedUnits > 0 ? Math.min(1, putUp / suppliedUnits) : 0
  const keep = (reason: string, isUnknown = false): CapAnswer => ({
    ...{ supplyCap: null, borrowCap: null, reason, isUnknown, putUpShare },
  })
  if (suppliedUnits <= 0) return keep('nothing is supplied')
  if (depth.kind === 'unmoved')
    return keep(`no exchange pool of ${symbol} is known: what can be sold is unknown`, true)
  if (putUp === 0) return keep('no scenario at the tail level puts any of it up for liquidation')
  const absorbed = saleTo(depth, priceUsd, 1 / terms.bonus)
  const cap = wholeDown(suppliedUnits * Math.min(MOST_GROWTH, absorbed / putUp))
  const facts = `the bonus pays for selling ${short(absorbed)} ${symbol}, a bad scenario puts up ${short(putUp)}`
  const present = supplyCap ?? Number.POSITIVE_INFINITY
  if (cap >= present || absorbed / putUp >= MOST_GROWTH) return keep(`${facts}: the present cap stands`)
  const borrow = wholeDown(cap * optimal)
  const isLower = borrowedUnits > 0 && borrow < (borrowCap ?? Number.POSITIVE_INFINITY)
  return { supplyCap: cap, borrowCap: isLower ? borrow : null, reason: facts, isUnknown: false, putUpShare }
}

/** Units that a scenario at `level` puts up at once. */
export function putUpUnits(book: Book, m: number, prices: Float64Array, level: number): number {
  return quantileOfSorted(eligibleUnits(book, m, prices).sort(), level)
}

/** Caps are whole tokens on chain; of an asset worth a fortune each, less than one is said as it is. */
function wholeDown(units: number): number {
  return units >= 1 ? Math.floor(units * (1 + 1e-12)) : units
}

function short(units: number): string {
  return units.toPrecision(4)
}
