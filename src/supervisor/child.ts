/**
 * A process the supervisor keeps alive. It is started again with a growing pause when it fails, and not when it ends
 * on purpose (exit 0 with `endsOnPurpose`) or finds its settings wrong (exit 2). Children sit in their own process group,
 * so that Ctrl-C in a terminal reaches the supervisor alone, and hold an IPC channel, so that they notice its death.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { createWriteStream, mkdirSync, type WriteStream } from 'node:fs'
import { dirname } from 'node:path'
import { createInterface } from 'node:readline'

const FIRST_PAUSE_MS = 250
const LONGEST_PAUSE_MS = 10_000
/** A child that ran this long is taken to be healthy: its next failure starts with the first pause again. */
const HEALTHY_AFTER_MS = 30_000
const EXIT_WRONG_SETTINGS = 2
const TAIL_LINES = 20
const REPLACE_PATIENCE_MS = 5_000

export type ChildState = 'running' | 'waiting' | 'done' | 'failed' | 'stopped'

export interface ChildOptions {
  name: string
  /** Arguments of node, the script and what follows; asked for anew at each start. */
  args: () => readonly string[]
  env: Readonly<Record<string, string>>
  logFile: string
  /** Exit code 0 means that the work is finished, not that it must be started again. */
  endsOnPurpose?: boolean
  /** Called with each line of stdout that is a JSON object. */
  onMessage?: (message: Readonly<Record<string, unknown>>) => void
  /** Called with its last lines when it is not started again because its settings are wrong. */
  onFailed?: (lines: readonly string[]) => void
}

export interface Child {
  readonly name: string
  state(): ChildState
  /** Times it was started again after a failure. */
  restarts(): number
  pid(): number | undefined
  /** The last lines it wrote. */
  tail(): readonly string[]
  /** Ends it and starts it with these settings; one that had stopped for good is tried again, one that is done is not. */
  restartWith(env: Readonly<Record<string, string>>): void
  /** Asks it to end, and after `patienceMs` no longer asks. Resolves when it is gone. */
  stop(patienceMs?: number): Promise<void>
}

function parseObject(line: string): Record<string, unknown> | undefined {
  if (!line.startsWith('{')) return undefined
  try {
    return JSON.parse(line) as Record<string, unknown>
  } catch {
    return undefined
  }
}

/** Starts a child and keeps it running until `stop`. Its output goes to `logFile`. */
export function startChild(options: ChildOptions): Child {
  let state: ChildState = 'running'
  let restarts = 0
  let pauseMs = FIRST_PAUSE_MS
  let running: ChildProcess | undefined
  let timer: NodeJS.Timeout | undefined
  let stopping = false
  let replacing = false
  let env = options.env
  let gone: Promise<void> = Promise.resolve()
  const tail: string[] = []

  /** The state it stays in after this end, or undefined when it is to be started again. */
  function finalState(code: number | null): ChildState | undefined {
    if (stopping) return 'stopped'
    if (code === 0 && options.endsOnPurpose) return 'done'
    return code === EXIT_WRONG_SETTINGS ? 'failed' : undefined
  }

  function remember(line: string): void {
    tail.push(line)
    if (tail.length > TAIL_LINES) tail.shift()
  }

  function follow(child: ChildProcess, log: WriteStream): void {
    for (const stream of [child.stdout, child.stderr]) {
      if (!stream) continue
      createInterface({ input: stream }).on('line', (line) => {
        log.write(`${line}\n`)
        remember(line)
        const message = stream === child.stdout ? parseObject(line) : undefined
        if (message) options.onMessage?.(message)
      })
    }
  }

  function ended(code: number | null, signal: NodeJS.Signals | null, ranMs: number): void {
    running = undefined
    if (replacing && !stopping) {
      launch()
      return
    }
    const final = finalState(code)
    if (final !== undefined) {
      state = final
      if (final === 'failed') options.onFailed?.(tail)
      return
    }
    remember(`(ended with ${signal ?? `code ${code}`} after ${(ranMs / 1000).toFixed(1)} s)`)
    if (ranMs > HEALTHY_AFTER_MS) pauseMs = FIRST_PAUSE_MS
    state = 'waiting'
    restarts++
    timer = setTimeout(launch, pauseMs)
    pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)
  }

  function launch(): void {
    const startedAt = Date.now()
    replacing = false
    const log = createWriteStream(options.logFile, { flags: 'a' })
    const child = spawn(process.execPath, [...options.args()], {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      detached: true,
    })
    running = child
    state = 'running'
    follow(child, log)
    child.once('error', (error) => remember(`could not start: ${error.message}`))
    gone = new Promise((resolve) => {
      child.once('close', (code, signal) => {
        log.end()
        ended(code, signal, Date.now() - startedAt)
        resolve()
      })
    })
  }

  function end(patienceMs: number): void {
    const child = running
    child?.kill('SIGTERM')
    const patience = setTimeout(() => child?.kill('SIGKILL'), patienceMs)
    void gone.then(() => clearTimeout(patience))
  }

  mkdirSync(dirname(options.logFile), { recursive: true })
  launch()
  return {
    name: options.name,
    state: () => state,
    restarts: () => restarts,
    pid: () => running?.pid,
    tail: () => tail,
    restartWith(next) {
      env = next
      if (stopping || state === 'done') return
      if (running !== undefined) {
        replacing = true
        end(REPLACE_PATIENCE_MS)
      } else if (state === 'failed') launch()
    },
    async stop(patienceMs = 10_000) {
      stopping = true
      clearTimeout(timer)
      if (running === undefined) {
        if (state === 'waiting') state = 'stopped'
        return
      }
      end(patienceMs)
      await gone
    },
  }
}
