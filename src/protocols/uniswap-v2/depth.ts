/**
 * Trades against a constant-product pair, exact to the contract (UniswapV2Pair.swap, UniswapV2Library):
 *   out = floor(in·997·reserveOut / (reserveIn·1000 + in·997))
 * The whole of `in`, fee included, stays in the pair, so the product of the reserves never falls.
 */
import { squareRootDown } from '../../math/square-root'
import type { Amm, Depth, Fraction } from '../amm'
import type { MarketState } from '../types'

/** The fee is 3 of 1000; the contract reckons in thousandths. */
const KEPT = 997n
const WHOLE = 1000n
const BPS = 10_000n

export interface Reserves {
  reserveIn: bigint
  reserveOut: bigint
}

/** What a pair pays for `amountIn`, rounded down in its favour. All amounts ≥ 0, reserves above zero (else RangeError). */
export function amountOutDown(amountIn: bigint, { reserveIn, reserveOut }: Reserves): bigint {
  if (reserveIn <= 0n || reserveOut <= 0n) throw new RangeError('a pair with an empty side pays nothing')
  if (amountIn < 0n) throw new RangeError(`cannot sell ${amountIn}`)
  const kept = amountIn * KEPT
  return (kept * reserveOut) / (reserveIn * WHOLE + kept)
}

/**
 * What a pair asks for `amountOut`, rounded up in its favour, as the router's getAmountIn; undefined when it does not
 * have that much to give.
 */
export function amountInUp(amountOut: bigint, { reserveIn, reserveOut }: Reserves): bigint | undefined {
  if (amountOut <= 0n || amountOut >= reserveOut || reserveIn <= 0n) return undefined
  return (reserveIn * amountOut * WHOLE) / ((reserveOut - amountOut) * KEPT) + 1n
}

/**
 * Smallest sale after which the price of what is sold is at most `limit` (below 1) times what it was.
 *
 * Without rounding it solves (x + in)(x + in·997/1000) = x²/limit for reserveIn x. The contract's rounding shifts that
 * by little, so the exact answer is sought around it; the price after a sale only falls as the sale grows, and selling
 * x·(1/limit − 1) is enough even for nothing in return.
 */
function saleThatMoves(reserves: Reserves, limit: Fraction): { amountIn: bigint; amountOut: bigint } {
  const { reserveIn, reserveOut } = reserves
  const { numerator, denominator } = limit
  const hasMoved = (amountIn: bigint): boolean => {
    const left = reserveOut - amountOutDown(amountIn, reserves)
    return left * reserveIn * denominator <= reserveOut * (reserveIn + amountIn) * numerator
  }
  const both = KEPT + WHOLE
  const square = both ** 2n + (4n * KEPT * WHOLE * (denominator - numerator)) / numerator
  const estimate = (squareRootDown(square * reserveIn ** 2n) - both * reserveIn) / (2n * KEPT)
  let low = estimate < 0n ? 0n : estimate
  let high = low + 1n
  for (let stride = 1n; low > 0n && hasMoved(low); stride *= 2n) {
    high = low
    low = low > stride ? low - stride : 0n
  }
  for (let stride = 1n; !hasMoved(high); stride *= 2n) {
    low = high
    high += stride
  }
  while (low + 1n < high) {
    const middle = (low + high) / 2n
    if (hasMoved(middle)) high = middle
    else low = middle
  }
  return { amountIn: high, amountOut: amountOutDown(high, reserves) }
}

/** Reserves of a pair's state; undefined while a side is empty. */
function reservesOf(state: MarketState['state']): { reserve0: bigint; reserve1: bigint } | undefined {
  const [reserve0, reserve1] = [BigInt(state.reserve0 ?? 0), BigInt(state.reserve1 ?? 0)]
  return reserve0 === 0n || reserve1 === 0n ? undefined : { reserve0, reserve1 }
}

function reserves({ reserve0, reserve1 }: MarketState['state']) {
  if (typeof reserve0 !== 'string' || typeof reserve1 !== 'string') return undefined
  return { reserve0: BigInt(reserve0), reserve1: BigInt(reserve1) }
}

function spotPrice(state: MarketState['state']): Fraction | undefined {
  const reserves = reservesOf(state)
  return reserves && { numerator: reserves.reserve1, denominator: reserves.reserve0 }
}

function depth(state: MarketState['state'], bps: bigint): Depth | undefined {
  const reserves = reservesOf(state)
  if (reserves === undefined) return undefined
  const { reserve0, reserve1 } = reserves
  const down = saleThatMoves(
    { reserveIn: reserve0, reserveOut: reserve1 },
    { numerator: BPS - bps, denominator: BPS },
  )
  // The price of token 0 rises by a part when that of token 1 falls to the inverse.
  const up = saleThatMoves(
    { reserveIn: reserve1, reserveOut: reserve0 },
    { numerator: BPS, denominator: BPS + bps },
  )
  return {
    down: { token0In: down.amountIn, token1Out: down.amountOut },
    up: { token1In: up.amountIn, token0Out: up.amountOut },
  }
}

/** Pool arithmetic of Uniswap V2. A pair whose reserve would pass 2¹¹² refuses the trade; such depth is of no use. */
export const uniswapV2Amm: Amm = { reserves, spotPrice, depth }
