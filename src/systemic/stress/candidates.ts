/** Which positions and parameters are worth leaving out to see what that changes: those that lose most over the draws. */
import type { Book } from '../book'

export interface Candidates {
  /** Indices of positions, and of markets as collateral, most first; none without a loss. */
  positions: number[]
  markets: number[]
}

/**
 * @param lostUsd bad debt of each position, summed over draws; shared among its collaterals by what they are worth before
 */
export function candidatesOf(
  book: Book,
  lostUsd: Float64Array,
  most: { positions: number; markets: number },
): Candidates {
  const byMarket = new Float64Array(book.markets.length)
  lostUsd.forEach((lost, i) => {
    if (lost > 0) blame(book, i, { lost, byMarket })
  })
  return { positions: greatest(lostUsd, most.positions), markets: greatest(byMarket, most.markets) }
}

/** A position without collateral blames none. */
function blame(
  { positions, markets, assets }: Book,
  i: number,
  { lost, byMarket }: { lost: number; byMarket: Float64Array },
): void {
  const [from, to] = [positions.collateralStart[i]!, positions.collateralStart[i + 1]!]
  const worthOf = (k: number) =>
    positions.collateralUnits[k]! * assets[markets[positions.collateralMarket[k]!]!.asset]!.priceUsd
  let all = 0
  for (let k = from; k < to; k++) all += worthOf(k)
  if (all === 0) return
  for (let k = from; k < to; k++) byMarket[positions.collateralMarket[k]!]! += (lost * worthOf(k)) / all
}

function greatest(values: Float64Array, most: number): number[] {
  return Array.from(values.keys())
    .filter((i) => values[i]! > 0)
    .sort((a, b) => values[b]! - values[a]! || a - b)
    .slice(0, most)
}
