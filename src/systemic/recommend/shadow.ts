/**
 * What the recommended terms would have done over days that have passed: the positions of each day as they were, met with
 * the prices that came by the next, once under the terms in force and once under the recommended ones.
 *
 * An account that is liquidated, or left with bad debt, under one of the two counts there once: it is taken out of that
 * side's later days, because the indexed past has it go on as it really went, not as it would have gone. So counts are of
 * distinct accounts, and dollars of bad debt are counted on the first day that has them. What accounts would have done
 * under other terms is not known: they are taken to have done the same.
 */
import type { Book } from '../book'
import { badInput } from '../network'
import { type Conditions, runPath } from './evaluator'
import { type Terms, termsOf, withTerms } from './parameters'

/** One day: its book, and prices at its end by asset id. An asset without one keeps its price. */
export interface ShadowDay {
  book: Book
  nextPricesUsd: ReadonlyMap<string, number>
}

export interface ShadowSide {
  liquidated: number
  badDebtUsd: number
}

export interface ShadowRun {
  days: number
  /** Days whose book lacks the market, or has it as no collateral: they are left out. */
  daysWithout: number
  actual: ShadowSide
  recommended: ShadowSide
  /** Accounts liquidated under the recommended terms alone, and under the actual ones alone. */
  liquidatedMore: number
  liquidatedFewer: number
  /** Below 0: the recommended terms would have lost more. */
  avoidedBadDebtUsd: number
  /** One sentence. */
  summary: string
}

interface Side {
  closed: Set<string>
  liquidated: Set<string>
  badDebtUsd: number
}

/** Parameters of market `marketId` that differ from the day's own are `change`'s; all others stay as they were that day. */
export function shadowRun(
  days: readonly ShadowDay[],
  { marketId, change, conditions }: { marketId: string; change: Partial<Terms>; conditions: Conditions },
): ShadowRun {
  if (days.length === 0) throw badInput('a shadow run needs at least one day')
  const side = (): Side => ({ closed: new Set(), liquidated: new Set(), badDebtUsd: 0 })
  const [actual, recommended] = [side(), side()]
  let daysWithout = 0
  for (const { book, nextPricesUsd } of days) {
    const m = book.markets.findIndex(({ id }) => id === marketId)
    const then = m < 0 ? undefined : termsOf(book.markets[m]!)
    if (then === undefined) {
      daysWithout++
      continue
    }
    const prices = Float64Array.from(book.assets, ({ id, priceUsd }) => nextPricesUsd.get(id) ?? priceUsd)
    live(book, prices, actual, conditions)
    live(withTerms(book, m, { ...then, ...change }), prices, recommended, conditions)
  }
  return compared({ days: days.length - daysWithout, daysWithout }, actual, recommended)
}

/** One side's day: whoever is liquidated or lost is closed. */
function live(book: Book, prices: Float64Array, side: Side, conditions: Conditions): void {
  const open = without(book, side.closed)
  if (open.positions.pool.length === 0) return
  const { isLiquidated, lostUsd } = runPath(open, prices, conditions)
  for (let i = 0; i < isLiquidated.length; i++) {
    const key = positionKey(open, i)
    side.badDebtUsd += lostUsd[i]!
    if (isLiquidated[i] === 1) side.liquidated.add(key)
    if (isLiquidated[i] === 1 || lostUsd[i]! > 0) side.closed.add(key)
  }
}

function positionKey({ positions, pools }: Book, i: number): string {
  return `${positions.accountIds[i]} ${pools[positions.pool[i]!]!.id}`
}

/** The book without these positions. */
export function without(book: Book, closed: ReadonlySet<string>): Book {
  if (closed.size === 0) return book
  const { positions } = book
  const kept = Array.from(positions.pool, (_, i) => i).filter((i) => !closed.has(positionKey(book, i)))
  const rowsOf = (start: Int32Array) =>
    kept.flatMap((i) => Array.from({ length: start[i + 1]! - start[i]! }, (_, k) => start[i]! + k))
  const startsOf = (start: Int32Array) => {
    const starts = new Int32Array(kept.length + 1)
    for (const [at, i] of kept.entries()) starts[at + 1] = starts[at]! + start[i + 1]! - start[i]!
    return starts
  }
  const [collaterals, debts] = [rowsOf(positions.collateralStart), rowsOf(positions.debtStart)]
  const ints = (values: Int32Array, rows: readonly number[]) => Int32Array.from(rows, (k) => values[k]!)
  const floats = (values: Float64Array, rows: readonly number[]) => Float64Array.from(rows, (k) => values[k]!)
  return {
    ...book,
    positions: {
      accountIds: kept.map((i) => positions.accountIds[i]!),
      pool: ints(positions.pool, kept),
      collateralStart: startsOf(positions.collateralStart),
      collateralMarket: ints(positions.collateralMarket, collaterals),
      collateralUnits: floats(positions.collateralUnits, collaterals),
      collateralThreshold: floats(positions.collateralThreshold, collaterals),
      collateralBonus: floats(positions.collateralBonus, collaterals),
      debtStart: startsOf(positions.debtStart),
      debtMarket: ints(positions.debtMarket, debts),
      debtUnits: floats(positions.debtUnits, debts),
    },
  }
}

function compared(counts: { days: number; daysWithout: number }, actual: Side, recommended: Side): ShadowRun {
  const only = (one: Side, other: Side) =>
    [...one.liquidated].filter((key) => !other.liquidated.has(key)).length
  const [more, fewer] = [only(recommended, actual), only(actual, recommended)]
  const avoided = actual.badDebtUsd - recommended.badDebtUsd
  const sideOf = ({ liquidated, badDebtUsd }: Side) => ({ liquidated: liquidated.size, badDebtUsd })
  const words = avoided < 0 ? 'added' : 'avoided'
  return {
    ...counts,
    actual: sideOf(actual),
    recommended: sideOf(recommended),
    liquidatedMore: more,
    liquidatedFewer: fewer,
    avoidedBadDebtUsd: avoided,
    summary:
      `over ${counts.days} days the change would have liquidated ${more} more and ${fewer} fewer accounts, ` +
      `and ${words} $${Math.abs(avoided).toFixed(2)} of bad debt`,
  }
}
