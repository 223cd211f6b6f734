/**
 * Aave's price cap for assets that grow against their base (CAPO): the ratio may not outgrow a snapshot of itself by more
 * than a yearly percentage. In the adapter's own integers, so that a replay gives its answer to the last digit.
 *
 *   growth   = ⌊⌊ratio₀ · percentBps · 1e6 / 1e4⌋ / year⌋       per second, scaled by 1e6
 *   maxRatio = ratio₀ + ⌊growth · (now − then) / 1e6⌋
 *   price    = ⌊base · min(ratio, maxRatio) / 10^ratioDecimals⌋  0 where either is 0 or less
 *
 * The cap protects lenders from a ratio that is pumped up; where its snapshot is wrong it undervalues everybody's
 * collateral, which liquidates healthy accounts. Both ways the deviation says how far the cap is from the market.
 * Source: bgd-labs/aave-capo, PriceCapAdapterBase. Worked: capped at 1.1939 while worth 1.228849 is −2.844 %.
 */
import { badInput } from '../network'

const SCALING = 1_000_000n
const PERCENTAGE_FACTOR = 10_000n
const YEAR_SEC = 365n * 86_400n

export interface PriceCap {
  /** Ratio of the snapshot, > 0, with the decimals of the feed. */
  snapshotRatio: bigint
  snapshotTimestampSec: bigint
  /** 1000 is 10 % a year. */
  maxYearlyGrowthBps: bigint
}

/** Greatest ratio that the cap lets through at a moment. @throws PlimsollError before the snapshot, or without one */
export function maxRatioAt(cap: PriceCap, nowSec: bigint): bigint {
  const { snapshotRatio, snapshotTimestampSec, maxYearlyGrowthBps } = cap
  if (snapshotRatio <= 0n) throw badInput(`snapshotRatio is ${snapshotRatio}: it must be above 0`)
  if (maxYearlyGrowthBps < 0n) throw badInput(`maxYearlyGrowthBps is negative: ${maxYearlyGrowthBps}`)
  if (nowSec < snapshotTimestampSec)
    throw badInput(`${nowSec} is before the snapshot of ${snapshotTimestampSec}: the adapter would revert`)
  const growthScaled = (snapshotRatio * maxYearlyGrowthBps * SCALING) / PERCENTAGE_FACTOR / YEAR_SEC
  return snapshotRatio + (growthScaled * (nowSec - snapshotTimestampSec)) / SCALING
}

/** What the adapter answers: the price, whether the cap binds, and the ratio that was used. */
export function cappedPrice(
  cap: PriceCap,
  now: { sec: bigint; ratio: bigint; basePrice: bigint; ratioDecimals: number },
): { price: bigint; isCapped: boolean; ratio: bigint } {
  const maxRatio = maxRatioAt(cap, now.sec)
  const isCapped = now.ratio > maxRatio
  const ratio = isCapped ? maxRatio : now.ratio
  const price =
    now.basePrice <= 0n || ratio <= 0n ? 0n : (now.basePrice * ratio) / 10n ** BigInt(now.ratioDecimals)
  return { price, isCapped, ratio }
}
