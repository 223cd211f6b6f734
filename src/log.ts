/**
 * Structured logs: one JSON line an event on stderr when piped, a readable line on a terminal.
 *
 * Libraries log what they were configured with, evm-processor the whole URL of an endpoint whenever it has to retry.
 * All of them write through one sink, and ours shortens every URL first: its key must not reach a log file.
 */
import { createLogger, type Logger, setRootSink } from '@subsquid/logger'
import { jsonLinesStderrSink } from '@subsquid/logger/lib/sinks/json'
import { prettyStderrSink } from '@subsquid/logger/lib/sinks/pretty'
import { redactUrls } from './errors'

export type { Logger }

let redacting = false

/** From now on no log record of this process, of a library or ours, carries what a URL may hide. */
export function redactLogs(): void {
  if (redacting) return
  redacting = true
  const print = process.stderr.isTTY ? prettyStderrSink : jsonLinesStderrSink
  setRootSink((record) => print(withoutSecrets(record) as typeof record))
}

/** Logger of a room, for example `plimsoll:processor:harbor`. */
export function logger(room: string): Logger {
  redactLogs()
  return createLogger(`plimsoll:${room}`)
}

/**
 * A copy of a value in which the URLs of every string, however deep, are shortened by `redactUrls`. Errors stay errors,
 * with their stack and properties; what knows its own JSON form, such as a URL, is taken in that form.
 */
export function withoutSecrets(value: unknown, seen = new Map<object, unknown>()): unknown {
  if (typeof value === 'string') return redactUrls(value)
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array || value instanceof Date) {
    return value
  }
  const known = seen.get(value)
  if (known !== undefined) return known
  const json: unknown = 'toJSON' in value && typeof value.toJSON === 'function' ? value.toJSON() : value
  if (json !== value) return withoutSecrets(json, seen)
  if (value instanceof Map) return withoutSecrets({ map: [...value] }, seen)
  if (value instanceof Set) return withoutSecrets({ set: [...value] }, seen)
  const copy: object = Array.isArray(value) ? [] : value instanceof Error ? errorLike(value) : {}
  seen.set(value, copy)
  // Inherited properties too: that is what the sinks print.
  for (const key in value) Reflect.set(copy, key, withoutSecrets(Reflect.get(value, key), seen))
  return copy
}

function errorLike(error: Error): Error {
  const copy = new Error(redactUrls(error.message))
  const stack = redactUrls(error.stack ?? String(error))
  for (const [key, value] of Object.entries({ name: error.name, stack })) {
    Object.defineProperty(copy, key, { value, enumerable: false, writable: true, configurable: true })
  }
  return copy
}
