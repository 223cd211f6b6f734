/** What the source is given, what it gives, and what it says about its endpoints. Heights are inclusive. */
import type { ChainSpec, Hex } from '../chains/types'
import type { SourceBlock } from '../processor/block'
import type { LogFilter } from '../processor/filters'

export interface EndpointSpec {
  /** http(s) or ws(s). Its path may hold a key and is never shown. */
  url: string
  /** Shown instead of host and ordinal. */
  label?: string
  /** Calls a second that the endpoint allows; a batch counts its calls. Unlimited when undefined. */
  maxRequestsPerSec?: number
  /** Relative price of a call; default 1. Of two equally fast endpoints the cheaper one is asked. */
  costWeight?: number
}

export type Verification = 'none' | 'receipts'

export interface SourceOptions {
  chain: Pick<ChainSpec, 'id' | 'name' | 'finalityDepthBlocks' | 'blockTimeSec'>
  endpoints: readonly EndpointSpec[]
  /** SQD gateway (v2) whose range is passed through. */
  gatewayUrl?: string | undefined
  /** Logs that are wanted; may change while it runs. Empty asks for none. */
  filters: readonly LogFilter[]
  verify: Verification
  /** Ranges cross-checked between two endpoints: one in this many, chosen by `seed`; 0 checks none. Default 50. */
  crossCheckEvery?: number
  seed?: number
  /** Ranges fetched at once; default 4. */
  concurrency?: number
  /** How long the endpoints may take until one of them can be used; default 30,000. */
  startTimeoutMs?: number | undefined
  /** Takes the blocks of each of the gateway's answers in memory; the answers then have headers alone. */
  handOver?: ((blocks: readonly SourceBlock[]) => void) | undefined
}

/** Inclusive. */
export interface Heights {
  from: number
  to: number
}

/** What to fetch. `to` must be final. */
export interface RangeQuery extends Heights {
  /** The source's own when undefined. */
  filters?: readonly LogFilter[]
  /** `ofLogs`: those that carry a wanted log; `all`: every transaction of every block. Default `none`. */
  transactions?: 'none' | 'ofLogs' | 'all'
  /** Adds gasUsed, status and contractAddress to transactions. */
  receipts?: boolean
  /** `relevant`: blocks with wanted items and the last one; `all`: every block. Default `relevant`. */
  blocks?: 'relevant' | 'all'
}

/**
 * Blocks of a range in ascending order; the last block of the range is always there, even when empty.
 * Where a header was not fetched, because the logs tell number, hash and time, `parentHash` is the hash of the block
 * before it if that one carries logs too, and `0x` (unknown) otherwise.
 */
export interface FetchedRange {
  from: number
  to: number
  blocks: SourceBlock[]
  /** Parent of block `from`, from its header: must be the hash of block `from - 1`. */
  parentHash: Hex
  lastHash: Hex
  /** Which endpoint gave it, as shown to people. */
  endpoint: string
}

export type EndpointState = 'starting' | 'healthy' | 'paused' | 'lying'

export interface EndpointStatus {
  ordinal: number
  /** Host and ordinal, or the label: fit to be shown. */
  name: string
  host: string
  kind: 'http' | 'ws'
  state: EndpointState
  /** Why it is not healthy. */
  reason: string | undefined
  latencyMs: number | undefined
  headHeight: number | undefined
  requests: number
  failures: number
  /** Times another endpoint answered in its place. */
  failovers: number
  /** Blocks asked for in one eth_getLogs, as learned. */
  rangeBlocks: number
}

export interface SourceStatus {
  headHeight: number | undefined
  finalizedHeight: number | undefined
  endpoints: EndpointStatus[]
  /** Blocks whose receipts root was recomputed and matched. */
  verifiedBlocks: number
  crossChecks: number
}

export interface Source {
  /** Gateway (v2 protocol) for finalized blocks. */
  gatewayUrl: string
  /** ws:// endpoint for the hot tail; undefined when there is no endpoint to read it from. */
  rpcUrl: string | undefined
  /** Newest final block. Waits until an endpoint has said what its head is. */
  finalizedHeight(): Promise<number>
  fetchRange(query: RangeQuery): Promise<FetchedRange>
  /** Ranges of `query` in order, as large as the endpoints give them, several in flight. */
  fetchRanges(query: RangeQuery): AsyncIterable<FetchedRange>
  setFilters(filters: readonly LogFilter[]): void
  status(): SourceStatus
  close(): Promise<void>
}
