/**
 * How a comet's own indexes can replace the derived ones: `totalsBasic()` called at a block that holds logs of the comet.
 * Within a block interest accrues once, so the indexes at its end are those that all its events used; the event made
 * here is to be folded before the block's logs.
 */
import type { Hex } from '../../chains/types'
import type { StateCall } from '../lending-risk'
import { selectorOf } from '../log-shape'
import type { BlockRef, MarketState, ProtocolEvent } from '../types'
import type { CompoundV3Event } from './events'

const TOTALS_BASIC = selectorOf('totalsBasic()')

/** The call for a comet, made of its base asset's row; none of other rows. */
export function compoundV3StateCalls(market: MarketState): StateCall[] {
  if (market.state.role !== 'base') return []
  return [
    { to: market.pool, data: TOTALS_BASIC, read: (result, block) => indexesRead(market, result, block) },
  ]
}

/**
 * The event for what `totalsBasic()` of a comet answered: (supplyIndex, borrowIndex, trackingSupplyIndex,
 * trackingBorrowIndex, totalSupply, totalBorrow, lastAccrualTime, pauseFlags). Undefined when the answer makes no sense.
 * @param base the row of the comet's base asset
 */
function indexesRead(base: MarketState, result: Hex, block: BlockRef): ProtocolEvent | undefined {
  if (!/^0x[0-9a-fA-F]{512}$/.test(result)) return undefined
  const word = (index: number) => BigInt(`0x${result.slice(2 + index * 64, 66 + index * 64)}`)
  const [supplyIndex, borrowIndex, lastAccrual] = [word(0), word(1), word(6)]
  const timeSec = BigInt(block.timestampSec)
  if (supplyIndex < 10n ** 15n || borrowIndex < 10n ** 15n || lastAccrual > timeSec) return undefined
  const event: CompoundV3Event = {
    protocol: 'compound-v3',
    ref: { block, logIndex: 0, txHash: block.hash },
    name: 'indexesRead',
    comet: {
      poolId: `${block.chainId}:${base.pool}`,
      pool: base.pool,
      base: base.asset,
      quote: null,
      complete: base.complete,
    },
    supplyIndex,
    borrowIndex,
    lastAccrualSec: Number(lastAccrual),
  }
  return event
}
