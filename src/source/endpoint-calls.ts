/** Calls to one endpoint: paced by its rate limit, timed, its errors told apart, batches split as it takes them. */
import type { RateLimit } from './rate-limit'
import { failureOfError, RpcFailure } from './rpc-error'
import { parseJson, type RpcCall, type Transport } from './transport'

const CALL_TIMEOUT_MS = 30_000
const LATENCY_WEIGHT = 0.2
/** An error is short, or has its word near the beginning. */
const SHORT = 2_000
const BEGINNING = 200

/** What is counted of an endpoint's calls. */
export interface Meter {
  latencyMs: number | undefined
  inFlight: number
  requests: number
}

export interface Calls {
  /** The text of a response without an error. */
  text(call: RpcCall, timeoutMs?: number): Promise<string>
  /** The result of a call. */
  call(method: string, params: readonly unknown[], timeoutMs?: number): Promise<unknown>
  /** Results of calls sent together; a call that fails fails them all. */
  batch(calls: readonly RpcCall[], timeoutMs?: number): Promise<unknown[]>
}

interface Wire {
  transport: Transport
  limit: RateLimit
  batchSize: number
  meter: Meter
  /** Methods that the endpoint does not have, and `batch` when it takes none. */
  lacks: Set<string>
}

async function timed<T>({ limit, meter }: Wire, count: number, exchange: () => Promise<T>): Promise<T> {
  await limit.take(count)
  const started = performance.now()
  meter.inFlight++
  meter.requests += count
  try {
    const answer = await exchange()
    const ms = performance.now() - started
    meter.latencyMs = (meter.latencyMs ?? ms) + LATENCY_WEIGHT * (ms - (meter.latencyMs ?? ms))
    return answer
  } finally {
    meter.inFlight--
  }
}

function resultOf(response: unknown): unknown {
  const { error, result } = (response ?? {}) as { error?: object | null; result?: unknown }
  if (error) throw failureOfError(error)
  return result
}

async function sendBatch(
  wire: Wire,
  calls: readonly RpcCall[],
  timeoutMs: number,
): Promise<unknown[] | undefined> {
  if (wire.lacks.has('batch')) return undefined
  try {
    const responses = await timed(wire, calls.length, () => wire.transport.sendBatch(calls, timeoutMs))
    return responses.map(resultOf)
  } catch (error) {
    if (!(error instanceof RpcFailure && error.message.startsWith('no batches'))) throw error
    wire.lacks.add('batch')
    return undefined
  }
}

export function callsOver(wire: Wire): Calls {
  async function text(call: RpcCall, timeoutMs = CALL_TIMEOUT_MS): Promise<string> {
    const answer = await timed(wire, 1, () => wire.transport.send(call, timeoutMs))
    const where = answer.length < SHORT ? answer : answer.slice(0, BEGINNING)
    // A result that merely contains the word is parsed once more.
    if (where.includes('"error"')) resultOf(parseJson(answer))
    return answer
  }

  async function call(method: string, params: readonly unknown[], timeoutMs?: number): Promise<unknown> {
    return (parseJson(await text({ method, params }, timeoutMs)) as { result?: unknown }).result
  }

  async function batch(calls: readonly RpcCall[], timeoutMs = CALL_TIMEOUT_MS): Promise<unknown[]> {
    const { batchSize } = wire
    if (calls.length > batchSize) {
      const parts: (readonly RpcCall[])[] = []
      for (let i = 0; i < calls.length; i += batchSize) parts.push(calls.slice(i, i + batchSize))
      return (await Promise.all(parts.map((part) => batch(part, timeoutMs)))).flat()
    }
    const together = calls.length > 1 ? await sendBatch(wire, calls, timeoutMs) : undefined
    return together ?? Promise.all(calls.map(({ method, params }) => call(method, params, timeoutMs)))
  }

  return { text, call, batch }
}
