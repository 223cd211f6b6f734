/**
 * Pyth's prices: `PriceFeedUpdate(bytes32 indexed id, uint64 publishTime, int64 price, uint64 conf)`.
 *
 * The event does not tell the exponent, so an answer means something only for an id that the chain file lists: it moves the
 * market price of its token (USD, source `pyth`), with the half-width of its confidence interval. Any other id, and the
 * listed ids of any other contract, are kept as unverified facts; the id stands in `roundId`, since Pyth counts no rounds.
 */
import type { PythFeedSpec } from '../../chains/types'
import { expectShape, topicBytes32, topicOf, wordInt, wordUint } from '../log-shape'
import { listedAs } from '../trust'
import {
  type DecodeContext,
  type Decoded,
  type Fact,
  type Protocol,
  type ProtocolEvent,
  type RawLog,
  type StateView,
  UndecodableLog,
} from '../types'

const PRICE_FEED_UPDATE = topicOf('PriceFeedUpdate(bytes32,uint64,int64,uint64)')
/** The last second of the year 9999; later ones are not times that a database or a reader can hold. */
const LATEST_SEC = 253_402_300_799n

interface PythEvent extends ProtocolEvent {
  readonly name: 'update'
  readonly feed: PythFeedSpec
  readonly answer: bigint
  readonly confidence: bigint
  readonly updatedAtSec: bigint
}

function decode(log: RawLog, context: DecodeContext): Decoded {
  expectShape(log, 'PriceFeedUpdate', 2, 3)
  const id = topicBytes32(log, 1)
  const [updatedAtSec, answer, confidence] = [wordUint(log, 0, 64), wordInt(log, 1, 64), wordUint(log, 2, 64)]
  if (updatedAtSec > LATEST_SEC)
    throw new UndecodableLog(`PriceFeedUpdate: publishTime ${updatedAtSec} is not a time`)
  const listed = listedAs(log, context, 'pyth', 'pyth') !== undefined
  const feed = listed ? context.chain.pythFeeds?.find((candidate) => candidate.id === id) : undefined
  const fact: Fact = {
    table: 'price_update',
    subIndex: 0,
    verified: feed !== undefined,
    source: 'pyth',
    feed: log.address,
    asset: feed?.asset ?? null,
    answer,
    decimals: feed === undefined ? null : -feed.expo,
    roundId: BigInt(id),
    updatedAtSec,
  }
  if (feed === undefined) return { facts: [fact], events: [] }
  const ref = { block: log.block, logIndex: log.logIndex, txHash: log.txHash }
  const event: PythEvent = { protocol: 'pyth', name: 'update', ref, feed, answer, confidence, updatedAtSec }
  return { facts: [fact], events: [event] }
}

function apply(raw: ProtocolEvent, state: StateView): void {
  const { feed, answer, confidence, updatedAtSec } = raw as PythEvent
  const { asset, expo } = feed
  state.setPrice({ asset, kind: 'market', source: 'pyth', answer, decimals: -expo, updatedAtSec, confidence })
}

export const pyth: Protocol = {
  name: 'pyth',
  decoderVersion: 1,
  topics: [PRICE_FEED_UPDATE],
  anyEmitter: true,
  decode,
  touches: () => ({}),
  apply,
}
