/** A book under other parameters of one market, and what borrowers then do. Books are not changed: each answer is a new one. */
import type { Book, BookMarket } from '../book'
import type { Behaviour, Parameters } from './types'

/** What of a market's parameters decides over liquidations; all three are known where a market can be collateral. */
export interface Terms {
  ltv: number
  threshold: number
  bonus: number
}

/** To whole basis points, which is what contracts hold, downwards. */
export function toBpsDown(value: number): number {
  return Math.floor(value * 1e4 + 1e-6) / 1e4
}

/** The same upwards: of a least value, one less would break it. */
export function toBpsUp(value: number): number {
  return Math.ceil(value * 1e4 - 1e-6) / 1e4
}

/** A market's terms, or undefined where its asset is no collateral. */
export function termsOf({ ltv, threshold, bonus }: BookMarket): Terms | undefined {
  if (threshold === null || threshold <= 0 || bonus === null) return undefined
  return { ltv: ltv ?? 0, threshold, bonus }
}

export function parametersOf({ ltv, threshold, bonus, supplyCap, borrowCap }: BookMarket): Parameters {
  return { ltv, threshold, bonus, supplyCap, borrowCap }
}

/**
 * Does collateral row k stand under its market's own terms? In an e-mode it stands under the mode's, which are
 * parameters of their own and do not change with the market's.
 */
export function isUnderMarketTerms({ markets, positions }: Book, k: number): boolean {
  const { threshold, bonus } = markets[positions.collateralMarket[k]!]!
  return positions.collateralThreshold[k] === threshold && positions.collateralBonus[k] === bonus
}

/** The book with market `m` under other terms, borrowers behaving as said. */
export function withTerms(book: Book, m: number, terms: Terms, behaviour: Behaviour = 'unchanged'): Book {
  const { positions } = book
  const threshold = Float64Array.from(positions.collateralThreshold)
  const bonus = Float64Array.from(positions.collateralBonus)
  for (let k = 0; k < threshold.length; k++) {
    if (positions.collateralMarket[k] !== m || !isUnderMarketTerms(book, k)) continue
    threshold[k] = terms.threshold
    bonus[k] = terms.bonus
  }
  const markets = book.markets.map((market, i) => (i === m ? { ...market, ...terms } : market))
  const columns = { ...positions, collateralThreshold: threshold, collateralBonus: bonus }
  const changed: Book = { ...book, markets, positions: columns }
  return behaviour === 'unchanged' ? changed : relevered(book, changed)
}

/** Σ value × LTV of position i: rows in an e-mode get its LTV, taken to be as far below its threshold as the market's. */
export function borrowingPowerUsd(book: Book, i: number): number {
  const { collateralStart, collateralMarket, collateralUnits, collateralThreshold } = book.positions
  let sum = 0
  for (let k = collateralStart[i]!; k < collateralStart[i + 1]!; k++) {
    const { ltv, threshold, asset } = book.markets[collateralMarket[k]!]!
    if (ltv === null || threshold === null || threshold === 0) continue
    const own = collateralThreshold[k] === threshold ? ltv : (ltv * collateralThreshold[k]!) / threshold
    sum += collateralUnits[k]! * book.assets[asset]!.priceUsd * own
  }
  return sum
}

/** Debts after borrowers have brought back the part of their borrowing power that they used before. */
function relevered(before: Book, after: Book): Book {
  const { debtStart, debtUnits } = after.positions
  const units = Float64Array.from(debtUnits)
  for (let i = 0; i < after.positions.pool.length; i++) {
    if (debtStart[i] === debtStart[i + 1]) continue
    const power = borrowingPowerUsd(before, i)
    if (power === 0) continue
    const factor = borrowingPowerUsd(after, i) / power
    for (let k = debtStart[i]!; k < debtStart[i + 1]!; k++) units[k]! *= factor
  }
  return withTotals({ ...after, positions: { ...after.positions, debtUnits: units } }, before)
}

/** Market `m` grown to `units` of supply: every position with collateral there is so much larger, the rest of it alike. */
export function grownTo(book: Book, m: number, units: number): Book {
  const { positions, markets } = book
  const factor = units / markets[m]!.suppliedUnits
  const collateralUnits = Float64Array.from(positions.collateralUnits)
  const debtUnits = Float64Array.from(positions.debtUnits)
  const scale = (values: Float64Array, from: number, to: number) => {
    for (let k = from; k < to; k++) values[k]! *= factor
  }
  for (let i = 0; i < positions.pool.length; i++) {
    const [from, to] = [positions.collateralStart[i]!, positions.collateralStart[i + 1]!]
    if (!positions.collateralMarket.subarray(from, to).includes(m)) continue
    scale(collateralUnits, from, to)
    scale(debtUnits, positions.debtStart[i]!, positions.debtStart[i + 1]!)
  }
  return withTotals({ ...book, positions: { ...positions, collateralUnits, debtUnits } }, book)
}

/** Moves each market's totals by what its positions gained: supply that is no collateral stays in them. */
function withTotals(book: Book, before: Book): Book {
  const supplied = book.markets.map(({ suppliedUnits }) => suppliedUnits)
  const borrowed = book.markets.map(({ borrowedUnits }) => borrowedUnits)
  const [now, then] = [book.positions, before.positions]
  for (let k = 0; k < now.collateralUnits.length; k++)
    supplied[now.collateralMarket[k]!]! += now.collateralUnits[k]! - then.collateralUnits[k]!
  for (let k = 0; k < now.debtUnits.length; k++)
    borrowed[now.debtMarket[k]!]! += now.debtUnits[k]! - then.debtUnits[k]!
  const markets = book.markets.map((market, m) => ({
    ...market,
    suppliedUnits: supplied[m]!,
    borrowedUnits: borrowed[m]!,
  }))
  return { ...book, markets }
}
