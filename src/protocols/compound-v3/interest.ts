/**
 * A comet's interest, as Comet.accrueInternal and CometCore reckon it. Indexes have 15 decimals, rates and factors 18.
 *
 *   utilization  = presentBorrow · 1e18 / presentSupply                       (0 without supply)
 *   rate(u)      = base + ⌊low·u⌋                       for u ≤ kink, per second (a year's ⌊/ 31536000⌋)
 *                = base + ⌊low·kink⌋ + ⌊high·(u − kink)⌋      beyond
 *   index        grows by ⌊index · rate · elapsed / 1e18⌋
 *
 * Present values round down, principals of supply down, principals of debt up: always for the comet.
 */
import { mulDivDown, mulDivUp, RAY, WAD } from '../../math/fixed-point'
import type { MarketState } from '../types'

export const INDEX_SCALE = 10n ** 15n
const SECONDS_PER_YEAR = 31_536_000n
const INDEX_TO_RAY = RAY / INDEX_SCALE

/** The base asset's books: principals and the indexes that make them balances. */
export interface BaseBooks {
  supplyIndex: bigint
  borrowIndex: bigint
  totalSupply: bigint
  totalBorrow: bigint
  lastAccrualSec: number
}

export function booksOf({ state }: MarketState): BaseBooks {
  const read = (name: string) => BigInt(String(state[name] ?? 0))
  return {
    supplyIndex: read('liquidityIndexRay') / INDEX_TO_RAY,
    borrowIndex: read('borrowIndexRay') / INDEX_TO_RAY,
    totalSupply: read('totalSupplyBase'),
    totalBorrow: read('totalBorrowBase'),
    lastAccrualSec: Number(state.lastAccrualSec),
  }
}

/** The books as fields of the base market's row. */
export function fieldsOf(books: BaseBooks): Record<string, string | number> {
  return {
    liquidityIndexRay: (books.supplyIndex * INDEX_TO_RAY).toString(),
    borrowIndexRay: (books.borrowIndex * INDEX_TO_RAY).toString(),
    totalSupplyBase: books.totalSupply.toString(),
    totalBorrowBase: books.totalBorrow.toString(),
    lastAccrualSec: books.lastAccrualSec,
  }
}

/** Utilization of the base asset, scaled by 1e18. */
export function utilizationWad(books: BaseBooks): bigint {
  const supply = presentSupplyDown(books.totalSupply, books.supplyIndex)
  return supply === 0n ? 0n : mulDivDown(presentBorrowDown(books.totalBorrow, books.borrowIndex), WAD, supply)
}

/** Interest a second at a utilization, scaled by 1e18. `side` names the curve in the row's state. */
export function ratePerSecondWad(
  state: MarketState['state'],
  side: 'supply' | 'borrow',
  utilization: bigint,
): bigint {
  const perSecond = (name: string) => BigInt(String(state[`${side}PerYear${name}`] ?? 0)) / SECONDS_PER_YEAR
  const kink = BigInt(String(state[`${side}Kink`] ?? 0))
  const below = utilization <= kink ? utilization : kink
  const beyond = utilization - below
  const low = mulDivDown(perSecond('SlopeLow'), below, WAD)
  return perSecond('Base') + low + mulDivDown(perSecond('SlopeHigh'), beyond, WAD)
}

/** The books at a time not before their last accrual, under the curves in the row's state. */
export function accruedTo(books: BaseBooks, state: MarketState['state'], timestampSec: number): BaseBooks {
  const elapsedSec = BigInt(Math.max(0, timestampSec - books.lastAccrualSec))
  if (elapsedSec === 0n) return books
  const utilization = utilizationWad(books)
  const grow = (index: bigint, side: 'supply' | 'borrow') =>
    index + mulDivDown(index, ratePerSecondWad(state, side, utilization) * elapsedSec, WAD)
  return {
    ...books,
    supplyIndex: grow(books.supplyIndex, 'supply'),
    borrowIndex: grow(books.borrowIndex, 'borrow'),
    lastAccrualSec: timestampSec,
  }
}

export const presentSupplyDown = (principal: bigint, index: bigint): bigint =>
  mulDivDown(principal, index, INDEX_SCALE)
export const presentBorrowDown = presentSupplyDown

/** Balance of a signed principal: positive is supply, negative debt. */
export function presentValue(principal: bigint, books: BaseBooks): bigint {
  return principal >= 0n
    ? presentSupplyDown(principal, books.supplyIndex)
    : -presentBorrowDown(-principal, books.borrowIndex)
}

/** Signed principal of a balance: supply rounded down, debt up. */
export function principalValue(present: bigint, books: BaseBooks): bigint {
  return present >= 0n
    ? mulDivDown(present, INDEX_SCALE, books.supplyIndex)
    : -mulDivUp(-present, INDEX_SCALE, books.borrowIndex)
}

/** The books after an account's principal went from one value to another. */
export function withPrincipal(books: BaseBooks, before: bigint, after: bigint): BaseBooks {
  const positive = (value: bigint) => (value > 0n ? value : 0n)
  return {
    ...books,
    totalSupply: books.totalSupply + positive(after) - positive(before),
    totalBorrow: books.totalBorrow + positive(-after) - positive(-before),
  }
}

/** Principal whose present value a Transfer tells: unique, because an index is never below one. */
export function principalOfTransfer(amount: bigint, supplyIndex: bigint): bigint {
  return mulDivUp(amount, INDEX_SCALE, supplyIndex)
}
