/** Structured logs: one JSON line an event on stderr when piped, a readable line on a terminal. */
import { createLogger, type Logger } from '@subsquid/logger'

export type { Logger }

/** Logger of a room, for example `plimsoll:processor:harbor`. */
export function logger(room: string): Logger {
  return createLogger(`plimsoll:${room}`)
}
