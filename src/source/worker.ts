/** Entry of the source's thread: a source, and what thread.ts asks of it. Entry file: it runs when it is loaded. */
import { parentPort, workerData } from 'node:worker_threads'
import { PlimsollError } from '../errors'
import { packRange } from './packed-range'
import { startSource } from './start'
import type { ThreadFailure, ThreadReply, ThreadRequest } from './thread'
import type { FetchedRange, Source, SourceOptions } from './types'

const port = parentPort
if (port === null) throw new Error('source/worker runs in a thread')

/** Packed one ahead of the reader, who unpacks the last meanwhile. */
const readers = new Map<number, { ranges: AsyncIterator<FetchedRange>; next: Promise<unknown> }>()

function failureOf(error: unknown): ThreadFailure {
  if (error instanceof PlimsollError) {
    const { message, details, hint, exitCode } = error
    return { message, details, hint, exitCode }
  }
  return {
    message: error instanceof Error ? error.message : String(error),
    details: [],
    hint: undefined,
    exitCode: 1,
  }
}

function advance(ranges: AsyncIterator<FetchedRange>): Promise<unknown> {
  const next = ranges.next().then(({ done, value }) => (done ? undefined : packRange(value)))
  next.catch(() => undefined)
  return next
}

async function serve(source: Source, request: ThreadRequest): Promise<unknown> {
  switch (request.kind) {
    case 'open': {
      const ranges = source.fetchRanges(request.query)[Symbol.asyncIterator]()
      readers.set(request.reader, { ranges, next: advance(ranges) })
      return undefined
    }
    case 'next': {
      const reader = readers.get(request.reader)
      if (!reader) return undefined
      const packed = await reader.next
      if (packed !== undefined) reader.next = advance(reader.ranges)
      return packed
    }
    case 'end': {
      await readers.get(request.reader)?.ranges.return?.()
      readers.delete(request.reader)
      return undefined
    }
    case 'range':
      return packRange(await source.fetchRange(request.query))
    case 'final':
      return source.finalizedHeight()
    case 'status':
      return source.status()
    case 'filters':
      return source.setFilters(request.filters)
    case 'close':
      return source.close()
  }
}

function reply(message: ThreadReply): void {
  port?.postMessage(message)
}

startSource(workerData as SourceOptions).then(
  (source) => {
    port.on('message', (request: ThreadRequest) => {
      serve(source, request).then(
        (value) => reply({ id: request.id, value }),
        (error) => reply({ id: request.id, failure: failureOf(error) }),
      )
    })
    reply({ id: 0, value: { gatewayUrl: source.gatewayUrl, rpcUrl: source.rpcUrl } })
  },
  (error) => {
    reply({ id: 0, failure: failureOf(error) })
    port.close()
  },
)
