/**
 * What selling an asset does to its price. Prices and proceeds in one currency for a whole unit; sales in units.
 *
 *   linear   p → p·(1 − q/units), proceeds p·q·(1 − q/(2·units)): the rule of thumb, the same from every price
 *   ranges   liquidity L between square-root prices: 1/√p → 1/√p + q/L, proceeds L·(√p − √p′), range after range down;
 *            concentrated liquidity. A constant-product pool is one range from 0 to ∞ with L = reserve·√p. Below the
 *            lowest range nobody buys, and the price is 0.
 *
 * Ranges are taken at whatever price holds: arbitrage has moved a pool there along its own curve.
 */
import { badInput, numberAt } from './network'

export type PriceDepth =
  | { kind: 'unmoved' }
  | { kind: 'linear'; units: number }
  | {
      kind: 'ranges'
      /** Square roots of prices, ascending, ranges apart from one another. */
      sqrtLow: Float64Array
      sqrtHigh: Float64Array
      liquidity: Float64Array
      /** Share of what is sold that the pool keeps, 0 … 1. */
      fee: number
    }

export interface Sale {
  price: number
  proceeds: number
}

/** A constant-product pool that holds `reserve` units at `price`. */
export function constantProductDepth({
  reserve,
  price,
  fee = 0,
}: {
  reserve: number
  price: number
  fee?: number
}): PriceDepth {
  if (!(numberAt(reserve, 'reserve', { least: 0 }) > 0))
    throw badInput('reserve is 0: an empty pool has no depth')
  if (!(numberAt(price, 'price', { least: 0 }) > 0)) throw badInput('price is 0: an empty pool has no depth')
  return {
    kind: 'ranges',
    sqrtLow: Float64Array.of(0),
    sqrtHigh: Float64Array.of(Number.POSITIVE_INFINITY),
    liquidity: Float64Array.of(reserve * Math.sqrt(price)),
    fee: numberAt(fee, 'fee', { least: 0, most: 0.5 }),
  }
}

export interface TickLiquidity {
  tick: number
  /** What crossing the tick upwards adds to the liquidity in force, as the pool holds it. */
  liquidityNet: number
}

/**
 * A concentrated pool from its initialised ticks. The asset sold is token 0 or token 1; prices are whole units of the
 * other for one of it.
 */
export function concentratedDepth({
  ticks,
  decimals0,
  decimals1,
  sells,
  fee,
}: {
  ticks: readonly TickLiquidity[]
  decimals0: number
  decimals1: number
  sells: 0 | 1
  fee: number
}): PriceDepth {
  const sorted = [...ticks].sort((a, b) => a.tick - b.tick)
  const scale = 10 ** (-(decimals0 + decimals1) / 2)
  const root = (tick: number) => 1.0001 ** (tick / 2) * 10 ** ((decimals0 - decimals1) / 2)
  const ranges: { low: number; high: number; liquidity: number }[] = []
  let [inForce, most] = [0, 0]
  for (let k = 0; k + 1 < sorted.length; k++) {
    inForce += numberAt(sorted[k]!.liquidityNet, `liquidityNet of tick ${sorted[k]!.tick}`)
    most = Math.max(most, inForce)
    // Liquidity is larger than what doubles hold exactly: what rounding leaves where all has ended is nothing.
    if (Math.abs(inForce) <= 1e-12 * most) inForce = 0
    if (inForce < 0) throw badInput(`liquidity is ${inForce} above tick ${sorted[k]!.tick}: below zero`)
    const [low, high] = [root(sorted[k]!.tick), root(sorted[k + 1]!.tick)]
    if (inForce > 0 && high > low)
      ranges.push(
        sells === 0
          ? { low, high, liquidity: inForce }
          : { low: 1 / high, high: 1 / low, liquidity: inForce },
      )
  }
  if (ranges.length === 0) throw badInput('the ticks hold no liquidity: an empty pool has no depth')
  if (sells === 1) ranges.reverse()
  return {
    kind: 'ranges',
    sqrtLow: Float64Array.from(ranges, ({ low }) => low),
    sqrtHigh: Float64Array.from(ranges, ({ high }) => high),
    liquidity: Float64Array.from(ranges, ({ liquidity }) => liquidity * scale),
    fee: numberAt(fee, 'fee', { least: 0, most: 0.5 }),
  }
}

/** Price after selling `units` at `price`, and what they bring. */
export function sell(depth: PriceDepth, price: number, units: number): Sale {
  if (depth.kind === 'unmoved') return { price, proceeds: price * units }
  if (depth.kind === 'linear') {
    const sold = Math.min(units, depth.units)
    return {
      price: price * (1 - sold / depth.units),
      proceeds: price * sold * (1 - sold / (2 * depth.units)),
    }
  }
  let [root, left, proceeds] = [Math.sqrt(price), units * (1 - depth.fee), 0]
  for (let k = depth.liquidity.length - 1; k >= 0 && left > 0; k--) {
    const [low, liquidity] = [depth.sqrtLow[k]!, depth.liquidity[k]!]
    if (low >= root) continue
    root = Math.min(root, depth.sqrtHigh[k]!)
    const next = Math.max(low, 1 / (1 / root + left / liquidity))
    proceeds += liquidity * (root - next)
    left -= next > low ? left : liquidity * (1 / low - 1 / root)
    root = next
  }
  // Dust of rounding at a range's end is not a sale beyond it.
  return { price: left > 1e-12 * units ? 0 : root * root, proceeds }
}

/** Units whose sale moves the price to `part` of itself, 0 < part ≤ 1: Infinity where the price does not move. */
export function saleTo(depth: PriceDepth, price: number, part: number): number {
  if (depth.kind === 'unmoved') return Number.POSITIVE_INFINITY
  if (depth.kind === 'linear') return depth.units * (1 - part)
  const target = Math.sqrt(price * part)
  let [root, units] = [Math.sqrt(price), 0]
  for (let k = depth.liquidity.length - 1; k >= 0 && root > target; k--) {
    if (depth.sqrtLow[k]! >= root) continue
    root = Math.min(root, depth.sqrtHigh[k]!)
    const next = Math.max(depth.sqrtLow[k]!, target)
    if (next >= root) break
    units += depth.liquidity[k]! * (1 / next - 1 / root)
    root = next
  }
  return units / (1 - depth.fee)
}
