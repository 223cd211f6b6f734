/**
 * What stands behind one market before anybody sells: debt that leans on its collateral, what of it a change would make
 * liquidatable at once, how many units of collateral each scenario puts up for liquidation, and how far the collateral falls
 * against what is owed. All of it is counted, not simulated, so that caps and gaps do not depend on how liquidations go.
 */
import { quantileOfSorted } from '../../math/statistics'
import { type Book, bookPrices } from '../book'

/** Σ threshold · value, and debt, of position i at prices; USD. */
function standingOf(
  { markets, positions }: Book,
  prices: Float64Array,
  i: number,
): { limit: number; debt: number } {
  let limit = 0
  for (let k = positions.collateralStart[i]!; k < positions.collateralStart[i + 1]!; k++)
    limit +=
      positions.collateralUnits[k]! *
      prices[markets[positions.collateralMarket[k]!]!.asset]! *
      positions.collateralThreshold[k]!
  let debt = 0
  for (let k = positions.debtStart[i]!; k < positions.debtStart[i + 1]!; k++)
    debt += positions.debtUnits[k]! * prices[markets[positions.debtMarket[k]!]!.asset]!
  return { limit, debt }
}

/** Positions with collateral in market m and with debt. */
export function borrowersOn({ positions }: Book, m: number): Int32Array {
  const found: number[] = []
  for (let i = 0; i < positions.pool.length; i++) {
    if (positions.debtStart[i] === positions.debtStart[i + 1]) continue
    const rows = positions.collateralMarket.subarray(
      positions.collateralStart[i]!,
      positions.collateralStart[i + 1]!,
    )
    if (rows.includes(m)) found.push(i)
  }
  return Int32Array.from(found)
}

/** USD owed by positions with collateral in market m. */
export function debtOn(book: Book, m: number): number {
  const prices = bookPrices(book)
  return borrowersOn(book, m).reduce((sum, i) => sum + standingOf(book, prices, i).debt, 0)
}

/** USD owed by positions that are healthy in `before`, and in `after` no longer, at today's prices. */
export function forcedUsd(before: Book, after: Book, m: number): number {
  const prices = bookPrices(before)
  let sum = 0
  for (const i of borrowersOn(before, m)) {
    const [then, now] = [standingOf(before, prices, i), standingOf(after, prices, i)]
    if (then.limit >= then.debt && now.limit < now.debt) sum += now.debt
  }
  return sum
}

/** Units of market m's collateral in positions that a scenario's prices make liquidatable, one number a scenario. */
export function eligibleUnits(book: Book, m: number, prices: Float64Array): Float64Array {
  const { positions, assets } = book
  const borrowers = borrowersOn(book, m)
  const held = Float64Array.from(borrowers, (i) => {
    let units = 0
    for (let k = positions.collateralStart[i]!; k < positions.collateralStart[i + 1]!; k++)
      if (positions.collateralMarket[k] === m) units += positions.collateralUnits[k]!
    return units
  })
  return Float64Array.from({ length: prices.length / assets.length }, (_, s) => {
    const row = prices.subarray(s * assets.length, (s + 1) * assets.length)
    let units = 0
    for (let b = 0; b < borrowers.length; b++) {
      const { limit, debt } = standingOf(book, row, borrowers[b]!)
      if (limit < debt) units += held[b]!
    }
    return units
  })
}

/** Share of its price that market m's collateral loses against what its borrowers owe, in a scenario at `level`. */
export function fallAgainstDebt(book: Book, m: number, prices: Float64Array, level: number): number {
  const { positions, markets, assets } = book
  const start = bookPrices(book)
  const owedUsd = new Float64Array(assets.length)
  for (const i of borrowersOn(book, m))
    for (let k = positions.debtStart[i]!; k < positions.debtStart[i + 1]!; k++) {
      const { asset } = markets[positions.debtMarket[k]!]!
      owedUsd[asset]! += positions.debtUnits[k]! * start[asset]!
    }
  const total = owedUsd.reduce((a, b) => a + b, 0)
  const own = markets[m]!.asset
  const falls = Float64Array.from({ length: prices.length / assets.length }, (_, s) => {
    const rise = (a: number) => prices[s * assets.length + a]! / start[a]!
    let owed = total === 0 ? 1 : 0
    for (let a = 0; a < assets.length; a++) if (owedUsd[a]! > 0) owed += (owedUsd[a]! / total) * rise(a)
    return owed === 0 ? 0 : Math.max(0, 1 - rise(own) / owed)
  })
  return quantileOfSorted(falls.sort(), level)
}
