/** What a pool's log does to its state: parts, of which each event has those that it moves. */
import type { MarketState, ProtocolEvent } from '../types'

/** A range of ticks, [tickLower, tickUpper), whose liquidity grows, or shrinks where `liquidity` is negative. */
export interface RangeChange {
  tickLower: number
  tickUpper: number
  liquidity: bigint
}

export interface UniswapV3Event extends ProtocolEvent {
  /** The pool as it was announced. */
  readonly market: MarketState
  /** State that the event tells outright. */
  readonly told: MarketState['state']
  /** Tokens that came in, or left where negative. */
  readonly gained: readonly [bigint, bigint]
  readonly range?: RangeChange
}
