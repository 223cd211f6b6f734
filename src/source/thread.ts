/**
 * The source in a thread of its own: what it reads, checks and serves as JSON does not take the processor's time. The
 * local URLs work as ever, ranges come in packed form, one at a time for each reader that asks for the next.
 */
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { PlimsollError } from '../errors'
import type { LogFilter } from '../processor/filters'
import { type PackedRange, unpackRange } from './packed-range'
import type { FetchedRange, RangeQuery, Source, SourceOptions, SourceStatus } from './types'

/** What travels to the thread. */
export type ThreadRequest = { id: number } & (
  | { kind: 'open'; reader: number; query: RangeQuery }
  | { kind: 'next'; reader: number }
  | { kind: 'end'; reader: number }
  | { kind: 'range'; query: RangeQuery }
  | { kind: 'final' }
  | { kind: 'status' }
  | { kind: 'filters'; filters: readonly LogFilter[] }
  | { kind: 'close' }
)

export interface ThreadFailure {
  message: string
  details: readonly string[]
  hint: string | undefined
  exitCode: number
}

/** And back: `id` 0 says that it has started, or why not. */
export type ThreadReply = { id: number } & ({ value: unknown } | { failure: ThreadFailure })

type Body = ThreadRequest extends infer R ? (R extends { id: number } ? Omit<R, 'id'> : never) : never

/** Starts the thread from lib/, or from src/ where that is what runs (tests). */
function spawn(options: SourceOptions): Worker {
  const compiled = join(__dirname, 'worker.js')
  if (existsSync(compiled)) return new Worker(compiled, { workerData: options })
  const tsx = JSON.stringify(createRequire(__filename).resolve('tsx/cjs'))
  const entry = JSON.stringify(join(__dirname, 'worker.ts'))
  return new Worker(`require(${tsx}); require(${entry})`, { workerData: options, eval: true, execArgv: [] })
}

function errorOf({ message, details, hint, exitCode }: ThreadFailure): PlimsollError {
  return new PlimsollError(message, { details, exitCode, ...(hint !== undefined && { hint }) })
}

/**
 * Starts a source in a thread.
 * @param onLost told when the thread ends though nobody closed it: what reads its URLs waits for nothing then
 * @throws PlimsollError as startSource does
 */
export async function startSourceThread(
  options: SourceOptions,
  onLost: (error: Error) => void = () => undefined,
): Promise<Source> {
  const worker = spawn(options)
  const waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>()
  let lastId = 0
  let lastReader = 0
  let ended: Error | undefined
  let started: { gatewayUrl: string; rpcUrl: string | undefined } | undefined

  let closing = false

  const end = (error: Error): void => {
    if (ended === undefined && started && !closing) onLost(error)
    ended ??= error
    for (const { reject } of waiting.values()) reject(error)
    waiting.clear()
  }
  worker.on('message', (reply: ThreadReply) => {
    const entry = waiting.get(reply.id)
    waiting.delete(reply.id)
    if ('failure' in reply) entry?.reject(errorOf(reply.failure))
    else entry?.resolve(reply.value)
  })
  worker.on('error', (error) => end(error))
  worker.on('exit', () => end(new PlimsollError(`the source of ${options.chain.name} has ended`)))

  const reply = (id: number): Promise<unknown> =>
    new Promise((resolve, reject) => waiting.set(id, { resolve, reject }))
  function ask(body: Body): Promise<unknown> {
    if (ended) return Promise.reject(ended)
    const id = ++lastId
    const answer = reply(id)
    worker.postMessage({ ...body, id })
    return answer
  }

  started = (await reply(0)) as { gatewayUrl: string; rpcUrl: string | undefined }

  async function* fetchRanges(query: RangeQuery): AsyncIterable<FetchedRange> {
    const reader = ++lastReader
    await ask({ kind: 'open', reader, query })
    try {
      for (;;) {
        const packed = (await ask({ kind: 'next', reader })) as PackedRange | undefined
        if (packed === undefined) return
        yield unpackRange(packed)
      }
    } finally {
      if (!ended) await ask({ kind: 'end', reader }).catch(() => undefined)
    }
  }

  return {
    ...started,
    fetchRanges,
    fetchRange: async (query) => unpackRange((await ask({ kind: 'range', query })) as PackedRange),
    finalizedHeight: async () => (await ask({ kind: 'final' })) as number,
    setFilters(filters) {
      ask({ kind: 'filters', filters }).catch(() => undefined)
    },
    status: async () => (await ask({ kind: 'status' })) as SourceStatus,
    async close() {
      closing = true
      await ask({ kind: 'close' }).catch(() => undefined)
      await worker.terminate()
    },
  }
}
