/** What the supervisor looks after besides its children: the embedded server, and the list of what it has started. */
import { setTimeout as sleep } from 'node:timers/promises'
import { messageOf } from '../errors'
import type { Child } from './child'
import type { RunDatabase } from './database'
import { recordChildren } from './leftovers'

const LOOK_EVERY_MS = 500
const LONGEST_PAUSE_MS = 10_000

export interface Watched {
  dataDir: string
  children(): readonly Child[]
  /** Undefined until it is up. */
  database(): RunDatabase | undefined
  /** What it is busy with; undefined when all is well. */
  note(text: string | undefined): void
}

/** Looks twice a second; a server that has gone is started again, after a growing pause when that fails. */
export function watch(watched: Watched): { stop(): Promise<void> } {
  const stop = new AbortController()
  const ended = loop(watched, stop.signal)
  return {
    async stop() {
      stop.abort()
      await ended
    },
  }
}

async function loop(watched: Watched, signal: AbortSignal): Promise<void> {
  let recorded = ''
  let pauseMs = LOOK_EVERY_MS
  while (!signal.aborted) {
    const pids = watched.children().map((child) => child.pid())
    if (pids.join() !== recorded) recordChildren(watched.dataDir, pids)
    recorded = pids.join()
    const up = await keepUp(watched)
    pauseMs = up ? LOOK_EVERY_MS : Math.min(pauseMs * 2, LONGEST_PAUSE_MS)
    await sleep(pauseMs, undefined, { signal }).catch(() => undefined)
  }
}

/** True when the server runs, if need be because it was started again. */
async function keepUp({ database, note }: Watched): Promise<boolean> {
  const server = database()
  if (server === undefined || server.isRunning()) return true
  note('PostgreSQL has gone: starting it again')
  try {
    await server.restart()
    note(undefined)
    return true
  } catch (error) {
    note(`PostgreSQL has gone and does not start: ${messageOf(error)}`)
    return false
  }
}
