/**
 * The endpoints of a chain, asked as one. A task runs on the healthy endpoint that is expected to answer soonest for
 * its price; when it fails there, or takes suspiciously long, the next one gets the same task and the first answer wins.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { messageOf, PlimsollError } from '../errors'
import { type Endpoint, type EndpointOptions, openEndpoint } from './endpoint'
import { RpcFailure } from './rpc-error'
import type { EndpointSpec } from './types'

/** An answer later than this, where another endpoint could give it, is asked for there too: failover in under 2 s. */
const HEDGE_MS = 900
/** How long a task may look for an endpoint before it fails. */
const PATIENCE_MS = 60_000
const WAIT_MS = 50
const UNKNOWN_LATENCY_MS = 50

export interface Answer<T> {
  value: T
  endpoint: Endpoint
}

export interface RunOptions {
  /** Not asked. */
  except?: ReadonlySet<Endpoint>
  /** Asked if healthy, whatever the others offer. */
  prefer?: Endpoint | undefined
  /** Calls that the task makes, for the rate limits. */
  calls?: number
  hedgeMs?: number
  patienceMs?: number
}

export interface Endpoints {
  readonly all: readonly Endpoint[]
  healthy(): Endpoint[]
  /** Probes all of them; resolves when the first is healthy. @throws PlimsollError when none becomes so in time */
  start(timeoutMs: number): Promise<void>
  /**
   * Runs a task on the best endpoint, failing over. Failures that another endpoint would repeat (a range too large,
   * a method refused) are thrown to the caller, who knows what to ask instead.
   */
  run<T>(task: (endpoint: Endpoint) => Promise<T>, options?: RunOptions): Promise<Answer<T>>
  close(): void
}

/**
 * Whether the caller must change the question; everything else is the endpoint's own fault, also what breaks our
 * reading of its answer.
 */
function isCallersBusiness(error: unknown): boolean {
  if (error instanceof RpcFailure) return error.kind === 'too-large' || error.kind === 'unsupported'
  return error instanceof PlimsollError
}

/** Milliseconds in which an endpoint is expected to answer, times its price. Lower is better. */
export function expectedCost(endpoint: Endpoint, calls: number): number {
  const latency = endpoint.meter.latencyMs ?? UNKNOWN_LATENCY_MS
  return (latency * (1 + endpoint.meter.inFlight / 4) + endpoint.waitMs(calls)) * endpoint.costWeight
}

function bestOf(
  healthy: readonly Endpoint[],
  tried: ReadonlySet<Endpoint>,
  { except, prefer, calls = 1 }: RunOptions,
): Endpoint | undefined {
  const open = healthy.filter((endpoint) => !tried.has(endpoint) && !except?.has(endpoint))
  if (prefer && open.includes(prefer)) return prefer
  return open.sort((a, b) => expectedCost(a, calls) - expectedCost(b, calls))[0]
}

interface Round<T> {
  task: (endpoint: Endpoint) => Promise<T>
  options: RunOptions
  next: (tried: ReadonlySet<Endpoint>) => Endpoint | undefined
  noteFailure: (error: unknown) => void
}

/** One round: every endpoint is asked at most once. Resolves with undefined when none could be asked. */
function runRound<T>({ task, options, next, noteFailure }: Round<T>): Promise<Answer<T> | undefined> {
  const hedgeMs = options.hedgeMs ?? HEDGE_MS
  return new Promise((resolve, reject) => {
    const tried = new Set<Endpoint>()
    let running = 0
    let isSettled = false
    const settle = (end: () => void): void => {
      if (!isSettled) end()
      isSettled = true
    }
    const attempt = (): void => {
      const endpoint = next(tried)
      if (isSettled) return
      if (endpoint === undefined) {
        if (running === 0) settle(() => resolve(undefined))
        return
      }
      const [first] = tried
      if (first) first.failovers++
      tried.add(endpoint)
      running++
      const hedge = setTimeout(() => {
        // Ranked by what it takes, though it has not answered yet.
        endpoint.meter.latencyMs = Math.max(endpoint.meter.latencyMs ?? 0, hedgeMs)
        attempt()
      }, hedgeMs)
      task(endpoint)
        .then(
          (value) => {
            endpoint.succeeded()
            settle(() => resolve({ value, endpoint }))
          },
          (error: unknown) => {
            if (isSettled) return
            if (isCallersBusiness(error)) return settle(() => reject(error))
            noteFailure(error)
            endpoint.failed(error)
            running--
            attempt()
          },
        )
        .finally(() => clearTimeout(hedge))
    }
    attempt()
  })
}

async function untilHealthy(all: readonly Endpoint[], deadline: number): Promise<void> {
  while (!all.some((endpoint) => endpoint.isHealthy()) && Date.now() < deadline) {
    if (all.every((endpoint) => endpoint.health.state === 'lying')) return
    await sleep(WAIT_MS)
  }
}

async function startAll(all: readonly Endpoint[], chainName: string, timeoutMs: number): Promise<void> {
  const probes = all.map((endpoint) => endpoint.probe())
  const deadline = Date.now() + timeoutMs
  await Promise.race([Promise.all(probes), untilHealthy(all, deadline)])
  await untilHealthy(all, deadline)
  if (all.some((endpoint) => endpoint.isHealthy())) return
  throw new PlimsollError(`no endpoint of ${chainName} can be used`, {
    details: all.map(({ name, health }) => `${name}: ${health.reason ?? 'does not answer'}`),
    hint: '`plimsoll doctor` says more; check the RPC setting of that chain',
    // A wrong chain id is a setting; a restart would not help.
    exitCode: all.every((endpoint) => endpoint.health.state === 'lying') ? 2 : 1,
  })
}

export function openEndpoints(specs: readonly EndpointSpec[], options: EndpointOptions): Endpoints {
  const all = specs.map((spec, i) => openEndpoint(spec, i, options))
  const healthy = (): Endpoint[] => all.filter((endpoint) => endpoint.isHealthy())
  return {
    all,
    healthy,
    start: (timeoutMs) => startAll(all, options.chainName, timeoutMs),
    async run(task, runOptions = {}) {
      const deadline = Date.now() + (runOptions.patienceMs ?? PATIENCE_MS)
      let last: unknown
      for (;;) {
        const answer = await runRound({
          task,
          options: runOptions,
          next: (tried) => bestOf(healthy(), tried, runOptions),
          noteFailure: (error) => {
            last = error
          },
        })
        if (answer) return answer
        const hopeless = all.every((endpoint) => endpoint.health.state === 'lying')
        if (Date.now() > deadline || hopeless) {
          const reason = last === undefined ? '' : `: ${messageOf(last)}`
          throw new PlimsollError(`no endpoint of ${options.chainName} answers${reason}`, {
            details: all.map(({ name, health }) => `${name}: ${health.reason ?? health.state}`),
            cause: last,
          })
        }
        await sleep(WAIT_MS)
      }
    },
    close() {
      for (const endpoint of all) endpoint.close()
    },
  }
}
