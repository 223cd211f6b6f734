/**
 * Chainlink-shaped feeds: `AnswerUpdated(int256 indexed current, uint256 indexed roundId, uint256 updatedAt)`.
 *
 * A feed that the chain file lists moves two prices of its asset: `market` (USD, source `chainlink`) and `protocol`
 * (source: the feed's address), which a lending market picks when the feed is the one its oracle reads. The answer
 * of anyone else is kept as an unverified fact and moves nothing.
 */
import type { Hex } from '../../chains/types'
import { expectShape, topicInt, topicOf, topicUint, wordUint } from '../log-shape'
import type { DecodeContext, Decoded, LogRef, Protocol, ProtocolEvent, RawLog, StateView } from '../types'
import { UndecodableLog } from '../types'

const ANSWER_UPDATED = topicOf('AnswerUpdated(int256,uint256,uint256)')
/** The last second of the year 9999; later ones are not times that a database or a reader can hold. */
const LATEST_SEC = 253_402_300_799n

interface ChainlinkEvent extends ProtocolEvent {
  readonly name: 'answer'
  readonly feed: Hex
  readonly asset: Hex
  readonly answer: bigint
  readonly decimals: number
  readonly updatedAtSec: bigint
}

function decode(log: RawLog, context: DecodeContext): Decoded {
  expectShape(log, 'AnswerUpdated', 3, 1)
  const feed = context.feed(log.address)
  const [answer, roundId, updatedAtSec] = [topicInt(log, 1), topicUint(log, 2), wordUint(log, 0)]
  if (updatedAtSec > LATEST_SEC)
    throw new UndecodableLog(`AnswerUpdated: updatedAt ${updatedAtSec} is not a time`)
  const common = { answer, decimals: feed?.decimals ?? null, updatedAtSec }
  const facts: Decoded['facts'] = [
    {
      table: 'price_update',
      subIndex: 0,
      verified: feed !== undefined,
      source: 'chainlink',
      feed: log.address,
      asset: feed?.asset ?? null,
      roundId,
      ...common,
    },
  ]
  if (feed === undefined) return { facts, events: [] }
  const ref: LogRef = { block: log.block, logIndex: log.logIndex, txHash: log.txHash }
  const event: ChainlinkEvent = {
    protocol: 'chainlink',
    name: 'answer',
    ref,
    feed: feed.address,
    asset: feed.asset,
    ...common,
    decimals: feed.decimals,
  }
  return { facts, events: [event] }
}

function apply(raw: ProtocolEvent, state: StateView): void {
  const { asset, answer, decimals, updatedAtSec, feed } = raw as ChainlinkEvent
  const common = { asset, answer, decimals, updatedAtSec }
  state.setPrice({ ...common, kind: 'protocol', source: feed })
  state.setPrice({ ...common, kind: 'market', source: 'chainlink' })
}

export const chainlink: Protocol = {
  name: 'chainlink',
  decoderVersion: 1,
  topics: [ANSWER_UPDATED],
  anyEmitter: true,
  decode,
  touches: () => ({}),
  apply,
  priceSources: (chain) => ['chainlink', ...chain.feeds.map(({ address }) => address)],
}
