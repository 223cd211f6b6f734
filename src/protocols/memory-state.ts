/**
 * State and directory held in maps: the smallest StateView and MarketDirectory, for tests and one-off folds.
 * The processor has its own, backed by Postgres.
 */
import type { ChainSpec, Hex } from '../chains/types'
import type {
  DecodeContext,
  MarketDirectory,
  MarketState,
  PositionState,
  PriceState,
  Protocol,
  RawLog,
  StateView,
} from './types'
import { type Fact, UndecodableLog } from './types'

export interface MemoryState extends StateView {
  markets: Map<string, MarketState>
  /** Key: `${account}|${marketId}`. */
  positions: Map<string, PositionState>
  /** Key: `${asset}|${kind}|${source}`. */
  prices: Map<string, PriceState>
}

/** An empty state. */
export function createMemoryState(): MemoryState {
  const markets = new Map<string, MarketState>()
  const positions = new Map<string, PositionState>()
  const prices = new Map<string, PriceState>()
  return {
    markets,
    positions,
    prices,
    market: (id) => markets.get(id),
    setMarket: (market) => void markets.set(market.id, market),
    position: (account, marketId) => positions.get(`${account}|${marketId}`),
    setPosition: (position) => void positions.set(`${position.account}|${position.marketId}`, position),
    setPrice: (price) => void prices.set(`${price.asset}|${price.kind}|${price.source}`, price),
  }
}

/** An empty directory. */
export function createMemoryDirectory(): MarketDirectory {
  const byId = new Map<string, MarketState>()
  const byEmitter = new Map<Hex, { market: MarketState; role: string }>()
  return {
    byEmitter: (address) => byEmitter.get(address),
    get: (id) => byId.get(id),
    add(market, emitters) {
      byId.set(market.id, market)
      for (const { address, role } of emitters) byEmitter.set(address, { market, role })
    },
  }
}

/** A context over a chain file. `coverageFrom` defaults to block 0 for every protocol: everything was seen. */
export function createContext(
  chain: ChainSpec,
  markets: MarketDirectory = createMemoryDirectory(),
  coverageFrom: (protocol: string) => number = () => 0,
): DecodeContext {
  const contracts = new Map(chain.contracts.map((contract) => [contract.address, contract]))
  const tokens = new Map(chain.tokens.map((token) => [token.address, token]))
  const feeds = new Map(chain.feeds.map((feed) => [feed.address, feed]))
  return {
    chain,
    listed: (address) => contracts.get(address),
    token: (address) => tokens.get(address),
    feed: (address) => feeds.get(address),
    markets,
    coverageFrom,
  }
}

export interface FoldResult {
  facts: Fact[]
  undecodable: { log: RawLog; reason: string }[]
}

/** Decodes and applies logs in order. Logs that do not fit are returned, not thrown. */
export function foldLogs(
  logs: readonly RawLog[],
  protocolsByTopic: ReadonlyMap<Hex, readonly Protocol[]>,
  state: StateView,
  context: DecodeContext,
): FoldResult {
  const result: FoldResult = { facts: [], undecodable: [] }
  for (const log of logs) {
    const topic0 = log.topics[0]
    for (const protocol of (topic0 && protocolsByTopic.get(topic0)) || []) {
      try {
        const decoded = protocol.decode(log, context)
        result.facts.push(...decoded.facts)
        for (const event of decoded.events) protocol.apply?.(event, state, context)
      } catch (error) {
        if (!(error instanceof UndecodableLog)) throw error
        result.undecodable.push({ log, reason: error.reason })
      }
    }
  }
  return result
}
