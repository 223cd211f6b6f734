/**
 * What an exchange pool of two tokens says from its state alone: its spot price, and how much it takes to move it.
 *
 * Prices are exact fractions of base units, token 1 for one of token 0, so that nothing is rounded before a caller
 * chooses a scale. A spot price can be moved within one transaction: it shows manipulation and is never the truth;
 * prices/dex.ts makes a price of many of them. Everything here is pure.
 */
import { mulDivDown } from '../math/fixed-point'
import type { MarketState } from './types'

/** Base units of token 1 for one base unit of token 0; both parts above zero. */
export interface Fraction {
  numerator: bigint
  denominator: bigint
}

/** Base units that one trade moves when it shifts the price of token 0; amounts in include the fee and round up, amounts out round down. */
export interface Depth {
  /** Selling token 0 until its price has fallen so far. */
  down: { token0In: bigint; token1Out: bigint }
  /** Buying token 0 until its price has risen so far. */
  up: { token1In: bigint; token0Out: bigint }
}

/** Pool arithmetic of an exchange protocol. */
export interface Amm {
  /** Base units that the pool holds of each token; undefined where they are not known. */
  reserves(state: MarketState['state']): { reserve0: bigint; reserve1: bigint } | undefined
  /** undefined while the pool has no price: not initialised, or a side is empty. */
  spotPrice(state: MarketState['state']): Fraction | undefined
  /**
   * Smallest trades after which the price stands at least `bps` lower or higher, by the pool's own row alone. Where
   * liquidity lies in ranges, those in force are taken to reach that far. undefined without a price or liquidity.
   * @param bps 1 to 9999
   */
  depth(state: MarketState['state'], bps: bigint): Depth | undefined
  /**
   * Where liquidity lies in ranges: the same from price `at`, through all ranges on the way, as far as liquidity goes
   * (what lies beyond it moves the price for nothing).
   * @param ticks the pool's rows of kind `ticks`
   */
  rangedDepth?(
    state: MarketState['state'],
    ticks: readonly MarketState[],
    at: Fraction,
    bps: bigint,
  ): Depth | undefined
}

/** Price of one whole token 0 in whole tokens 1, times `scale`, rounded down. */
export function priceOfWholeDown(
  price: Fraction,
  { decimals0, decimals1, scale }: { decimals0: number; decimals1: number; scale: bigint },
): bigint {
  const unit0 = 10n ** BigInt(decimals0)
  const unit1 = 10n ** BigInt(decimals1)
  return mulDivDown(price.numerator * unit0, scale, price.denominator * unit1)
}
