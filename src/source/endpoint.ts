/**
 * One RPC endpoint: its wire, its health, and what has been learned about it (latency, how many blocks of logs it gives
 * at once, what it cannot do).
 */
import { logger } from '../log'
import { type Calls, callsOver, type Meter } from './endpoint-calls'
import { closeHealth, type Health, noteFailure, noteSuccess, patient, probe } from './health'
import { maxBatch, rateLimit } from './rate-limit'
import { EndpointLie, RpcFailure } from './rpc-error'
import type { Transport } from './transport'
import { httpTransport } from './transport-http'
import { wsTransport } from './transport-ws'
import type { EndpointSpec, EndpointStatus } from './types'

const PROBE_TIMEOUT_MS = 5_000
const MAX_BATCH = 100
const FIRST_RANGE_BLOCKS = 500

/** What has been learned of how many blocks one eth_getLogs takes. */
export interface RangeSize {
  /** Blocks to ask for at once; and the most that it has said it takes. */
  rangeBlocks: number
  maxRangeBlocks: number
  /** The smallest range that it refused without saying what it takes, and how many it gave since. */
  refusedBlocks: number
  calmRanges: number
}

export interface Endpoint extends Calls {
  readonly ordinal: number
  /** Fit to be shown. */
  readonly name: string
  readonly costWeight: number
  readonly transport: Transport
  readonly health: Readonly<Health>
  readonly meter: Meter
  readonly size: RangeSize
  /** Methods that it does not have, and `batch` when it takes none. */
  readonly lacks: Set<string>
  head: { height: number; hash: string; atMs: number } | undefined
  failovers: number
  isHealthy(): boolean
  /** Milliseconds that calls would wait for the rate limit. */
  waitMs(calls: number): number
  succeeded(): void
  /** A call failed, or told a lie (EndpointLie): sets the endpoint aside where that is due. */
  failed(error: unknown): void
  /** Asks for chain id and head now; makes it healthy when they are right. Never rejects. */
  probe(): Promise<void>
  status(): EndpointStatus
  close(): void
}

export interface EndpointOptions {
  chainId: number
  chainName: string
  /** Changes of state are not logged. */
  quiet?: boolean
}

/** Chain id and head of an endpoint. @throws EndpointLie when it serves another chain */
async function askIdentity(endpoint: Endpoint, chainId: number): Promise<void> {
  const [found, head] = await endpoint.batch(
    [
      { method: 'eth_chainId', params: [] },
      { method: 'eth_getBlockByNumber', params: ['latest', false] },
    ],
    PROBE_TIMEOUT_MS,
  )
  if (Number(found) !== chainId) {
    throw new EndpointLie('wrong-chain', `serves chain id ${Number(found)}, expected ${chainId}`)
  }
  const { number, hash } = (head ?? {}) as { number?: unknown; hash?: unknown }
  if (typeof number !== 'string' || typeof hash !== 'string') {
    throw new RpcFailure('refused', 'has no head block')
  }
  endpoint.head = { height: Number(number), hash, atMs: Date.now() }
}

function statusOf(
  { ordinal, name, health, meter, size, head, failovers }: Endpoint,
  url: URL,
): EndpointStatus {
  return {
    ordinal,
    name,
    host: url.host,
    kind: url.protocol.startsWith('ws') ? 'ws' : 'http',
    state: health.state,
    reason: health.reason,
    latencyMs: meter.latencyMs,
    headHeight: head?.height,
    requests: meter.requests,
    failures: health.failures,
    failovers,
    rangeBlocks: Math.min(size.rangeBlocks, size.maxRangeBlocks),
  }
}

/** An endpoint that is not asked anything until `probe` is called. */
export function openEndpoint(spec: EndpointSpec, ordinal: number, options: EndpointOptions): Endpoint {
  const url = new URL(spec.url)
  const name = spec.label ?? `${url.host} (endpoint ${ordinal + 1})`
  const transport = url.protocol.startsWith('ws') ? wsTransport(spec.url) : httpTransport(spec.url)
  const limit = rateLimit(spec.maxRequestsPerSec)
  const batchSize = maxBatch(spec.maxRequestsPerSec, MAX_BATCH)
  const meter: Meter = { latencyMs: undefined, inFlight: 0, requests: 0 }
  const lacks = new Set<string>()
  const log = options.quiet ? undefined : logger(`source:${options.chainName}`)
  const health = patient(name, log, () => askIdentity(endpoint, options.chainId))
  const endpoint: Endpoint = {
    ...callsOver({ transport, limit, batchSize, meter, lacks }),
    ordinal,
    name,
    costWeight: spec.costWeight ?? 1,
    transport,
    health,
    meter,
    size: {
      rangeBlocks: FIRST_RANGE_BLOCKS,
      maxRangeBlocks: Number.MAX_SAFE_INTEGER,
      refusedBlocks: Number.MAX_SAFE_INTEGER,
      calmRanges: 0,
    },
    lacks,
    head: undefined,
    failovers: 0,
    isHealthy: () => health.state === 'healthy',
    waitMs: (calls) => limit.waitMs(calls),
    succeeded: () => noteSuccess(health),
    failed: (error) => noteFailure(health, error),
    probe: () => probe(health),
    status: () => statusOf(endpoint, url),
    close() {
      closeHealth(health)
      transport.close()
    },
  }
  return endpoint
}
