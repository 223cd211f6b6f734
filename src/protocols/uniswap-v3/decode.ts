/**
 * Uniswap V3 logs: pools announced by a listed factory, and what its pools say of themselves. Swaps, flash loans and
 * what the factory's owner does in a pool are facts, of any emitter; liquidity, whose owner is mostly a contract that
 * holds it for others, moves state alone. A pool announced before our coverage stays incomplete: liquidity that came in
 * unseen lies in its ticks.
 */
import type { Hex } from '../../chains/types'
import {
  expectShape,
  topicAddress,
  topicInt,
  topicOf,
  topicUint,
  wordAddress,
  wordInt,
  wordUint,
} from '../log-shape'
import { listedAs, NOTHING } from '../trust'
import {
  type DecodeContext,
  type Decoded,
  type Fact,
  type MarketState,
  type RawLog,
  UndecodableLog,
} from '../types'
import type { RangeChange, UniswapV3Event } from './events'
import { MAX_TICK, MIN_TICK } from './tick-price'

export const POOL_CREATED = topicOf('PoolCreated(address,address,uint24,int24,address)')

type Decoder = (log: RawLog, context: DecodeContext) => Decoded

const DECODERS: Readonly<Record<Hex, Decoder>> = {
  [POOL_CREATED]: poolCreated,
  [topicOf('Initialize(uint160,int24)')]: initialize,
  [topicOf('Mint(address,address,int24,int24,uint128,uint256,uint256)')]: mint,
  [topicOf('Burn(address,int24,int24,uint128,uint256,uint256)')]: burn,
  [topicOf('Collect(address,address,int24,int24,uint128,uint128)')]: collect,
  [topicOf('Swap(address,address,int256,int256,uint160,uint128,int24)')]: swap,
  [topicOf('Flash(address,address,uint256,uint256,uint256,uint256)')]: flash,
  [topicOf('SetFeeProtocol(uint8,uint8,uint8,uint8)')]: setFeeProtocol,
  [topicOf('CollectProtocol(address,address,uint128,uint128)')]: collectProtocol,
}

export const UNISWAP_V3_TOPICS = Object.keys(DECODERS) as Hex[]

export function decodeUniswapV3(log: RawLog, context: DecodeContext): Decoded {
  return DECODERS[log.topics[0] as Hex]?.(log, context) ?? NOTHING
}

/** PoolCreated(token0 indexed, token1 indexed, fee indexed, tickSpacing, pool) */
function poolCreated(log: RawLog, context: DecodeContext): Decoded {
  expectShape(log, 'PoolCreated', 4, 2)
  const [asset, asset1, feePips] = [topicAddress(log, 1), topicAddress(log, 2), Number(topicUint(log, 3, 24))]
  const [tickSpacing, pool] = [Number(wordInt(log, 0, 24)), wordAddress(log, 1)]
  const factory = listedAs(log, context, 'uniswap-v3', 'factory')
  if (factory === undefined) return NOTHING
  if (tickSpacing <= 0 || feePips >= 1_000_000)
    throw new UndecodableLog(`PoolCreated: no pool has spacing ${tickSpacing} and fee ${feePips}`)
  const decimals = {
    decimals0: context.token(asset)?.decimals ?? null,
    decimals1: context.token(asset1)?.decimals ?? null,
  }
  const price = { sqrtPriceX96: null, tick: null, liquidity: '0' }
  const holdings = { balance0: '0', balance1: '0', feeProtocol0: 0, feeProtocol1: 0 }
  const market: MarketState = {
    id: `${context.chain.id}:${pool}`,
    protocol: 'uniswap-v3',
    kind: 'pool',
    pool,
    revision: 3,
    asset,
    asset1,
    state: { factory: factory.address, feePips, tickSpacing, ...decimals, ...price, ...holdings },
    complete: log.block.height >= context.coverageFrom('uniswap-v3'),
  }
  context.markets.add(market, uniswapV3Emitters(market))
  return { facts: [], events: [event(log, 'created', market, {})] }
}

/** Initialize(sqrtPriceX96, tick) */
function initialize(log: RawLog, context: DecodeContext): Decoded {
  expectShape(log, 'Initialize', 1, 2)
  const told = { sqrtPriceX96: wordUint(log, 0, 160).toString(), tick: Number(wordInt(log, 1, 24)) }
  return moved(log, context, 'initialized', { told })
}

/** Mint(sender, owner indexed, tickLower indexed, tickUpper indexed, amount, amount0, amount1) */
function mint(log: RawLog, context: DecodeContext): Decoded {
  expectShape(log, 'Mint', 4, 4)
  wordAddress(log, 0)
  const range = rangeChange(log, wordUint(log, 1, 128))
  return moved(log, context, 'minted', { range, gained: [wordUint(log, 2), wordUint(log, 3)] })
}

/** Burn(owner indexed, tickLower indexed, tickUpper indexed, amount, amount0, amount1); tokens leave by Collect. */
function burn(log: RawLog, context: DecodeContext): Decoded {
  expectShape(log, 'Burn', 4, 3)
  return moved(log, context, 'burned', { range: rangeChange(log, -wordUint(log, 0, 128)) })
}

/** Collect(owner indexed, recipient, tickLower indexed, tickUpper indexed, amount0, amount1) */
function collect(log: RawLog, context: DecodeContext): Decoded {
  expectShape(log, 'Collect', 4, 3)
  wordAddress(log, 0)
  return moved(log, context, 'collected', { gained: [-wordUint(log, 1, 128), -wordUint(log, 2, 128)] })
}

/** Swap(sender indexed, recipient indexed, amount0, amount1, sqrtPriceX96, liquidity, tick) */
function swap(log: RawLog, context: DecodeContext): Decoded {
  expectShape(log, 'Swap', 3, 5)
  const [amount0, amount1] = [wordInt(log, 0), wordInt(log, 1)]
  const [sqrtPriceX96, liquidity] = [wordUint(log, 2, 160), wordUint(log, 3, 128)]
  const tick = Number(wordInt(log, 4, 24))
  const fact: Fact = {
    table: 'swap',
    subIndex: 0,
    verified: poolOf(log, context) !== undefined,
    protocol: 'uniswap-v3',
    pool: log.address,
    sender: topicAddress(log, 1),
    recipient: topicAddress(log, 2),
    amount0,
    amount1,
    sqrtPriceX96,
    liquidity,
    tick,
  }
  const told = { sqrtPriceX96: sqrtPriceX96.toString(), tick, liquidity: liquidity.toString() }
  return moved(log, context, 'swapped', { told, gained: [amount0, amount1] }, [fact])
}

/**
 * Flash(sender indexed, recipient indexed, amount0, amount1, paid0, paid1): a fact for each side that was lent. The
 * event does not name its tokens; for a pool we do not know, the pool's own address stands for both (sub-index 0, 1).
 */
function flash(log: RawLog, context: DecodeContext): Decoded {
  expectShape(log, 'Flash', 3, 4)
  const market = poolOf(log, context)
  const paid = [wordUint(log, 2), wordUint(log, 3)] as const
  const sides = [market?.asset, market?.asset1].map((asset, side) => ({
    asset: asset ?? log.address,
    amount: wordUint(log, side),
    premium: paid[side]!,
    subIndex: side,
  }))
  const common = {
    table: 'flash_loan',
    protocol: 'uniswap-v3',
    verified: market !== undefined,
    initiator: topicAddress(log, 1),
    receiver: topicAddress(log, 2),
  } as const
  const facts = sides.filter(({ amount }) => amount > 0n).map((side) => ({ ...common, ...side }))
  return moved(log, context, 'flashed', { gained: paid }, facts)
}

/** SetFeeProtocol(old0, old1, new0, new1): the part, one in so many, of the fees that the factory's owner takes; 0 none. */
function setFeeProtocol(log: RawLog, context: DecodeContext): Decoded {
  expectShape(log, 'SetFeeProtocol', 1, 4)
  const [, , feeProtocol0, feeProtocol1] = [0, 1, 2, 3].map((word) => Number(wordUint(log, word, 8)))
  const detail = { feeProtocol0: String(feeProtocol0), feeProtocol1: String(feeProtocol1) }
  const fact = adminFact(log, context, { kind: 'protocolFeeSet', actor: null, detail })
  const told = { feeProtocol0: feeProtocol0 ?? 0, feeProtocol1: feeProtocol1 ?? 0 }
  return moved(log, context, 'protocolFeeSet', { told }, [fact])
}

/** CollectProtocol(sender indexed, recipient indexed, amount0, amount1) */
function collectProtocol(log: RawLog, context: DecodeContext): Decoded {
  expectShape(log, 'CollectProtocol', 3, 2)
  const [amount0, amount1] = [wordUint(log, 0, 128), wordUint(log, 1, 128)]
  const detail = {
    recipient: topicAddress(log, 2),
    amount0: amount0.toString(),
    amount1: amount1.toString(),
  }
  const fact = adminFact(log, context, { kind: 'protocolFeesCollected', actor: topicAddress(log, 1), detail })
  return moved(log, context, 'protocolFeesCollected', { gained: [-amount0, -amount1] }, [fact])
}

function adminFact(
  log: RawLog,
  context: DecodeContext,
  action: Pick<Extract<Fact, { table: 'admin_action' }>, 'kind' | 'actor' | 'detail'>,
): Fact {
  const verified = poolOf(log, context) !== undefined
  return { table: 'admin_action', subIndex: 0, verified, target: log.address, ...action }
}

/** The ticks of a position, which are indexed arguments 2 and 3 in each of its events. */
function rangeChange(log: RawLog, liquidity: bigint): RangeChange {
  const [tickLower, tickUpper] = [Number(topicInt(log, 2, 24)), Number(topicInt(log, 3, 24))]
  topicAddress(log, 1)
  if (tickLower >= tickUpper || tickLower < MIN_TICK || tickUpper > MAX_TICK)
    throw new UndecodableLog(`no range of ticks: ${tickLower} to ${tickUpper}`)
  return { tickLower, tickUpper, liquidity }
}

/** Facts, and the event where the emitter is a pool that we know. */
function moved(
  log: RawLog,
  context: DecodeContext,
  name: string,
  parts: Partial<Pick<UniswapV3Event, 'told' | 'gained' | 'range'>>,
  facts: Fact[] = [],
): Decoded {
  const market = poolOf(log, context)
  return { facts, events: market === undefined ? [] : [event(log, name, market, parts)] }
}

function event(
  log: RawLog,
  name: string,
  market: MarketState,
  parts: Partial<Pick<UniswapV3Event, 'told' | 'gained' | 'range'>>,
): UniswapV3Event {
  const ref = { block: log.block, logIndex: log.logIndex, txHash: log.txHash }
  return { protocol: 'uniswap-v3', name, ref, market, told: {}, gained: [0n, 0n], ...parts }
}

function poolOf(log: RawLog, context: DecodeContext): MarketState | undefined {
  const market = context.markets.byEmitter(log.address)?.market
  return market?.protocol === 'uniswap-v3' ? market : undefined
}

/** A pool emits its own events; the rows of its ticks emit none. */
export function uniswapV3Emitters(market: MarketState): { address: Hex; role: string }[] {
  return market.kind === 'pool' ? [{ address: market.pool, role: 'pool' }] : []
}
