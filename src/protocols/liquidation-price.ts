/**
 * The greatest price of one asset at which an account can be liquidated, found by bisection over the protocol's own
 * check, so that it agrees with it to the last unit.
 */

/** Prices above this are not searched: 10¹² whole units of an 18-decimals base for one token. */
const MAX_PRICE = 10n ** 30n

/**
 * Greatest price in the pool's base unit at which `isSafe` fails, when it holds at every greater one; null when there
 * is none (no debt, or the other collateral carries it) or when no rise of the price heals the account.
 * @param isSafe must not go from true to false as the price rises, as is so for an asset that is not also borrowed
 */
export function greatestUnsafePrice(isSafe: (price: bigint) => boolean): bigint | null {
  if (!isSafe(MAX_PRICE) || isSafe(0n)) return null
  let [unsafe, safe] = [0n, MAX_PRICE]
  while (safe - unsafe > 1n) {
    const middle = (unsafe + safe) / 2n
    if (isSafe(middle)) safe = middle
    else unsafe = middle
  }
  // At a price of nothing every oracle refuses to answer, so there is no price to fall to.
  return unsafe === 0n ? null : unsafe
}
