/**
 * Rows of a comptroller and of its cTokens, and how a cToken's exchange rate follows from its books.
 *
 *   exchangeRate = ⌊(cash + totalBorrows − totalReserves) · 1e18 / totalSupply⌋        (exchangeRateStored)
 *
 * A supply balance is kept in cTokens; `liquidityIndexRay` is the exchange rate times 1e9. A debt is principal · index /
 * interestIndex with the index at which the principal was written. It is kept as ⌈principal · 1e27 / interestIndex⌉, nine
 * digits more than the principal has, and `borrowIndexRay` is Compound's own index (1e18 at birth), so that
 * ⌊scaledDebt · borrowIndexRay / 1e27⌋ is `borrowBalanceStored`. It can differ by one base unit upwards, and only where
 * the fraction of principal · index / interestIndex comes within index / 1e27 (about 1e-9) of the next integer.
 */
import { RAY, WAD } from '../../math/fixed-point'
import type { MarketState } from '../types'
import type { MarketSeed } from './events'

const MANTISSA_TO_RAY = RAY / WAD

/** The row of a cToken or comptroller before its first event. */
export function initialState(seed: MarketSeed): MarketState {
  const isPool = seed.asset === seed.pool
  return {
    id: seed.id,
    protocol: 'compound-v2',
    kind: isPool ? 'pool' : 'reserve',
    pool: seed.pool,
    revision: 0,
    asset: seed.asset,
    asset1: null,
    state: isPool ? COMPTROLLER : { ...CTOKEN, cToken: seed.cToken, decimals: seed.decimals },
    complete: seed.complete,
  }
}

const COMPTROLLER = {
  liquidityIndexRay: '0',
  borrowIndexRay: '0',
  oracle: null,
  closeFactorMantissa: '0',
  liquidationIncentiveMantissa: '0',
  /** Ids of the listed cTokens' markets, comma-separated, in order of listing. */
  markets: '',
} as const

const CTOKEN = {
  liquidityIndexRay: '0',
  borrowIndexRay: WAD.toString(),
  listed: false,
  priceFeed: null,
  collateralFactorMantissa: '0',
  reserveFactorMantissa: '0',
  interestRateModel: null,
  cash: '0',
  totalBorrows: '0',
  totalReserves: '0',
  totalSupply: '0',
  /** cTokens that came back to the contract and are not yet known to be burnt. */
  returnedTokens: '0',
} as const

/** A cToken's books, in base units of the underlying; supply in cTokens. */
export interface Books {
  cash: bigint
  totalBorrows: bigint
  totalReserves: bigint
  totalSupply: bigint
}

/** The books of a market's row. */
export function booksOf({ state }: MarketState): Books {
  const read = (name: string) => BigInt(String(state[name] ?? 0))
  return {
    cash: read('cash'),
    totalBorrows: read('totalBorrows'),
    totalReserves: read('totalReserves'),
    totalSupply: read('totalSupply'),
  }
}

/** The row with new books and the exchange rate that follows; books that cannot be make it incomplete. */
export function withBooks(market: MarketState, books: Books): MarketState {
  const { cash, totalBorrows, totalReserves, totalSupply } = books
  const underlying = cash + totalBorrows - totalReserves
  const possible = Object.values(books).every((value) => value >= 0n) && underlying >= 0n
  const changes: Record<string, string> = {}
  for (const [name, value] of Object.entries(books)) changes[name] = atLeastZero(value).toString()
  if (possible && totalSupply > 0n)
    changes.liquidityIndexRay = (((underlying * WAD) / totalSupply) * MANTISSA_TO_RAY).toString()
  return { ...market, state: { ...market.state, ...changes }, complete: market.complete && possible }
}

/** `exchangeRateStored`, scaled by 1e18. */
export function exchangeRateMantissa({ state }: MarketState): bigint {
  return BigInt(String(state.liquidityIndexRay ?? 0)) / MANTISSA_TO_RAY
}

/** A principal written at an index, as it is kept. */
export function scaledDebtUp(principal: bigint, indexMantissa: bigint): bigint {
  return (principal * RAY + indexMantissa - 1n) / indexMantissa
}

/** `borrowBalanceStored` of a debt as it is kept. */
export function borrowBalanceDown(scaledDebt: bigint, indexMantissa: bigint): bigint {
  return (scaledDebt * indexMantissa) / RAY
}

function atLeastZero(value: bigint): bigint {
  return value < 0n ? 0n : value
}
