/**
 * Where on-chain integers become floats, and where floats become float32: two functions, used nowhere twice on one
 * number. Everything before is bigint; everything after `round32` is what the models see, on CPU and GPU alike.
 */

const EXACT_POWER = 22

/**
 * `value / 10^decimals` as a double, the same on every machine: one rounding of the integer and one of the quotient
 * (one more for each further 22 decimals, because 10^22 is the largest power of ten that a double holds exactly).
 * Beyond the range of doubles the answer is ±Infinity or 0. Throws on decimals outside 0..400.
 *
 * Worked: toFloat(1500000000000000000n, 18) = 1.5.
 */
export function toFloat(value: bigint, decimals: number): number {
  if (!(decimals >= 0 && decimals <= 400)) throw new RangeError(`decimals must be 0..400, got ${decimals}`)
  let result = Number(value)
  for (let left = decimals; left > 0; left -= EXACT_POWER) result /= 10 ** Math.min(left, EXACT_POWER)
  return result
}

/** Rounds to float32 once, with one bit pattern for NaN, so that equal rows have equal bytes. */
export function round32(values: ArrayLike<number>): Float32Array {
  const out = new Float32Array(values.length)
  for (let i = 0; i < values.length; i++) out[i] = Number.isNaN(values[i]) ? Number.NaN : values[i]!
  return out
}
