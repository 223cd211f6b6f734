/**
 * Fixed-point arithmetic on bigints, with the rounding in the name.
 *
 * A wad has 18 decimals, a ray 27, basis points four digits. Every product or quotient here is one exact
 * multiplication followed by one division, so the only error is the rounding that the name tells:
 *   Down: floor(a·b / c)   Up: ceil(a·b / c)   HalfUp: floor((a·b + floor(c/2)) / c)
 * Contracts revert where an intermediate exceeds 256 bits; bigints do not, so callers feed on-chain magnitudes only.
 */
export const WAD = 10n ** 18n
export const RAY = 10n ** 27n
export const BPS = 10_000n
export const UINT256_MAX = 2n ** 256n - 1n

/** floor(a·b / denominator). All arguments ≥ 0, denominator > 0; throws RangeError otherwise. */
export function mulDivDown(a: bigint, b: bigint, denominator: bigint): bigint {
  assertOperands(a, b, denominator)
  return (a * b) / denominator
}

/** ceil(a·b / denominator). Same domain as mulDivDown. */
export function mulDivUp(a: bigint, b: bigint, denominator: bigint): bigint {
  assertOperands(a, b, denominator)
  return (a * b + denominator - 1n) / denominator
}

/** a·b / denominator rounded to nearest, halves up, as Aave's WadRayMath does. Same domain as mulDivDown. */
export function mulDivHalfUp(a: bigint, b: bigint, denominator: bigint): bigint {
  assertOperands(a, b, denominator)
  return (a * b + denominator / 2n) / denominator
}

export const mulRayDown = (a: bigint, b: bigint): bigint => mulDivDown(a, b, RAY)
export const mulRayUp = (a: bigint, b: bigint): bigint => mulDivUp(a, b, RAY)
export const mulRayHalfUp = (a: bigint, b: bigint): bigint => mulDivHalfUp(a, b, RAY)
export const divRayDown = (a: bigint, b: bigint): bigint => mulDivDown(a, RAY, b)
export const divRayUp = (a: bigint, b: bigint): bigint => mulDivUp(a, RAY, b)
export const divRayHalfUp = (a: bigint, b: bigint): bigint => mulDivHalfUp(a, RAY, b)

export const divWadHalfUp = (a: bigint, b: bigint): bigint => mulDivHalfUp(a, WAD, b)

export const mulBpsHalfUp = (value: bigint, bps: bigint): bigint => mulDivHalfUp(value, bps, BPS)

function assertOperands(a: bigint, b: bigint, denominator: bigint): void {
  if (a < 0n || b < 0n) throw new RangeError(`fixed-point operands must not be negative: ${a}, ${b}`)
  if (denominator <= 0n) throw new RangeError(`fixed-point denominator must be positive: ${denominator}`)
}
