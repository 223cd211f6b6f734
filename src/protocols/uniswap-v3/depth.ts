/** Spot price of a Uniswap V3 pool, quotes, and the trades that move its price by a part, across its ticks. */
import { squareRootDown, squareRootUp } from '../../math/square-root'
import type { Amm, Depth, Fraction } from '../amm'
import type { MarketState } from '../types'
import { type PoolPrice, type PoolRules, type Traded, tradeExactInput, tradeStretch } from './swap'
import { MAX_SQRT_PRICE, MIN_SQRT_PRICE, tickAtSqrtPriceDown } from './tick-price'
import { liquidityAt, type TickTable, tickTable } from './ticks'

const BPS = 10_000n
const Q192 = 2n ** 192n
/** More than any pool can take in. */
const ENDLESS = 2n ** 255n

/** Price and liquidity of a pool's state; undefined before it is initialised. */
export function poolPrice(state: MarketState['state']): PoolPrice | undefined {
  const { sqrtPriceX96, tick, liquidity } = state
  if (typeof sqrtPriceX96 !== 'string' || typeof tick !== 'number') return undefined
  return { sqrtPriceX96: BigInt(sqrtPriceX96), tick, liquidity: BigInt(liquidity ?? 0) }
}

/** Fee and spacing of a pool's state, with its ticks. */
export function poolRules(state: MarketState['state'], ticks: TickTable): PoolRules {
  return { feePips: BigInt(state.feePips ?? 0), tickSpacing: Number(state.tickSpacing), ticks }
}

/**
 * What the pool pays for `amountIn`, and what of it it takes: less than all where its liquidity ends first. undefined
 * before it is initialised.
 * @param ticks all the pool's rows of kind `ticks`
 */
export function quoteExactInput(
  state: MarketState['state'],
  ticks: readonly MarketState[],
  { isToken0In, amountIn }: { isToken0In: boolean; amountIn: bigint },
): Traded | undefined {
  const price = poolPrice(state)
  if (price === undefined) return undefined
  const limitSqrtPriceX96 = isToken0In ? MIN_SQRT_PRICE + 1n : MAX_SQRT_PRICE - 1n
  const rules = poolRules(state, tickTable(ticks))
  return tradeExactInput(rules, price, { isToken0In, amountIn, limitSqrtPriceX96 })
}

function reserves({ balance0, balance1 }: MarketState['state']) {
  if (balance0 === undefined || balance1 === undefined) return undefined
  return { reserve0: BigInt(balance0 ?? 0), reserve1: BigInt(balance1 ?? 0) }
}

function spotPrice(state: MarketState['state']): Fraction | undefined {
  const price = poolPrice(state)
  return price && { numerator: price.sqrtPriceX96 ** 2n, denominator: Q192 }
}

/** Square-root prices `bps` below and above, at least so far, kept within what a pool can reach. */
function limits(sqrtPriceX96: bigint, bps: bigint): { low: bigint; high: bigint } {
  const square = sqrtPriceX96 ** 2n
  const low = squareRootDown((square * (BPS - bps)) / BPS)
  const high = squareRootUp((square * (BPS + bps) + BPS - 1n) / BPS)
  return {
    low: low > MIN_SQRT_PRICE ? low : MIN_SQRT_PRICE + 1n,
    high: high < MAX_SQRT_PRICE ? high : MAX_SQRT_PRICE - 1n,
  }
}

function depthFrom(rules: PoolRules, price: PoolPrice, bps: bigint): Depth {
  const { low, high } = limits(price.sqrtPriceX96, bps)
  const order = { amountIn: ENDLESS }
  const down = tradeExactInput(rules, price, { ...order, isToken0In: true, limitSqrtPriceX96: low })
  const up = tradeExactInput(rules, price, { ...order, isToken0In: false, limitSqrtPriceX96: high })
  return {
    down: { token0In: down.amountIn, token1Out: down.amountOut },
    up: { token1In: up.amountIn, token0Out: up.amountOut },
  }
}

function depth(state: MarketState['state'], bps: bigint): Depth | undefined {
  const price = poolPrice(state)
  if (price === undefined || price.liquidity === 0n) return undefined
  const { sqrtPriceX96, liquidity } = price
  const { low, high } = limits(sqrtPriceX96, bps)
  const stretch = { sqrtPriceX96, liquidity, left: ENDLESS, feePips: BigInt(state.feePips ?? 0) }
  const down = tradeStretch({ ...stretch, isToken0In: true, targetX96: low })
  const up = tradeStretch({ ...stretch, isToken0In: false, targetX96: high })
  return {
    down: { token0In: down.amountIn + down.fee, token1Out: down.amountOut },
    up: { token1In: up.amountIn + up.fee, token0Out: up.amountOut },
  }
}

function rangedDepth(
  state: MarketState['state'],
  rows: readonly MarketState[],
  at: Fraction,
  bps: bigint,
): Depth | undefined {
  const sqrtPriceX96 = squareRootDown((at.numerator * Q192) / at.denominator)
  if (sqrtPriceX96 <= MIN_SQRT_PRICE || sqrtPriceX96 >= MAX_SQRT_PRICE) return undefined
  const ticks = tickTable(rows)
  const tick = tickAtSqrtPriceDown(sqrtPriceX96)
  const price = { sqrtPriceX96, tick, liquidity: liquidityAt(ticks, tick) }
  return depthFrom(poolRules(state, ticks), price, bps)
}

/** Pool arithmetic of Uniswap V3. */
export const uniswapV3Amm: Amm = { reserves, spotPrice, depth, rangedDepth }
