/** What a chain file says: identity, finality, cost knobs, and whom on that chain we believe. */

/** Lower-case 0x-hex. */
export type Hex = `0x${string}`

export interface TokenSpec {
  address: Hex
  symbol: string
  name: string
  decimals: number
  /**
   * Of a child token of Polygon's proof-of-stake bridge, which mints it for deposits and burns it for withdrawals and for
   * nothing else: the chain of its root token.
   */
  polygonPosRootChainId?: number
  /** What the token promises; without it, itself. */
  backing?: Backing
}

/** What a listed token is a promise of, and whose. */
export interface Backing {
  /**
   * `wrapped` (a contract gives the coin back at any time), `staked`, `bridged` (locked on another chain), `custodied` (a
   * company holds it), `reserves` (a company owes it), `loans` (minted by the issuer's loans in it, a listed protocol).
   */
  kind: 'wrapped' | 'staked' | 'bridged' | 'custodied' | 'reserves' | 'loans'
  /** Who must keep it: a protocol or bridge as the registry names it, else a company. */
  issuer: string
  /** `chainId:address` of a token, `native:ETH`, `offchain:USD`; of `loans`: nothing, the loans say it. */
  on?: string
}

/** A contract that emits `AnswerUpdated` and whose answers we believe. On public chains: the aggregator, not the proxy. */
export interface FeedSpec {
  address: Hex
  /** Token the answer prices, in USD. */
  asset: Hex
  decimals: number
  description: string
  /** Longest time between two answers that the feed promises; without it a day (src/prices/market.ts). */
  heartbeatSec?: number
}

/** A price of the listed Pyth contract that we believe. */
export interface PythFeedSpec {
  /** Pyth's id of the price, 32 bytes. */
  id: Hex
  /** Token the answer prices, in USD. */
  asset: Hex
  /** Answers are integers times ten to this power. */
  expo: number
  description: string
}

/**
 * A contract whose events we believe. `role` is the protocol's own word for what it is (pool, poolConfigurator,
 * factory, comet, cToken, …); `deployedAtBlock` tells whether coverage began before it did; where the exact
 * block is not known, an earlier one stands (it can only make state incomplete, never wrong).
 */
export interface WatchedContract {
  address: Hex
  protocol: string
  role: string
  label: string
  deployedAtBlock: number
  /** Protocol revision where maths depends on it (Aave's POOL_REVISION at deployment). */
  revision?: number
  /** Other contracts of the same deployment, by role (for example the pool of a configurator). */
  links?: Readonly<Record<string, Hex>>
  /** Of a bridge: EIP-155 id of the chain at its other end. */
  remoteChainId?: number
}

export interface ChainSpec {
  /** EIP-155 id. */
  id: number
  /** Key in the registry and in settings, such as `ethereum`. */
  name: string
  title: string
  /** `local` chains are the built-in world: resettable, demo keys allowed. */
  kind: 'public' | 'local'
  /** Blocks behind the head after which a block is treated as final. */
  finalityDepthBlocks: number
  blockTimeSec: number
  /** First block to index when nothing has been indexed. */
  startBlock: number
  /** `all`: every transaction is a row; `watched`: only those that carry a fact; `none`: facts name theirs by hash alone. */
  transactions: 'all' | 'watched' | 'none'
  /** `all`: every block is a row; `relevant`: only those that carry a fact. */
  blocks: 'all' | 'relevant'
  /** `all`: token transfers and approvals of any emitter (unlisted ones unverified); `listed`: of `tokens` only. */
  tokenLogs: 'all' | 'listed'
  /** Names of the protocols that are indexed; all when undefined. */
  protocols?: readonly string[]
  /** The scorer scores at heights divisible by this. */
  scoreEveryBlocks: number
  /** Oracles that announce no prices are asked at heights divisible by this; without it at those that are scored. */
  priceEveryBlocks?: number
  tokens: readonly TokenSpec[]
  feeds: readonly FeedSpec[]
  /** Prices of the Pyth contract listed below. */
  pythFeeds?: readonly PythFeedSpec[]
  contracts: readonly WatchedContract[]
}
