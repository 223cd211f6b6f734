/**
 * The contract between the processor and the protocols.
 *
 * The processor hands each log to the protocols that claim its topic0. `decode` turns it into rows of facts and,
 * where the protocol keeps state, into events that `apply` later folds in block order. Both are pure: same log and
 * context, same result. A log that claims a known topic0 but does not fit it throws `UndecodableLog` and is
 * quarantined with its coordinates; a log that fits another standard (an ERC-721 Transfer) is classified.
 */
import type { ChainSpec, Hex } from '../chains/types'
import type { Amm } from './amm'
import type { LendingRisk, PriceCall } from './lending-risk'

/** Stands for a chain's own coin where an asset's address is asked for (ERC-7528). */
export const NATIVE_ASSET: Hex = `0x${'ee'.repeat(20)}`

export interface BlockRef {
  chainId: number
  height: number
  hash: Hex
  parentHash: Hex
  /** Seconds since the epoch. */
  timestampSec: number
}

export interface RawLog {
  block: BlockRef
  logIndex: number
  txIndex: number
  txHash: Hex
  /** Lower case. */
  address: Hex
  topics: readonly Hex[]
  data: Hex
}

export interface RawTransaction {
  block: BlockRef
  txIndex: number
  hash: Hex
  from: Hex
  to?: Hex
  /** Set for contract creations where the source tells. */
  contractAddress?: Hex
  valueWei: bigint
  input?: Hex
  gasUsed?: bigint
  status?: number
  nonce?: number
}

/** Columns every fact has; the processor fills id, chainId, height, block hash and time, log index and tx hash. */
export interface FactCommon {
  subIndex: number
  /** The emitter is listed in the chain file or was created by a listed factory. */
  verified: boolean
}

/** Accounts and assets are plain lower-case addresses here; the processor prefixes the chain. */
export type Fact = FactCommon &
  (
    | {
        table: 'token_transfer'
        asset: Hex
        from: Hex
        to: Hex
        amount: bigint
        tokenId: bigint | null
        standard: 'erc20' | 'erc721' | 'erc1155'
      }
    | {
        table: 'token_approval'
        asset: Hex
        owner: Hex
        spender: Hex
        amount: bigint
        tokenId: bigint | null
        /** `permit2`: an allowance within Uniswap's Permit2, which spends the token by an approval of its own. */
        standard: 'erc20' | 'erc721' | 'all' | 'permit2'
      }
    | {
        table: 'lending_event'
        protocol: string
        kind: 'supply' | 'withdraw' | 'borrow' | 'repay' | 'liquidation' | 'collateralOn' | 'collateralOff'
        account: Hex
        initiator: Hex
        /** Pool whose reserve `asset` makes the market; null when unverified. */
        pool: Hex | null
        /** What stands after the pool in the market's id where that is not `asset`. */
        marketSuffix?: Hex
        asset: Hex
        amount: bigint
        collateralAsset: Hex | null
        collateralAmount: bigint | null
      }
    | {
        table: 'swap'
        protocol: string
        pool: Hex
        sender: Hex
        recipient: Hex
        amount0: bigint
        amount1: bigint
        sqrtPriceX96: bigint | null
        liquidity: bigint | null
        tick: number | null
      }
    | {
        table: 'price_update'
        source: string
        feed: Hex
        asset: Hex | null
        answer: bigint
        decimals: number | null
        /** Pyth numbers no rounds: there the 32-byte id of the price, as an integer. */
        roundId: bigint
        updatedAtSec: bigint
      }
    | {
        table: 'flash_loan'
        protocol: string
        initiator: Hex
        receiver: Hex
        asset: Hex
        amount: bigint
        premium: bigint
      }
    | {
        table: 'admin_action'
        kind: string
        target: Hex
        actor: Hex | null
        detail: Readonly<Record<string, string>>
      }
    | {
        table: 'bridge_transfer'
        bridge: string
        /** As seen from this chain: `out` leaves it, `in` arrives. */
        direction: 'out' | 'in'
        /** Who sent it (out) or received it (in) here; where the event names only the other side's account, that one. */
        account: Hex
        /** The token on this chain, NATIVE_ASSET for the chain's own coin. */
        asset: Hex
        amount: bigint
        remoteChainId: bigint | null
      }
  )

export type FactTable = Fact['table']

/** Where a log stands; carried by protocol events into `apply`. */
export interface LogRef {
  block: BlockRef
  logIndex: number
  txHash: Hex
}

/** A protocol's own event for its fold: private to the protocol, opaque to the processor. */
export interface ProtocolEvent {
  readonly protocol: string
  readonly ref: LogRef
  readonly name: string
}

/** A market's row as the fold sees it. `state` is the protocol's own; integers are decimal strings. */
export interface MarketState {
  id: string
  protocol: string
  /**
   * `reserve`: an asset that a lending pool takes or lends; `pool`: a pool of its own, or a lending pool's own row;
   * `ticks`: part of an exchange pool's state that has a row of its own.
   */
  kind: 'reserve' | 'pool' | 'ticks'
  /** The contract, or the 32-byte id of an isolated market; what an account's health is reckoned over. */
  pool: Hex
  revision: number
  asset: Hex
  asset1: Hex | null
  state: Readonly<Record<string, string | number | boolean | null>>
  complete: boolean
}

export interface PositionState {
  account: Hex
  marketId: string
  protocol: string
  pool: Hex
  scaledSupply: bigint
  scaledDebt: bigint
  collateralEnabled: boolean
  complete: boolean
}

export interface PriceState {
  asset: Hex
  kind: 'protocol' | 'market'
  source: string
  answer: bigint
  decimals: number
  updatedAtSec: bigint
  /** Half the width of the source's confidence interval, in units of the answer, where the source states one. */
  confidence?: bigint
}

/** State keys an event may read or write, so that the processor can load them in one query a table. */
export interface Touched {
  markets?: readonly string[]
  positions?: readonly { account: Hex; marketId: string }[]
}

/** State during a fold. Reads see earlier writes of the same fold. Writes are versioned and journaled by the store. */
export interface StateView {
  market(id: string): MarketState | undefined
  setMarket(market: MarketState): void
  position(account: Hex, marketId: string): PositionState | undefined
  setPosition(position: PositionState): void
  setPrice(price: PriceState): void
}

/** Markets known so far, by the addresses whose events move them. Discovery during decode is visible to later logs. */
export interface MarketDirectory {
  /** The market that this emitter (aToken, debt token, pair, …) belongs to, if a listed factory made it. */
  byEmitter(address: Hex): { market: MarketState; role: string } | undefined
  /** Market by id. */
  get(id: string): MarketState | undefined
  /** A factory or configurator event announced a market; emitters: address → role. */
  add(market: MarketState, emitters: ReadonlyArray<{ address: Hex; role: string }>): void
}

export interface DecodeContext {
  chain: ChainSpec
  /** The chain file's entry for an address. */
  listed(address: Hex): ChainSpec['contracts'][number] | undefined
  token(address: Hex): ChainSpec['tokens'][number] | undefined
  feed(address: Hex): ChainSpec['feeds'][number] | undefined
  markets: MarketDirectory
  /** First block covered for a protocol on this chain; state that began earlier is incomplete. */
  coverageFrom(protocol: string): number
}

export interface Decoded {
  facts: Fact[]
  events: ProtocolEvent[]
}

/** What a protocol folder exports; `src/protocols/registry.ts` has one line for each. */
export interface Protocol {
  name: string
  /** Raise when decoding changes: coverage is kept per version. */
  decoderVersion: number
  /** topic0 of every log it wants. */
  topics: readonly Hex[]
  /** Those of `topics` that every token emits: asked for only of the contracts that the chain file lists here. */
  listedTopics?: readonly Hex[]
  /** True when logs of any emitter are wanted; false: only listed contracts, tokens, feeds or discovered markets. */
  anyEmitter: boolean
  /** Listed tokens whose logs it wants besides its listed contracts; asked only where `anyEmitter` is false. */
  tokens?(chain: ChainSpec): ChainSpec['tokens']
  decode(log: RawLog, context: DecodeContext): Decoded
  touches?(event: ProtocolEvent): Touched
  apply?(event: ProtocolEvent, state: StateView, context: DecodeContext): void
  /** topic0 of the logs, of listed contracts, by which `decode` announces markets; a backfill reads them ahead of all others. */
  discoveryTopics?: readonly Hex[]
  /** Emitters of a market's events, from its stored row (to rebuild the directory on start). */
  emitters?(market: MarketState): ReadonlyArray<{ address: Hex; role: string }>
  /** Sources, as `PriceState` names them, of the prices that `apply` sets. */
  priceSources?(chain: ChainSpec): readonly string[]
  /** The token that stands for a share of what lies in this market, where there is one. */
  receipt?(market: MarketState): Hex | undefined
  /** Health and liquidation arithmetic of a lending protocol. */
  risk?: LendingRisk
  /** Price and depth of an exchange's pools. */
  amm?: Amm
  /** Prices that a market's oracle announces by no event, to be called at a block. */
  priceCalls?(market: MarketState, chain: ChainSpec): readonly PriceCall[]
}

/** A log with a topic0 we know whose topics or data do not fit it. `reason` goes to the quarantine row. */
export class UndecodableLog extends Error {
  constructor(readonly reason: string) {
    super(reason)
    this.name = 'UndecodableLog'
  }
}
