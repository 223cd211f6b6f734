/**
 * Statistics that scoring and its evaluation need: ranking quality, calibration, resampling, the normal distribution.
 * Pure functions over typed arrays; randomness only through a seed that the caller passes.
 */

/** A repeatable stream of numbers in [0, 1) (mulberry32: 32 bits of state, period 2³²). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

/**
 * Standard normal distribution function Φ(x); absolute error below 1e-15. Series by Marsaglia, "Evaluating the normal
 * distribution", J. Stat. Software 11(4), 2004; beyond |x| = 7 the continued fraction of Mills' ratio. NaN gives NaN.
 */
export function normalCdf(x: number): number {
  if (Number.isNaN(x)) return Number.NaN
  if (x > 7) return 1 - normalCdf(-x)
  if (x < -38) return 0
  const density = Math.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI)
  if (x < -7) {
    let fraction = 0
    for (let k = 60; k >= 1; k--) fraction = k / (-x + fraction)
    return density / (-x + fraction)
  }
  let sum = x
  let term = x
  for (let k = 3; k < 400 && Math.abs(term) > 1e-18; k += 2) {
    term *= (x * x) / k
    sum += term
  }
  return 0.5 + sum * density
}
