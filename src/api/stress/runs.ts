/**
 * Stress tests from request to answer: the row where the same run was computed before, the run under way where somebody
 * asks for the same, else a run of its own. A run lives as long as somebody waits for it.
 */
import { GraphQLError } from 'graphql'
import type { Pool } from '../../db/pool'
import { messageOf } from '../../errors'
import { logger } from '../../log'
import type { AsOfChains } from '../../systemic/book'
import type { StressRequest, StressResult } from '../../systemic/stress/types'
import type { Caller, Quota } from '../access'
import { runIdOf } from './request'
import { openStore, type RunEnd, type StoredRun, type StressStore } from './store'
import { coded, type Thread, type ThreadLimits } from './thread'

const log = logger('api:stress')

export interface StressAnswer {
  runId: string
  /** Whether it was computed before. */
  isStored: boolean
  result: StressResult
}

export interface StressProgress {
  runId: string
  done: number
  of: number
  /** Since the run began; null before the first tile. */
  perSec: number | null
  etaSec: number | null
}

export interface Waiter {
  /** Ends the wait, and with the last one the run. */
  signal?: AbortSignal
  onProgress?: (progress: StressProgress) => void
  /** A query holds a database connection while it waits, a subscription does not. */
  kind: 'query' | 'subscription'
}

export interface Asked {
  asOf: AsOfChains
  request: StressRequest
  /** Name of what computes; another name is another run. */
  engine: string
  caller: Caller
}

export interface StressRuns {
  ask(asked: Asked, waiter: Waiter): Promise<StressAnswer>
  read(id: string): Promise<StoredRun | undefined>
  recover(): Promise<void>
  close(): Promise<void>
}

/** Queries that may wait at once: fewer than the API's connections, so that it answers others meanwhile. */
const MAX_WAITING = { query: 6, subscription: 64 } as const

interface Active {
  promise: Promise<StressAnswer>
  waiters: Set<Waiter>
  progress: StressProgress
  stop: AbortController
}

interface State {
  thread: Thread
  store: StressStore
  quota: Quota
  active: Map<string, Active>
  waiting: Record<Waiter['kind'], number>
}

/** @param deps.pool the API's, read-only */
export function openRuns(deps: {
  pool: Pool
  databaseUrl: string
  thread: Thread
  quota: Quota
  limits: ThreadLimits
}): StressRuns {
  const { pool, databaseUrl, thread, quota, limits } = deps
  const store = openStore(pool, { databaseUrl, maxRuns: limits.maxWaiting + 2 })
  const state: State = { thread, store, quota, active: new Map(), waiting: { query: 0, subscription: 0 } }
  return {
    ask: (asked, waiter) => ask(state, asked, waiter),
    read: (id) => store.read(id),
    recover: () => store.recover(),
    async close() {
      const ending = [...state.active.values()].map(({ promise, stop }) => {
        stop.abort()
        return promise.catch(() => undefined)
      })
      await thread.close()
      await Promise.all(ending)
      await store.close()
    },
  }
}

async function ask(state: State, asked: Asked, waiter: Waiter): Promise<StressAnswer> {
  const id = runIdOf(asked)
  const stored = await state.store.read(id)
  if (stored?.status === 'done' && stored.result !== null && stored.orphanedAt === null)
    return { runId: id, isStored: true, result: stored.result }
  if (state.waiting[waiter.kind] >= MAX_WAITING[waiter.kind])
    throw coded('BUSY', `${MAX_WAITING[waiter.kind]} callers wait for runs already; try again later`)
  let active = state.active.get(id)
  if (active?.stop.signal.aborted) {
    // It is being ended because everybody left; whoever comes now gets a run of their own.
    await active.promise.catch(() => undefined)
    active = state.active.get(id)
  }
  if (active === undefined) {
    state.quota.take(asked.caller, Date.now())
    active = startRun(state, id, asked)
  }
  return waitFor(state, active, waiter)
}

function startRun(state: State, id: string, asked: Asked): Active {
  const stop = new AbortController()
  const progress = { runId: id, done: 0, of: asked.request.scenarios, perSec: null, etaSec: null }
  const active: Active = { promise: Promise.reject(), waiters: new Set(), progress, stop }
  active.promise.catch(() => undefined)
  state.active.set(id, active)
  active.promise = compute(state, id, { asked, active }).finally(() => state.active.delete(id))
  // Whoever waits hears of it; without anybody it is nobody's unhandled rejection.
  active.promise.catch(() => undefined)
  return active
}

async function compute(
  state: State,
  id: string,
  { asked, active }: { asked: Asked; active: Active },
): Promise<StressAnswer> {
  const { asOf, request, engine, caller } = asked
  const open = await state.store.begin({ id, asOf, request, engine, startedBy: caller.name })
  if (open.status === 'done') {
    await open.end()
    const stored = await state.store.read(id)
    if (stored?.result) return { runId: id, isStored: true, result: stored.result }
    throw coded('BUSY', `run ${id} was thinned out just now; ask again`)
  }
  let startMs = performance.now()
  const elapsed = () => performance.now() - startMs
  try {
    const result = await state.thread.ask(
      { kind: 'stress', asOf, request },
      {
        signal: active.stop.signal,
        onStart: () => {
          startMs = performance.now()
        },
        onProgress: (done, of) => tell(active, { done, of, elapsedMs: elapsed() }),
      },
    )
    await open.end({ status: 'done', result, elapsedMs: elapsed() })
    return { runId: id, isStored: false, result }
  } catch (error) {
    await open.end(endOf(error, elapsed()))
    throw error
  }
}

/** What a failure leaves in the row. Faults of the engine are logged in full by whoever masks the answer. */
function endOf(error: unknown, elapsedMs: number): RunEnd {
  const code = error instanceof GraphQLError ? error.extensions.code : undefined
  const isCancelled = code === 'CANCELLED' || code === 'BUSY'
  if (code === undefined) log.warn(`a stress test failed: ${messageOf(error)}`)
  return {
    status: isCancelled ? 'cancelled' : 'failed',
    error: code === undefined ? 'internal error' : messageOf(error),
    elapsedMs,
  }
}

function tell(
  active: Active,
  { done, of, elapsedMs }: { done: number; of: number; elapsedMs: number },
): void {
  const perSec = done > 0 && elapsedMs > 0 ? done / (elapsedMs / 1_000) : null
  const etaSec = perSec === null ? null : (of - done) / perSec
  active.progress = { runId: active.progress.runId, done, of, perSec, etaSec }
  for (const { onProgress } of active.waiters) onProgress?.(active.progress)
}

/** Waits until the run ends or the waiter leaves; the last to leave ends the run. */
function waitFor(state: State, active: Active, waiter: Waiter): Promise<StressAnswer> {
  const { signal } = waiter
  state.waiting[waiter.kind]++
  active.waiters.add(waiter)
  waiter.onProgress?.(active.progress)
  return new Promise<StressAnswer>((resolve, reject) => {
    const leave = () => {
      active.waiters.delete(waiter)
      if (active.waiters.size === 0) active.stop.abort()
      reject(coded('CANCELLED', 'the run was cancelled: nobody waits for it'))
    }
    if (signal?.aborted) leave()
    else signal?.addEventListener('abort', leave, { once: true })
    active.promise.then(resolve, reject).finally(() => signal?.removeEventListener('abort', leave))
  }).finally(() => {
    state.waiting[waiter.kind]--
    active.waiters.delete(waiter)
  })
}
