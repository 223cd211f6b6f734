/**
 * Uniswap V2: pairs announced by a listed factory, their reserves from Sync, swaps of any pair.
 *
 * Sync always states both reserves after the change, so a pair's Mint and Burn tell nothing more and are not read (its
 * Mint would also share a topic0 with Compound's). A pair that no listed factory announced within our sight yields
 * unverified swaps and no state; one announced before our coverage is incomplete until its next Sync.
 */
import type { Hex } from '../../chains/types'
import { expectShape, topicAddress, topicOf, wordAddress, wordUint } from '../log-shape'
import { listedAs, NOTHING } from '../trust'
import type {
  DecodeContext,
  Decoded,
  LogRef,
  MarketState,
  Protocol,
  ProtocolEvent,
  RawLog,
  StateView,
} from '../types'
import { uniswapV2Amm } from './depth'

const PAIR_CREATED = topicOf('PairCreated(address,address,address,uint256)')
const SYNC = topicOf('Sync(uint112,uint112)')
const SWAP = topicOf('Swap(address,uint256,uint256,uint256,uint256,address)')

interface UniswapV2Event extends ProtocolEvent {
  /** The pair as it was announced. */
  readonly market: MarketState
  readonly reserves: { reserve0: string; reserve1: string }
}

function decode(log: RawLog, context: DecodeContext): Decoded {
  if (log.topics[0] === PAIR_CREATED) return pairCreated(log, context)
  return log.topics[0] === SYNC ? sync(log, context) : swap(log, context)
}

/** PairCreated(token0 indexed, token1 indexed, pair, count) */
function pairCreated(log: RawLog, context: DecodeContext): Decoded {
  expectShape(log, 'PairCreated', 3, 2)
  const [asset, asset1, pool] = [topicAddress(log, 1), topicAddress(log, 2), wordAddress(log, 0)]
  const factory = listedAs(log, context, 'uniswap-v2', 'factory')
  if (factory === undefined) return NOTHING
  const reserves = { reserve0: '0', reserve1: '0' }
  const decimals = { decimals0: decimalsOf(asset, context), decimals1: decimalsOf(asset1, context) }
  const market: MarketState = {
    id: `${context.chain.id}:${pool}`,
    protocol: 'uniswap-v2',
    kind: 'pool',
    pool,
    revision: 2,
    asset,
    asset1,
    state: { factory: factory.address, ...reserves, ...decimals },
    complete: log.block.height >= context.coverageFrom('uniswap-v2'),
  }
  context.markets.add(market, emitters(market))
  return { facts: [], events: [event(log, 'created', market, reserves)] }
}

/** Sync(reserve0, reserve1) */
function sync(log: RawLog, context: DecodeContext): Decoded {
  expectShape(log, 'Sync', 1, 2)
  const reserves = { reserve0: wordUint(log, 0, 112).toString(), reserve1: wordUint(log, 1, 112).toString() }
  const market = pairOf(log, context)
  return market === undefined ? NOTHING : { facts: [], events: [event(log, 'sync', market, reserves)] }
}

/** Swap(sender indexed, amount0In, amount1In, amount0Out, amount1Out, to indexed) */
function swap(log: RawLog, context: DecodeContext): Decoded {
  expectShape(log, 'Swap', 3, 4)
  return {
    facts: [
      {
        table: 'swap',
        subIndex: 0,
        verified: pairOf(log, context) !== undefined,
        protocol: 'uniswap-v2',
        pool: log.address,
        sender: topicAddress(log, 1),
        recipient: topicAddress(log, 2),
        amount0: wordUint(log, 0) - wordUint(log, 2),
        amount1: wordUint(log, 1) - wordUint(log, 3),
        sqrtPriceX96: null,
        liquidity: null,
        tick: null,
      },
    ],
    events: [],
  }
}

function apply(raw: ProtocolEvent, state: StateView): void {
  const { market, reserves } = raw as UniswapV2Event
  const known = state.market(market.id) ?? market
  // A Sync tells all there is to know of a pair, whatever was missed before it.
  const complete = known.complete || raw.name === 'sync'
  state.setMarket({ ...known, state: { ...known.state, ...reserves }, complete })
}

function event(
  log: RawLog,
  name: 'created' | 'sync',
  market: MarketState,
  reserves: UniswapV2Event['reserves'],
): UniswapV2Event {
  const ref: LogRef = { block: log.block, logIndex: log.logIndex, txHash: log.txHash }
  return { protocol: 'uniswap-v2', name, ref, market, reserves }
}

function pairOf(log: RawLog, context: DecodeContext): MarketState | undefined {
  const market = context.markets.byEmitter(log.address)?.market
  return market?.protocol === 'uniswap-v2' ? market : undefined
}

function decimalsOf(asset: Hex, context: DecodeContext): number | null {
  return context.token(asset)?.decimals ?? null
}

function emitters(market: MarketState): { address: Hex; role: string }[] {
  return [{ address: market.pool, role: 'pair' }]
}

export const uniswapV2: Protocol = {
  name: 'uniswap-v2',
  decoderVersion: 1,
  topics: [PAIR_CREATED, SYNC, SWAP],
  discoveryTopics: [PAIR_CREATED],
  anyEmitter: true,
  decode,
  touches: (raw) => ({ markets: [(raw as UniswapV2Event).market.id] }),
  apply,
  emitters,
  receipt: ({ pool }) => pool,
  amm: uniswapV2Amm,
}
