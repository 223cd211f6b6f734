/**
 * Folds a pool's events: price, liquidity in force, liquidity by tick, and the tokens that its events account for
 * (balance0, balance1; gifts to the pool emit nothing and are not counted). The liquidity in force is told by each swap;
 * between swaps a range that spans the price changes it.
 */
import type { MarketState, ProtocolEvent, StateView, Touched } from '../types'
import type { RangeChange, UniswapV3Event } from './events'
import { addAtTick, ticksRowId } from './ticks'

export function touchedByUniswapV3(raw: ProtocolEvent): Touched {
  const { market, range } = raw as UniswapV3Event
  const ticks = range ? [range.tickLower, range.tickUpper] : []
  return { markets: [market.id, ...ticks.map((tick) => ticksRowId(market, tick))] }
}

export function applyUniswapV3(raw: ProtocolEvent, state: StateView): void {
  const { market, told, gained, range } = raw as UniswapV3Event
  const known = state.market(market.id) ?? market
  const sums = {
    balance0: BigInt(known.state.balance0 ?? 0) + gained[0],
    balance1: BigInt(known.state.balance1 ?? 0) + gained[1],
    liquidity: BigInt(known.state.liquidity ?? 0) + inForce(known, range),
  }
  // A sum below zero tells of events that were not seen.
  const isWhole = Object.values(sums).every((sum) => sum >= 0n)
  const areTicksWhole = range === undefined || moveRange(state, known, range)
  const counted = Object.entries(sums).map(([key, sum]) => [key, (sum > 0n ? sum : 0n).toString()])
  state.setMarket({
    ...known,
    state: { ...known.state, ...Object.fromEntries(counted), ...told },
    complete: known.complete && isWhole && areTicksWhole,
  })
}

/** By how much a range changes the liquidity in force. */
function inForce({ state }: MarketState, range: RangeChange | undefined): bigint {
  if (range === undefined || typeof state.tick !== 'number') return 0n
  return range.tickLower <= state.tick && state.tick < range.tickUpper ? range.liquidity : 0n
}

/** Nothing to do for a range whose liquidity stays: its owner only had fees reckoned (a burn of 0). */
function moveRange(state: StateView, pool: MarketState, range: RangeChange): boolean {
  const { tickLower, tickUpper, liquidity } = range
  if (liquidity === 0n) return true
  const isLowerWhole = addAtTick(state, pool, { side: 'from', tick: tickLower, liquidity })
  const isUpperWhole = addAtTick(state, pool, { side: 'to', tick: tickUpper, liquidity })
  return isLowerWhole && isUpperWhole
}
