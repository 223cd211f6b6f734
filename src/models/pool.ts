/**
 * A fixed number of worker threads that answer one request at a time. `session.run` blocks its thread, so no model ever
 * runs on the thread of a server. A thread that dies or overruns its time is replaced; its request fails.
 *
 * A thread is never ended while a model runs in it: onnxruntime's binding then throws outside JavaScript and takes the
 * whole process with it. A late thread is set aside and ended once its model returns.
 */
import { join } from 'node:path'
import type { Worker } from 'node:worker_threads'
import { startThread } from '../start-thread'
import { ModelError } from './model-error'

/** `canonical`: the file in onnxruntime; `compiled`: the same to the bit (compiled/walk.ts); `tensor`: its GPU form, within GATE_TOLERANCE. */
export type Form = 'canonical' | 'compiled' | 'tensor'

/** What travels to a thread and back. */
export type RunRequest = { id: number; model: string; rows: Float32Array; rowCount: number }
export type RunResult = {
  values: Float64Array
  margins: Float64Array
  contributions: Float32Array
  bias: number
  /** What else the graph publishes, by output name: a number a row. */
  further: Record<string, Float64Array>
}
export type Reply =
  | ({ kind: 'ready' } & Ready)
  | { kind: 'failed'; message: string }
  | { kind: 'result'; id: number; result: RunResult }
  | { kind: 'error'; id: number; message: string }

/** What each model ended up with, and what an operator ought to know about it. */
export type Ready = {
  providers: Record<string, string>
  forms: Record<string, Form>
  warnings: string[]
}

export type Pool = Ready & {
  run(request: Omit<RunRequest, 'id'>): Promise<RunResult>
  close(): Promise<void>
}

export type PoolOptions = {
  threads: number
  workerData: unknown
  runTimeoutMs: number
  startTimeoutMs: number
  maxQueued: number
}

/** A model that has not returned after this long is taken never to return. */
const NEVER_RETURNS_MS = 600_000

type Job = { request: RunRequest; resolve(result: RunResult): void; reject(error: Error): void }
type Thread = { worker: Worker; job: Job | undefined; timer: NodeJS.Timeout | undefined }
type State = {
  options: PoolOptions
  threads: Set<Thread>
  /** Replacements on their way; requests wait for them. */
  starting: number
  queue: Job[]
  nextId: number
  closed: boolean
}

/** Starts the threads and waits until each has opened every model. Throws ModelError `no-provider` or `timeout`. */
export async function startPool(options: PoolOptions): Promise<Pool> {
  const state: State = { options, threads: new Set(), starting: 0, queue: [], nextId: 0, closed: false }
  const started = await Promise.allSettled(Array.from({ length: options.threads }, () => addThread(state)))
  const failure = started.find((result) => result.status === 'rejected')
  if (failure) {
    await closePool(state)
    throw failure.reason
  }
  const first = started[0]
  return {
    ...(first?.status === 'fulfilled' ? first.value : { providers: {}, forms: {}, warnings: [] }),
    run: (request) => enqueue(state, request),
    close: () => closePool(state),
  }
}

async function addThread(state: State): Promise<Ready> {
  const worker = startThread(join(__dirname, 'worker'), state.options.workerData)
  const ready = await readiness(worker, state.options.startTimeoutMs)
  const thread: Thread = { worker, job: undefined, timer: undefined }
  if (state.closed) {
    await worker.terminate()
    return ready
  }
  state.threads.add(thread)
  worker.on('message', (reply: Reply) => settle(state, thread, reply))
  worker.on('error', (cause) =>
    lose(state, thread, new ModelError('run-failed', 'a scoring thread crashed', { cause })),
  )
  worker.on('exit', (code) =>
    lose(state, thread, new ModelError('run-failed', `a scoring thread ended with code ${code}`)),
  )
  feed(state)
  return ready
}

function enqueue(state: State, request: Omit<RunRequest, 'id'>): Promise<RunResult> {
  return new Promise((resolve, reject) => {
    const { queue, threads, starting, options } = state
    if (state.closed) return reject(new ModelError('closed', 'the model runtime is closed'))
    if (threads.size + starting === 0)
      return reject(new ModelError('run-failed', 'no scoring thread is left'))
    if (queue.length >= options.maxQueued) {
      return reject(new ModelError('too-much', `${options.maxQueued} requests already wait`))
    }
    queue.push({ request: { ...request, id: state.nextId++ }, resolve, reject })
    feed(state)
  })
}

/** Gives waiting requests to idle threads. A thread holds the process open only while it has a request. */
function feed(state: State): void {
  const { runTimeoutMs } = state.options
  for (const thread of state.threads) {
    if (thread.job || state.queue.length === 0) continue
    const job = state.queue.shift()!
    thread.job = job
    thread.worker.ref()
    const late = new ModelError(
      'timeout',
      `model "${job.request.model}" gave no answer within ${runTimeoutMs} ms`,
    )
    thread.timer = setTimeout(() => lose(state, thread, late), runTimeoutMs)
    thread.worker.postMessage(job.request, [job.request.rows.buffer as ArrayBuffer])
  }
}

function settle(state: State, thread: Thread, reply: Reply): void {
  const { job } = thread
  if (!job || (reply.kind !== 'result' && reply.kind !== 'error') || reply.id !== job.request.id) return
  release(thread)
  if (reply.kind === 'result') job.resolve(reply.result)
  else job.reject(new ModelError('run-failed', `model "${job.request.model}" failed: ${reply.message}`))
  feed(state)
}

function release(thread: Thread): void {
  clearTimeout(thread.timer)
  thread.job = undefined
  thread.worker.unref()
}

/** Drops a thread and starts one in its place. When none is left and that fails too, waiting requests fail. */
function lose(state: State, thread: Thread, error: ModelError): void {
  if (!state.threads.delete(thread)) return
  const busy = thread.job !== undefined
  thread.job?.reject(error)
  release(thread)
  void retire(thread.worker, busy, NEVER_RETURNS_MS)
  if (state.closed) return
  state.starting++
  addThread(state)
    .catch((cause: Error) => {
      if (state.threads.size === 0) for (const waiting of state.queue.splice(0)) waiting.reject(cause)
    })
    .finally(() => {
      state.starting--
    })
}

/** Ends a thread, a busy one after its model has returned; one that takes longer than `patienceMs` is left behind. */
async function retire(worker: Worker, busy: boolean, patienceMs: number): Promise<void> {
  if (busy) {
    let timer: NodeJS.Timeout | undefined
    const idle = await Promise.race([
      new Promise<boolean>((resolve) => {
        worker.once('message', () => resolve(true))
        worker.once('exit', () => resolve(true))
      }),
      new Promise<boolean>((resolve) => {
        timer = setTimeout(() => resolve(false), patienceMs)
        timer.unref()
      }),
    ])
    clearTimeout(timer)
    if (!idle) return
  }
  await worker.terminate()
}

async function closePool(state: State): Promise<void> {
  state.closed = true
  const gone = new ModelError('closed', 'the model runtime was closed')
  for (const job of state.queue.splice(0)) job.reject(gone)
  const ended = [...state.threads].map((thread) => {
    const busy = thread.job !== undefined
    thread.job?.reject(gone)
    clearTimeout(thread.timer)
    thread.job = undefined
    return retire(thread.worker, busy, state.options.runTimeoutMs).finally(() => thread.worker.unref())
  })
  state.threads.clear()
  await Promise.all(ended)
}

function readiness(worker: Worker, startTimeoutMs: number): Promise<Ready> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error) => {
      clearTimeout(timer)
      void worker.terminate()
      reject(error)
    }
    const timer = setTimeout(
      () => fail(new ModelError('timeout', `a scoring thread did not start within ${startTimeoutMs} ms`)),
      startTimeoutMs,
    )
    worker.once('error', fail)
    worker.once('message', (reply: Reply) => {
      clearTimeout(timer)
      worker.off('error', fail)
      worker.unref()
      if (reply.kind === 'ready') resolve(reply)
      else
        fail(
          new ModelError('no-provider', reply.kind === 'failed' ? reply.message : 'unexpected first reply'),
        )
    })
  })
}
