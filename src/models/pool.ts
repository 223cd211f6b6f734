/**
 * A fixed number of worker threads that answer one request at a time. `session.run` blocks its thread, so no model ever
 * runs on the thread of a server. A thread that dies or overruns its time is replaced; its request fails.
 */
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { ModelError } from './model-error'

/** What travels to a thread and back. */
export type RunRequest = { id: number; model: string; rows: Float32Array; rowCount: number }
export type RunResult = {
  values: Float64Array
  margins: Float64Array
  contributions: Float32Array
  bias: number
}
export type Reply =
  | { kind: 'ready'; providers: Record<string, string> }
  | { kind: 'failed'; message: string }
  | { kind: 'result'; id: number; result: RunResult }
  | { kind: 'error'; id: number; message: string }

export type Pool = {
  /** The execution provider that each model ended up with. */
  providers: Record<string, string>
  run(request: Omit<RunRequest, 'id'>): Promise<RunResult>
  close(): Promise<void>
}

type Job = { request: RunRequest; resolve(result: RunResult): void; reject(error: Error): void }
type Thread = { worker: Worker; job: Job | undefined; timer: NodeJS.Timeout | undefined }

/** Starts the threads and waits until each has opened every model. Throws ModelError `no-provider` when one cannot. */
export async function startPool(options: {
  threads: number
  workerData: unknown
  runTimeoutMs: number
  startTimeoutMs: number
  maxQueued: number
}): Promise<Pool> {
  const { threads: count, workerData, runTimeoutMs, startTimeoutMs, maxQueued } = options
  const threads = new Set<Thread>()
  const queue: Job[] = []
  let nextId = 0
  let closed = false

  async function addThread(): Promise<Record<string, string>> {
    const worker = spawn(workerData)
    const thread: Thread = { worker, job: undefined, timer: undefined }
    const providers = await readiness(worker, startTimeoutMs)
    threads.add(thread)
    worker.on('message', (reply: Reply) => settle(thread, reply))
    worker.on('error', (cause) =>
      lose(thread, new ModelError('run-failed', 'a scoring thread crashed', { cause })),
    )
    worker.on('exit', (code) =>
      lose(thread, new ModelError('run-failed', `a scoring thread ended with code ${code}`)),
    )
    feed()
    return providers
  }

  function settle(thread: Thread, reply: Reply): void {
    const { job } = thread
    if (!job || (reply.kind !== 'result' && reply.kind !== 'error') || reply.id !== job.request.id) return
    release(thread)
    if (reply.kind === 'result') job.resolve(reply.result)
    else job.reject(new ModelError('run-failed', `model "${job.request.model}" failed: ${reply.message}`))
    feed()
  }

  function release(thread: Thread): void {
    clearTimeout(thread.timer)
    thread.job = undefined
    if (!closed) thread.worker.unref()
  }

  /** Drops a thread and starts another in its place, once: when that fails too, waiting requests fail. */
  function lose(thread: Thread, error: ModelError): void {
    if (!threads.delete(thread)) return
    const { job } = thread
    release(thread)
    job?.reject(error)
    void thread.worker.terminate()
    if (closed) return
    addThread().catch((cause: Error) => {
      if (threads.size === 0) for (const waiting of queue.splice(0)) waiting.reject(cause)
    })
  }

  function feed(): void {
    for (const thread of threads) {
      if (thread.job || queue.length === 0) continue
      const job = queue.shift()!
      thread.job = job
      thread.worker.ref()
      const late = new ModelError(
        'timeout',
        `model "${job.request.model}" gave no answer within ${runTimeoutMs} ms`,
      )
      thread.timer = setTimeout(() => lose(thread, late), runTimeoutMs)
      thread.worker.postMessage(job.request, [job.request.rows.buffer as ArrayBuffer])
    }
  }

  const started = await Promise.allSettled(Array.from({ length: count }, addThread))
  const failure = started.find((result) => result.status === 'rejected')
  if (failure) {
    closed = true
    for (const thread of threads) void thread.worker.terminate()
    throw failure.reason
  }
  const first = started[0]
  return {
    providers: first?.status === 'fulfilled' ? first.value : {},
    run: (request) =>
      new Promise((resolve, reject) => {
        if (closed) return reject(new ModelError('closed', 'the model runtime is closed'))
        if (threads.size === 0) return reject(new ModelError('run-failed', 'no scoring thread is left'))
        if (queue.length >= maxQueued)
          return reject(new ModelError('too-much', `${maxQueued} requests already wait`))
        queue.push({ request: { ...request, id: nextId++ }, resolve, reject })
        feed()
      }),
    async close() {
      closed = true
      const gone = new ModelError('closed', 'the model runtime was closed')
      for (const job of queue.splice(0)) job.reject(gone)
      const workers = [...threads].map((thread) => {
        thread.job?.reject(gone)
        release(thread)
        return thread.worker.terminate()
      })
      threads.clear()
      await Promise.all(workers)
    },
  }
}

/** Compiled code has a worker.js beside it; run from source, the thread first registers the TypeScript loader. */
function spawn(workerData: unknown): Worker {
  const compiled = join(__dirname, 'worker.js')
  if (existsSync(compiled)) return new Worker(compiled, { workerData, execArgv: [] })
  const loader = createRequire(__filename).resolve('tsx/cjs')
  const source = join(__dirname, 'worker.ts')
  const bootstrap = `require(${JSON.stringify(loader)}); require(${JSON.stringify(source)})`
  return new Worker(bootstrap, { workerData, eval: true, execArgv: [] })
}

function readiness(worker: Worker, startTimeoutMs: number): Promise<Record<string, string>> {
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
      if (reply.kind === 'ready') resolve(reply.providers)
      else
        fail(
          new ModelError('no-provider', reply.kind === 'failed' ? reply.message : 'unexpected first reply'),
        )
    })
  })
}
