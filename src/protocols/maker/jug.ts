/**
 * Stability fees: what `jug.drip` would make of an ilk's rate. Source: Jug.drip and its rpow (jug.sol of makerdao/dss).
 *
 *   rate' = rmul(rpow(base + duty, elapsed), rate)         duty per second, ray; base 0 on mainnet
 *
 * rpow multiplies by squaring and rounds half up at every step; rmul truncates.
 */
import { mulDivDown, mulRayHalfUp, RAY } from '../../math/fixed-point'

/** x to the n-th power, rays, as Maker's contracts round it. */
export function rpow(xRay: bigint, n: bigint): bigint {
  if (xRay === 0n) return n === 0n ? RAY : 0n
  let [power, result] = [xRay, n % 2n === 0n ? RAY : xRay]
  for (let rest = n / 2n; rest > 0n; rest /= 2n) {
    power = mulRayHalfUp(power, power)
    if (rest % 2n === 1n) result = mulRayHalfUp(result, power)
  }
  return result
}

/** The rate after a drip `elapsedSec` after the last one. */
export function rateAfterDrip(rateRay: bigint, dutyRay: bigint, elapsedSec: bigint, baseRay = 0n): bigint {
  return mulDivDown(rpow(baseRay + dutyRay, elapsedSec), rateRay, RAY)
}
