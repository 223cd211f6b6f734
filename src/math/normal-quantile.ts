/**
 * Inverse of the standard normal distribution function: a rough first guess, then Halley's iteration on Φ itself, so
 * that the result is as good as `normalCdf` (absolute error below 1e-15 in probability).
 */
import { normalCdf } from './statistics'

/** z with Φ(z) = share. 0 gives −∞, 1 gives ∞; throws RangeError outside 0 … 1 and for NaN. */
export function normalQuantile(share: number): number {
  if (!(share >= 0 && share <= 1))
    throw new RangeError(`no normal quantile at ${share}: it must be within 0 … 1`)
  if (share === 0) return Number.NEGATIVE_INFINITY
  if (share === 1) return Number.POSITIVE_INFINITY
  if (share === 0.5) return 0
  // The lower tail keeps relative precision; 1 − share is exact for share ≥ 0.5.
  if (share > 0.5) return -normalQuantile(1 - share)
  const depth = -2 * Math.log(share)
  let z = share > 0.2 ? (share - 0.5) * Math.sqrt(2 * Math.PI) : -Math.sqrt(depth - Math.log(depth) - 1.84)
  for (let step = 0; step < 60; step++) {
    const density = Math.exp(-0.5 * z * z) / Math.sqrt(2 * Math.PI)
    const newton = (normalCdf(z) - share) / density
    const change = newton / (1 + 0.5 * z * newton)
    z -= Number.isFinite(change) ? change : 0
    if (Math.abs(change) <= 1e-15 * Math.max(1, Math.abs(z))) break
  }
  return z
}
