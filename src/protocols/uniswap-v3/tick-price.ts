/**
 * Ticks and prices, exact to Uniswap V3's TickMath: the price at tick i is 1.0001^i, kept as its square root in Q64.96.
 *
 * The contract multiplies fixed-point powers 1.0001^(−2ᵏ⁻¹), one for each bit k of |i|, each rounded to 128 binary
 * digits, shifts after each product, and takes the inverse for positive ticks. Those twenty constants are reckoned here
 * from their definition, to the same digits.
 */
import { squareRootDown } from '../../math/square-root'

export const MIN_TICK = -887_272
export const MAX_TICK = 887_272

const BITS = 20
const ONE = 2n ** 128n
/** Binary digits carried while the constants are reckoned: rounding errors stay far below the 128 that are kept. */
const PRECISION = 512n

/** Element k: 1.0001^(−2ᵏ⁻¹) in Q128, to the nearest. */
const POWERS: readonly bigint[] = powers()

function powers(): bigint[] {
  const result: bigint[] = []
  let power = squareRootDown((10_000n << (2n * PRECISION)) / 10_001n)
  for (let bit = 0; bit < BITS; bit++) {
    result.push(((power >> (PRECISION - 129n)) + 1n) >> 1n)
    power = (power * power) >> PRECISION
  }
  return result
}

/** √1.0001^tick in Q64.96, rounded up. Throws RangeError beyond ±887272. */
export function sqrtPriceAtTick(tick: number): bigint {
  if (!Number.isInteger(tick) || tick < MIN_TICK || tick > MAX_TICK)
    throw new RangeError(`no price at tick ${tick}`)
  const size = Math.abs(tick)
  let ratio = ONE
  for (let bit = 0; bit < BITS; bit++) {
    if ((size >> bit) & 1) ratio = (ratio * POWERS[bit]!) >> 128n
  }
  if (tick > 0) ratio = (2n ** 256n - 1n) / ratio
  return (ratio + 2n ** 32n - 1n) >> 32n
}

export const MIN_SQRT_PRICE = sqrtPriceAtTick(MIN_TICK)
export const MAX_SQRT_PRICE = sqrtPriceAtTick(MAX_TICK)

/** Greatest tick whose price is at or below this one. Throws RangeError outside [MIN_SQRT_PRICE, MAX_SQRT_PRICE). */
export function tickAtSqrtPriceDown(sqrtPriceX96: bigint): number {
  if (sqrtPriceX96 < MIN_SQRT_PRICE || sqrtPriceX96 >= MAX_SQRT_PRICE)
    throw new RangeError(`no tick at the square-root price ${sqrtPriceX96}`)
  let [low, high] = [MIN_TICK, MAX_TICK]
  while (low + 1 < high) {
    const middle = (low + high) >> 1
    if (sqrtPriceAtTick(middle) <= sqrtPriceX96) low = middle
    else high = middle
  }
  return low
}
