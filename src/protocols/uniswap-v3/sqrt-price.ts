/**
 * Amounts between two prices of a range with constant liquidity, exact to Uniswap V3's SqrtPriceMath.
 *
 * Prices are square roots in Q64.96: sqrtPriceX96 = √(token 1 per token 0)·2⁹⁶. With liquidity L between √a < √b:
 *   token 0 = L·(1/√a − 1/√b),  token 1 = L·(√b − √a)
 * What a trader pays is rounded up, what the pool pays down.
 */
const Q96 = 2n ** 96n

const divUp = (a: bigint, b: bigint): bigint => (a + b - 1n) / b

function sorted(a: bigint, b: bigint): [bigint, bigint] {
  return a < b ? [a, b] : [b, a]
}

/** Token 0 between two square-root prices above zero, in any order, rounded up twice as the contract does. */
export function amount0Up(sqrtA: bigint, sqrtB: bigint, liquidity: bigint): bigint {
  const [low, high] = sorted(sqrtA, sqrtB)
  return divUp(divUp(liquidity * Q96 * (high - low), high), low)
}

/** Token 0 between two square-root prices above zero, in any order, rounded down. */
export function amount0Down(sqrtA: bigint, sqrtB: bigint, liquidity: bigint): bigint {
  const [low, high] = sorted(sqrtA, sqrtB)
  return (liquidity * Q96 * (high - low)) / high / low
}

/** Token 1 between two square-root prices, in any order, rounded up. */
export function amount1Up(sqrtA: bigint, sqrtB: bigint, liquidity: bigint): bigint {
  const [low, high] = sorted(sqrtA, sqrtB)
  return divUp(liquidity * (high - low), Q96)
}

/** Token 1 between two square-root prices, in any order, rounded down. */
export function amount1Down(sqrtA: bigint, sqrtB: bigint, liquidity: bigint): bigint {
  const [low, high] = sorted(sqrtA, sqrtB)
  return (liquidity * (high - low)) / Q96
}

/**
 * Price after `amountIn` of a token went in, rounded so that the pool does not pay more than it should.
 * @param isToken0In selling token 0 moves the price down, and the result is rounded up; token 1 up, and down
 */
export function sqrtPriceAfterInput(
  sqrtPriceX96: bigint,
  { liquidity, amountIn, isToken0In }: { liquidity: bigint; amountIn: bigint; isToken0In: boolean },
): bigint {
  if (!isToken0In) return sqrtPriceX96 + (amountIn * Q96) / liquidity
  if (amountIn === 0n) return sqrtPriceX96
  const scaled = liquidity * Q96
  const product = amountIn * sqrtPriceX96
  // Beyond 256 bits the contract divides first, which rounds otherwise.
  const fits = product < 2n ** 256n && scaled + product < 2n ** 256n
  return fits
    ? divUp(scaled * sqrtPriceX96, scaled + product)
    : divUp(scaled, scaled / sqrtPriceX96 + amountIn)
}
