/**
 * The thread in which stress tests are computed, so that the API's own stays free: one job at a time, a short queue, a time
 * limit. A job that is cancelled or late is asked to end between two tiles through shared memory, because its thread does not
 * read messages meanwhile; one that does not listen is ended with its thread, and the next job gets a new one.
 */
import { join } from 'node:path'
import type { Worker } from 'node:worker_threads'
import { createGraphQLError } from 'graphql-yoga'
import { PlimsollError } from '../../errors'
import { startThread } from '../../start-thread'
import type { Answers, FromThread, Job, ThreadData } from './messages'

export interface ThreadLimits {
  /** Jobs that may wait behind the one that runs. */
  maxWaiting: number
  /** Time for one job once it runs. */
  maxRunMs: number
}

export const THREAD_LIMITS: ThreadLimits = { maxWaiting: 4, maxRunMs: 120_000 }

/** How long a job that is to end may take to notice. */
const GRACE_MS = 2_000

export interface AskOptions {
  onProgress?: (done: number, of: number) => void
  /** Called when the job leaves the queue. */
  onStart?: () => void
  signal?: AbortSignal
}

export interface Thread {
  /** Rejects with a GraphQL error (BUSY, TIMEOUT, CANCELLED, BAD_USER_INPUT), or what the job failed with. */
  ask<Kind extends Job['kind']>(job: Job & { kind: Kind }, options?: AskOptions): Promise<Answers[Kind]>
  close(): Promise<void>
}

interface Waiting {
  number: number
  job: Job
  options: AskOptions
  timer?: NodeJS.Timeout
  /** Why it is being ended, once it is. */
  end?: Error
  resolve(result: Answers[Job['kind']]): void
  reject(error: Error): void
}

interface State {
  databaseUrl: string
  limits: ThreadLimits
  entry: string
  cancelled: Int32Array
  worker: Worker | undefined
  running: Waiting | undefined
  queue: Waiting[]
  nextNumber: number
  isClosed: boolean
}

/**
 * Starts nothing yet: the thread comes with the first job.
 * @param options.entry what the thread runs, a path without extension; default: worker beside this file
 */
export function openThread(
  databaseUrl: string,
  options: { limits?: ThreadLimits; entry?: string } = {},
): Thread {
  const { limits = THREAD_LIMITS, entry = join(__dirname, 'worker') } = options
  const state: State = {
    ...{ databaseUrl, limits, entry, cancelled: new Int32Array(new SharedArrayBuffer(4)) },
    ...{ worker: undefined, running: undefined, queue: [], nextNumber: 1, isClosed: false },
  }
  return {
    ask: (job, options = {}) => enqueue(state, job, options) as Promise<Answers[typeof job.kind]>,
    async close() {
      state.isClosed = true
      for (const waiting of state.queue.splice(0)) waiting.reject(cancelled('the server is stopping'))
      const { worker } = state
      if (state.running) settle(state, state.running, cancelled('the server is stopping'))
      state.worker = undefined
      await worker?.terminate()
    },
  }
}

function enqueue(state: State, job: Job, options: AskOptions): Promise<Answers[Job['kind']]> {
  return new Promise((resolve, reject) => {
    if (state.isClosed || options.signal?.aborted) return reject(cancelled('nobody waits for it'))
    if (state.queue.length >= state.limits.maxWaiting)
      return reject(
        coded('BUSY', `one run at a time, and ${state.queue.length} wait already; try again later`),
      )
    const waiting: Waiting = { number: state.nextNumber++, job, options, resolve, reject }
    options.signal?.addEventListener(
      'abort',
      () => endEarly(state, waiting, cancelled('nobody waits for it')),
      {
        once: true,
      },
    )
    state.queue.push(waiting)
    next(state)
  })
}

function next(state: State): void {
  if (state.running !== undefined) return
  const waiting = state.queue.shift()
  if (waiting === undefined) {
    state.worker?.unref()
    return
  }
  state.running = waiting
  const { maxRunMs } = state.limits
  waiting.timer = setTimeout(
    () =>
      endEarly(
        state,
        waiting,
        coded('TIMEOUT', `the run took longer than ${maxRunMs / 1_000} s; ask for less`),
      ),
    maxRunMs,
  )
  waiting.options.onStart?.()
  state.worker ??= start(state)
  state.worker.ref()
  state.worker.postMessage({ number: waiting.number, job: waiting.job })
}

/** Takes a job out of the queue, or asks the running one to end; its thread goes with it where it does not. */
function endEarly(state: State, waiting: Waiting, error: Error): void {
  const place = state.queue.indexOf(waiting)
  if (place >= 0) {
    state.queue.splice(place, 1)
    waiting.reject(error)
    return
  }
  if (state.running !== waiting || waiting.end !== undefined) return
  waiting.end = error
  Atomics.store(state.cancelled, 0, waiting.number)
  clearTimeout(waiting.timer)
  waiting.timer = setTimeout(() => {
    if (state.running === waiting) lose(state, state.worker, error)
  }, GRACE_MS)
}

function settle(state: State, waiting: Waiting, outcome: Error | { result: Answers[Job['kind']] }): void {
  if (state.running !== waiting) return
  clearTimeout(waiting.timer)
  state.running = undefined
  if (waiting.end !== undefined) waiting.reject(waiting.end)
  else if (outcome instanceof Error) waiting.reject(outcome)
  else waiting.resolve(outcome.result)
  if (!state.isClosed) next(state)
}

/** The worker is gone or given up: its job fails, the next one gets another. */
function lose(state: State, worker: Worker | undefined, error: Error): void {
  if (worker === undefined || state.worker !== worker) return
  state.worker = undefined
  void worker.terminate()
  if (state.running) settle(state, state.running, error)
}

function start(state: State): Worker {
  const workerData: ThreadData = {
    databaseUrl: state.databaseUrl,
    cancelled: state.cancelled.buffer as SharedArrayBuffer,
  }
  const worker = startThread(state.entry, workerData)
  worker.on('message', (message: FromThread) => receive(state, message))
  worker.on('error', (cause) =>
    lose(state, worker, new PlimsollError('the stress thread crashed', { cause })),
  )
  worker.on('exit', (code) =>
    lose(state, worker, new PlimsollError(`the stress thread ended with code ${code}`)),
  )
  return worker
}

function receive(state: State, message: FromThread): void {
  const { running } = state
  if (running === undefined || message.number !== running.number) return
  if (message.kind === 'progress') running.options.onProgress?.(message.done, message.of)
  else if (message.kind === 'result') settle(state, running, { result: message.result })
  else
    settle(
      state,
      running,
      message.code === null ? new PlimsollError(message.message) : coded(message.code, message.message),
    )
}

export function coded(code: string, message: string): Error {
  return createGraphQLError(message, { extensions: { code } })
}

function cancelled(why: string): Error {
  return coded('CANCELLED', `the run was cancelled: ${why}`)
}
