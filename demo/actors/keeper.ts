/** The price keeper: posts the true price when it has moved by half a per cent or the feed has grown old. */
import { LOCAL_WORLD } from '../../src/chains/local-world'
import { CAST, demoAccount } from '../accounts'
import { answerCall, type Call } from '../calls'
import type { Scene } from './scene'

const DEVIATION_BPS = 50n
/** Turns after which a feed is posted again even if its price stands still. */
export const HEARTBEAT_TURNS = 60

/** Answers for the feeds that are due and that still believe the keeper. */
export function keeperTurn({ turn, market, truePricesE8 }: Scene): Call[] {
  const keeper = demoAccount(CAST.transmitter).address.toLowerCase()
  return LOCAL_WORLD.assets.flatMap(({ feed }, asset) => {
    if (market.feedTransmitters[asset] !== keeper) return []
    const [posted, actual] = [market.feedPricesE8[asset]!, truePricesE8[asset]!]
    const gap = actual > posted ? actual - posted : posted - actual
    const due = gap * 10_000n >= posted * DEVIATION_BPS || (turn + asset * 7) % HEARTBEAT_TURNS === 0
    return due ? [answerCall(CAST.transmitter, feed, actual)] : []
  })
}
