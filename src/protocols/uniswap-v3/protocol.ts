/**
 * Uniswap V3: pools announced by a listed factory, their price from Initialize and Swap, swaps and flash loans of
 * any pool. In-range liquidity is exact at each swap; between swaps positions may change it, so the state says when.
 */
import type { Hex } from '../../chains/types'
import { expectShape, topicAddress, topicOf, topicUint, wordAddress, wordInt, wordUint } from '../log-shape'
import { listedAs, NOTHING } from '../trust'
import type {
  DecodeContext,
  Decoded,
  Fact,
  LogRef,
  MarketState,
  Protocol,
  ProtocolEvent,
  RawLog,
  StateView,
} from '../types'

const POOL_CREATED = topicOf('PoolCreated(address,address,uint24,int24,address)')
const INITIALIZE = topicOf('Initialize(uint160,int24)')
const SWAP = topicOf('Swap(address,address,int256,int256,uint160,uint128,int24)')
const FLASH = topicOf('Flash(address,address,uint256,uint256,uint256,uint256)')

interface UniswapV3Event extends ProtocolEvent {
  readonly market: MarketState
  readonly changes: MarketState['state']
}

const DECODERS: Readonly<Record<Hex, (log: RawLog, context: DecodeContext) => Decoded>> = {
  [POOL_CREATED]: poolCreated,
  [INITIALIZE]: initialize,
  [SWAP]: swap,
  [FLASH]: flash,
}

/** PoolCreated(token0 indexed, token1 indexed, fee indexed, tickSpacing, pool) */
function poolCreated(log: RawLog, context: DecodeContext): Decoded {
  expectShape(log, 'PoolCreated', 4, 2)
  const [asset, asset1, feePips] = [topicAddress(log, 1), topicAddress(log, 2), Number(topicUint(log, 3, 24))]
  const [tickSpacing, pool] = [Number(wordInt(log, 0, 24)), wordAddress(log, 1)]
  const factory = listedAs(log, context, 'uniswap-v3', 'factory')
  if (factory === undefined) return NOTHING
  const decimals = {
    decimals0: context.token(asset)?.decimals ?? null,
    decimals1: context.token(asset1)?.decimals ?? null,
  }
  const price = { sqrtPriceX96: null, tick: null, liquidityAtLastSwap: null }
  const market: MarketState = {
    id: `${context.chain.id}:${pool}`,
    protocol: 'uniswap-v3',
    kind: 'pool',
    pool,
    revision: 3,
    asset,
    asset1,
    state: { factory: factory.address, feePips, tickSpacing, ...decimals, ...price },
    complete: true,
  }
  context.markets.add(market, emitters(market))
  return { facts: [], events: [event(log, 'created', market, {})] }
}

/** Initialize(sqrtPriceX96, tick) */
function initialize(log: RawLog, context: DecodeContext): Decoded {
  expectShape(log, 'Initialize', 1, 2)
  const changes = { sqrtPriceX96: wordUint(log, 0, 160).toString(), tick: Number(wordInt(log, 1, 24)) }
  const market = poolOf(log, context)
  return market === undefined ? NOTHING : { facts: [], events: [event(log, 'initialized', market, changes)] }
}

/** Swap(sender indexed, recipient indexed, amount0, amount1, sqrtPriceX96, liquidity, tick) */
function swap(log: RawLog, context: DecodeContext): Decoded {
  expectShape(log, 'Swap', 3, 5)
  const [sqrtPriceX96, liquidity, tick] = [
    wordUint(log, 2, 160),
    wordUint(log, 3, 128),
    Number(wordInt(log, 4, 24)),
  ]
  const market = poolOf(log, context)
  const fact: Fact = {
    table: 'swap',
    subIndex: 0,
    verified: market !== undefined,
    protocol: 'uniswap-v3',
    pool: log.address,
    sender: topicAddress(log, 1),
    recipient: topicAddress(log, 2),
    amount0: wordInt(log, 0),
    amount1: wordInt(log, 1),
    sqrtPriceX96,
    liquidity,
    tick,
  }
  if (market === undefined) return { facts: [fact], events: [] }
  const changes = { sqrtPriceX96: sqrtPriceX96.toString(), tick, liquidityAtLastSwap: liquidity.toString() }
  return { facts: [fact], events: [event(log, 'swapped', market, changes)] }
}

/**
 * Flash(sender indexed, recipient indexed, amount0, amount1, paid0, paid1): a fact for each side that was lent. The
 * event does not name its tokens; for a pool we do not know, the pool's own address stands for both (sub-index 0, 1).
 */
function flash(log: RawLog, context: DecodeContext): Decoded {
  expectShape(log, 'Flash', 3, 4)
  const market = poolOf(log, context)
  const sides = [market?.asset, market?.asset1].map((asset, side) => ({
    asset: asset ?? log.address,
    amount: wordUint(log, side),
    premium: wordUint(log, side + 2),
    subIndex: side,
  }))
  const common = {
    table: 'flash_loan',
    protocol: 'uniswap-v3',
    verified: market !== undefined,
    initiator: topicAddress(log, 1),
    receiver: topicAddress(log, 2),
  } as const
  return {
    facts: sides.filter(({ amount }) => amount > 0n).map((side) => ({ ...common, ...side })),
    events: [],
  }
}

function decode(log: RawLog, context: DecodeContext): Decoded {
  return DECODERS[log.topics[0] as Hex]?.(log, context) ?? NOTHING
}

function apply(raw: ProtocolEvent, state: StateView): void {
  const { market, changes } = raw as UniswapV3Event
  const known = state.market(market.id) ?? market
  state.setMarket({ ...known, state: { ...known.state, ...changes } })
}

function event(
  log: RawLog,
  name: string,
  market: MarketState,
  changes: MarketState['state'],
): UniswapV3Event {
  const ref: LogRef = { block: log.block, logIndex: log.logIndex, txHash: log.txHash }
  return { protocol: 'uniswap-v3', name, ref, market, changes }
}

function poolOf(log: RawLog, context: DecodeContext): MarketState | undefined {
  const market = context.markets.byEmitter(log.address)?.market
  return market?.protocol === 'uniswap-v3' ? market : undefined
}

function emitters(market: MarketState): { address: Hex; role: string }[] {
  return [{ address: market.pool, role: 'pool' }]
}

export const uniswapV3: Protocol = {
  name: 'uniswap-v3',
  decoderVersion: 1,
  topics: Object.keys(DECODERS) as Hex[],
  discoveryTopics: [POOL_CREATED],
  anyEmitter: true,
  decode,
  touches: (raw) => ({ markets: [(raw as UniswapV3Event).market.id] }),
  apply,
  emitters,
}
