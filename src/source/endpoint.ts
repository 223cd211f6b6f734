/**
 * One RPC endpoint: its wire, its rate limit, what has been learned about it (latency, how many blocks of logs it gives
 * at once, what it cannot do) and whether it may be asked.
 *
 * `starting` until it has shown the right chain id; `healthy`; `paused` after a failure or an unproven lie, for a time
 * that doubles with each failure in a row, after which it is probed; `lying` after a proven lie, until the restart.
 */
import { messageOf } from '../errors'
import { logger } from '../log'
import { maxBatch, rateLimit } from './rate-limit'
import { EndpointLie, failureOfError, RpcFailure } from './rpc-error'
import { parseJson, type RpcCall, type Transport } from './transport'
import { httpTransport } from './transport-http'
import { wsTransport } from './transport-ws'
import type { EndpointSpec, EndpointState, EndpointStatus } from './types'

export const CALL_TIMEOUT_MS = 30_000
const PROBE_TIMEOUT_MS = 5_000
const FIRST_PAUSE_MS = 500
const MAX_PAUSE_MS = 60_000
const RATE_LIMIT_PAUSE_MS = 1_000
/** Refusals in a row (the node answers, but with errors) before it is paused. */
const MAX_REFUSALS = 3
const LATENCY_WEIGHT = 0.2

export interface Endpoint {
  readonly ordinal: number
  /** Fit to be shown. */
  readonly name: string
  readonly host: string
  readonly kind: 'http' | 'ws'
  readonly costWeight: number
  readonly transport: Transport
  state: EndpointState
  reason: string | undefined
  latencyMs: number | undefined
  head: { height: number; hash: string; atMs: number } | undefined
  inFlight: number
  requests: number
  failures: number
  failovers: number
  /** Blocks to ask for at once, as learned; and the most that it has said it takes. */
  rangeBlocks: number
  maxRangeBlocks: number
  /** The smallest range that it refused without saying what it takes, and how many it gave since. */
  refusedBlocks: number
  calmRanges: number
  /** Methods that it does not have, and `batch` when it takes none. */
  readonly lacks: Set<string>
  /** Milliseconds that calls would wait for the rate limit. */
  waitMs(calls: number): number
  /** The text of a response without an error. */
  text(call: RpcCall, timeoutMs?: number): Promise<string>
  /** The result of a call. */
  call(method: string, params: readonly unknown[], timeoutMs?: number): Promise<unknown>
  /** Results of calls sent together; a call that fails fails them all. */
  batch(calls: readonly RpcCall[], timeoutMs?: number): Promise<unknown[]>
  /** A call through the pool succeeded, or failed with what is not the caller's fault. */
  succeeded(): void
  failed(error: unknown): void
  /** Sets it aside: for good when the lie is proven. */
  accuse(lie: EndpointLie): void
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

const MAX_BATCH = 100
const FIRST_RANGE_BLOCKS = 500

/** An endpoint that is not asked anything until `probe` is called. */
export function openEndpoint(spec: EndpointSpec, ordinal: number, options: EndpointOptions): Endpoint {
  const url = new URL(spec.url)
  const kind = url.protocol.startsWith('ws') ? 'ws' : 'http'
  const transport = kind === 'ws' ? wsTransport(spec.url) : httpTransport(spec.url)
  const limit = rateLimit(spec.maxRequestsPerSec)
  const batchSize = maxBatch(spec.maxRequestsPerSec, MAX_BATCH)
  const log = logger(`source:${options.chainName}`)
  let pauseMs = FIRST_PAUSE_MS
  let refusals = 0
  let wake: NodeJS.Timeout | undefined
  let probing: Promise<void> | undefined
  let closed = false

  async function timed<T>(count: number, exchange: () => Promise<T>): Promise<T> {
    await limit.take(count)
    const started = performance.now()
    endpoint.inFlight++
    endpoint.requests += count
    try {
      const answer = await exchange()
      const ms = performance.now() - started
      endpoint.latencyMs =
        endpoint.latencyMs === undefined
          ? ms
          : endpoint.latencyMs + LATENCY_WEIGHT * (ms - endpoint.latencyMs)
      return answer
    } finally {
      endpoint.inFlight--
    }
  }

  async function text(call: RpcCall, timeoutMs = CALL_TIMEOUT_MS): Promise<string> {
    const answer = await timed(1, () => transport.send(call, timeoutMs))
    // An error is short or has its word near the beginning; a result that merely contains it is parsed once more.
    if (answer.length < 2_000 ? answer.includes('"error"') : answer.slice(0, 200).includes('"error"')) {
      const { error } = parseJson(answer) as { error?: object | null }
      if (error) throw failureOfError(error)
    }
    return answer
  }

  async function call(method: string, params: readonly unknown[], timeoutMs?: number): Promise<unknown> {
    return (parseJson(await text({ method, params }, timeoutMs)) as { result?: unknown }).result
  }

  async function batch(calls: readonly RpcCall[], timeoutMs = CALL_TIMEOUT_MS): Promise<unknown[]> {
    const one = calls[0]
    if (one === undefined) return []
    if (calls.length === 1) return [await call(one.method, one.params, timeoutMs)]
    if (calls.length > batchSize) {
      const parts = []
      for (let i = 0; i < calls.length; i += batchSize) parts.push(calls.slice(i, i + batchSize))
      return (await Promise.all(parts.map((part) => batch(part, timeoutMs)))).flat()
    }
    if (!endpoint.lacks.has('batch')) {
      try {
        const responses = await timed(calls.length, () => transport.sendBatch(calls, timeoutMs))
        return responses.map((response) => {
          const { error, result } = response as { error?: object | null; result?: unknown }
          if (error) throw failureOfError(error)
          return result
        })
      } catch (error) {
        if (!(error instanceof RpcFailure && error.message.startsWith('no batches'))) throw error
        endpoint.lacks.add('batch')
      }
    }
    return Promise.all(calls.map(({ method, params }) => call(method, params, timeoutMs)))
  }

  function change(state: EndpointState, reason: string | undefined): void {
    const before = endpoint.state
    endpoint.state = state
    endpoint.reason = reason
    if (before === state || options.quiet) return
    if (state === 'healthy') log.info(`${endpoint.name} is healthy`)
    else log.warn(`${endpoint.name} is ${state === 'lying' ? 'set aside for good' : 'set aside'}: ${reason}`)
  }

  function pause(reason: string, atLeastMs = 0): void {
    if (endpoint.state === 'lying' || closed) return
    change('paused', reason)
    clearTimeout(wake)
    wake = setTimeout(() => void endpoint.probe(), Math.max(pauseMs, atLeastMs))
    pauseMs = Math.min(pauseMs * 2, MAX_PAUSE_MS)
  }

  async function ask(): Promise<void> {
    const [chainId, head] = await batch(
      [
        { method: 'eth_chainId', params: [] },
        { method: 'eth_getBlockByNumber', params: ['latest', false] },
      ],
      PROBE_TIMEOUT_MS,
    )
    if (Number(chainId) !== options.chainId) {
      throw new EndpointLie('wrong-chain', `serves chain id ${Number(chainId)}, expected ${options.chainId}`)
    }
    const { number, hash } = (head ?? {}) as { number?: unknown; hash?: unknown }
    if (typeof number !== 'string' || typeof hash !== 'string')
      throw new RpcFailure('refused', 'has no head block')
    endpoint.head = { height: Number(number), hash, atMs: Date.now() }
    refusals = 0
    change('healthy', undefined)
  }

  const endpoint: Endpoint = {
    ordinal,
    name: spec.label ?? `${url.host} (endpoint ${ordinal + 1})`,
    host: url.host,
    kind,
    costWeight: spec.costWeight ?? 1,
    transport,
    state: 'starting',
    reason: undefined,
    latencyMs: undefined,
    head: undefined,
    inFlight: 0,
    requests: 0,
    failures: 0,
    failovers: 0,
    rangeBlocks: FIRST_RANGE_BLOCKS,
    maxRangeBlocks: Number.MAX_SAFE_INTEGER,
    refusedBlocks: Number.MAX_SAFE_INTEGER,
    calmRanges: 0,
    lacks: new Set(),
    waitMs: (calls) => limit.waitMs(calls),
    text,
    call,
    batch,
    succeeded() {
      refusals = 0
      pauseMs = FIRST_PAUSE_MS
    },
    failed(error) {
      endpoint.failures++
      if (error instanceof EndpointLie) return endpoint.accuse(error)
      const reason = messageOf(error)
      const kindOf = error instanceof RpcFailure ? error.kind : 'refused'
      if (kindOf === 'connection' || kindOf === 'timeout') return pause(reason)
      if (kindOf === 'rate-limit') {
        return pause(reason, (error as RpcFailure).retryAfterMs ?? RATE_LIMIT_PAUSE_MS)
      }
      refusals++
      if (refusals >= MAX_REFUSALS) pause(reason)
    },
    accuse(lie) {
      if (closed) return
      if (!lie.proven) return pause(lie.message)
      clearTimeout(wake)
      change('lying', lie.message)
    },
    probe() {
      if (endpoint.state === 'lying' || closed) return Promise.resolve()
      probing ??= ask()
        .catch((error: unknown) => {
          endpoint.failures++
          if (error instanceof EndpointLie) endpoint.accuse(error)
          else pause(messageOf(error))
        })
        .finally(() => {
          probing = undefined
        })
      return probing
    },
    status: () => ({
      ordinal,
      name: endpoint.name,
      host: endpoint.host,
      kind,
      state: endpoint.state,
      reason: endpoint.reason,
      latencyMs: endpoint.latencyMs,
      headHeight: endpoint.head?.height,
      requests: endpoint.requests,
      failures: endpoint.failures,
      failovers: endpoint.failovers,
      rangeBlocks: Math.min(endpoint.rangeBlocks, endpoint.maxRangeBlocks),
    }),
    close() {
      closed = true
      clearTimeout(wake)
      transport.close()
    },
  }
  return endpoint
}
