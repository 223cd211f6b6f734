/** Books that differ from another in one thing: a position that is not there, a threshold that is tighter. */
import type { Book } from '../book'

/** One per cent point. */
export const TIGHTER_BY = 0.01

/** The book in which position `i` neither holds nor owes anything. */
export function withoutPosition(book: Book, i: number): Book {
  const { positions } = book
  const collateralUnits = positions.collateralUnits.slice()
  const debtUnits = positions.debtUnits.slice()
  collateralUnits.fill(0, positions.collateralStart[i]!, positions.collateralStart[i + 1]!)
  debtUnits.fill(0, positions.debtStart[i]!, positions.debtStart[i + 1]!)
  return { ...book, positions: { ...positions, collateralUnits, debtUnits } }
}

/** The book in which market `m` counts a per cent point less of its collateral, for positions that there are. */
export function withTighterThreshold(book: Book, m: number): Book {
  const { positions, markets } = book
  const collateralThreshold = positions.collateralThreshold.map((threshold, k) =>
    positions.collateralMarket[k] === m ? Math.max(0, threshold - TIGHTER_BY) : threshold,
  )
  const tighter = ({ threshold }: Book['markets'][number]) =>
    threshold === null ? null : Math.max(0, threshold - TIGHTER_BY)
  return {
    ...book,
    positions: { ...positions, collateralThreshold },
    markets: markets.map((market, at) => (at === m ? { ...market, threshold: tighter(market) } : market)),
  }
}
