/**
 * What a Uniswap V3 pool pays for an exact input, exact to UniswapV3Pool.swap: step by step to the next initialised
 * tick, but never farther than the end of a word of the tick bitmap (256 spacings), because each step rounds.
 */
import { amount0Down, amount0Up, amount1Down, amount1Up, sqrtPriceAfterInput } from './sqrt-price'
import { MAX_TICK, MIN_TICK, sqrtPriceAtTick, tickAtSqrtPriceDown } from './tick-price'
import type { TickTable } from './ticks'

const PIPS = 1_000_000n
const WORD = 256

export interface PoolPrice {
  sqrtPriceX96: bigint
  tick: number
  /** In force at the price. */
  liquidity: bigint
}

export interface PoolRules {
  /** Millionths of the input. */
  feePips: bigint
  tickSpacing: number
  ticks: TickTable
}

export interface ExactInput {
  isToken0In: boolean
  /** At most this much goes in. */
  amountIn: bigint
  /** The trade ends where the price gets here, though something of the input be left. */
  limitSqrtPriceX96: bigint
}

export interface Traded {
  /** Fee included. */
  amountIn: bigint
  amountOut: bigint
  after: PoolPrice
}

/** Plays an exact-input trade. Prices must lie within the ticks' range, the limit on the side the trade moves to. */
export function tradeExactInput(pool: PoolRules, before: PoolPrice, order: ExactInput): Traded {
  const { isToken0In, limitSqrtPriceX96: limit } = order
  let [left, amountOut] = [order.amountIn, 0n]
  let { sqrtPriceX96, tick, liquidity } = before
  while (left > 0n && (isToken0In ? sqrtPriceX96 > limit : sqrtPriceX96 < limit)) {
    const next = nextTick(pool, tick, isToken0In)
    const atNext = sqrtPriceAtTick(next)
    const isShort = isToken0In ? atNext < limit : atNext > limit
    const step = tradeStretch({
      isToken0In,
      sqrtPriceX96,
      targetX96: isShort ? limit : atNext,
      liquidity,
      left,
      feePips: pool.feePips,
    })
    left -= step.amountIn + step.fee
    amountOut += step.amountOut
    if (step.sqrtPriceX96 === atNext) {
      const net = pool.ticks.net.get(next) ?? 0n
      liquidity += isToken0In ? -net : net
      tick = isToken0In ? next - 1 : next
    } else if (step.sqrtPriceX96 !== sqrtPriceX96) tick = tickAtSqrtPriceDown(step.sqrtPriceX96)
    sqrtPriceX96 = step.sqrtPriceX96
  }
  return { amountIn: order.amountIn - left, amountOut, after: { sqrtPriceX96, tick, liquidity } }
}

/** A stretch of constant liquidity, from a price to a target on the side the trade moves to. */
export interface Stretch {
  isToken0In: boolean
  sqrtPriceX96: bigint
  targetX96: bigint
  liquidity: bigint
  left: bigint
  feePips: bigint
}

/** Trades along one stretch until the target is reached or nothing is left (SwapMath.computeSwapStep, exact input). */
export function tradeStretch({ isToken0In, sqrtPriceX96, targetX96, liquidity, left, feePips }: Stretch) {
  const [inUp, outDown] = isToken0In ? [amount0Up, amount1Down] : [amount1Up, amount0Down]
  const leftAfterFee = (left * (PIPS - feePips)) / PIPS
  const isReached = leftAfterFee >= inUp(targetX96, sqrtPriceX96, liquidity)
  const reached = isReached
    ? targetX96
    : sqrtPriceAfterInput(sqrtPriceX96, { liquidity, amountIn: leftAfterFee, isToken0In })
  const amountIn = inUp(reached, sqrtPriceX96, liquidity)
  // A trade that ends within the stretch leaves the remainder as fee.
  const fee =
    reached === targetX96 ? (amountIn * feePips + PIPS - feePips - 1n) / (PIPS - feePips) : left - amountIn
  return { sqrtPriceX96: reached, amountIn, fee, amountOut: outDown(reached, sqrtPriceX96, liquidity) }
}

/** Where the next step ends at the latest (TickBitmap.nextInitializedTickWithinOneWord), within the range of ticks. */
function nextTick({ ticks, tickSpacing }: PoolRules, tick: number, isDownward: boolean): number {
  const slot = Math.floor(tick / tickSpacing)
  if (isDownward) {
    const edge = Math.floor(slot / WORD) * WORD * tickSpacing
    const found = ticks.initialized[countUpTo(ticks.initialized, tick) - 1]
    return Math.max(found !== undefined && found > edge ? found : edge, MIN_TICK)
  }
  const edge = (Math.floor((slot + 1) / WORD) * WORD + WORD - 1) * tickSpacing
  const found = ticks.initialized[countUpTo(ticks.initialized, tick)]
  return Math.min(found !== undefined && found < edge ? found : edge, MAX_TICK)
}

/** How many of the ascending ticks are at or below `tick`. */
function countUpTo(ascending: readonly number[], tick: number): number {
  let [low, high] = [0, ascending.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (ascending[middle]! <= tick) low = middle + 1
    else high = middle
  }
  return low
}
