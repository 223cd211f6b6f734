/**
 * A bounded queue between one producer and one subscriber.
 *
 * A subscriber that does not keep up fails instead of growing the process: its iterator throws and ends. With a key,
 * a waiting item is replaced by a newer one of the same key (status messages), so that such a queue never overflows.
 */
import { createGraphQLError } from 'graphql-yoga'

export interface Queue<T> {
  push(item: T): void
  /** Ends the iterator; an error is thrown to the subscriber first. */
  close(error?: Error): void
  readonly iterator: AsyncIterableIterator<T>
}

/** @param onClose called once, whoever ends it  @param keyOf newer items replace waiting ones of equal key */
export function boundedQueue<T>(
  maxItems: number,
  onClose: () => void,
  keyOf?: (item: T) => string | number,
): Queue<T> {
  let items: T[] = []
  let waiting: { resolve: (result: IteratorResult<T>) => void; reject: (error: Error) => void } | undefined
  let closed = false
  let failure: Error | undefined

  function close(error?: Error): void {
    if (closed) return
    closed = true
    failure = error
    if (error) items = []
    onClose()
    const pending = waiting
    waiting = undefined
    if (!pending) return
    if (failure) pending.reject(takeFailure()!)
    else pending.resolve({ done: true, value: undefined })
  }

  function takeFailure(): Error | undefined {
    const error = failure
    failure = undefined
    return error
  }

  function push(item: T): void {
    if (closed) return
    if (waiting) {
      const { resolve } = waiting
      waiting = undefined
      resolve({ done: false, value: item })
      return
    }
    const same = keyOf ? items.findIndex((other) => keyOf(other) === keyOf(item)) : -1
    if (same >= 0) items[same] = item
    else if (items.length < maxItems) items.push(item)
    else close(slowConsumer(maxItems))
  }

  const iterator: AsyncIterableIterator<T> = {
    [Symbol.asyncIterator]: () => iterator,
    next() {
      const error = takeFailure()
      if (error) return Promise.reject(error)
      const item = items.shift()
      if (item !== undefined) return Promise.resolve({ done: false, value: item })
      if (closed) return Promise.resolve({ done: true, value: undefined })
      return new Promise((resolve, reject) => {
        waiting = { resolve, reject }
      })
    },
    return() {
      close()
      items = []
      return Promise.resolve({ done: true, value: undefined })
    },
  }
  return { push, close, iterator }
}

function slowConsumer(maxItems: number): Error {
  return createGraphQLError(
    `subscription dropped: more than ${maxItems} messages were waiting; subscribe again`,
    {
      extensions: { code: 'SLOW_CONSUMER' },
    },
  )
}
