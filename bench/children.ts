/** Processes that a bench starts: their output is kept, and none outlives the bench. */
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { familyOf } from './memory'

export interface Child {
  process: ChildProcess
  /** Exit code, or the signal's name. */
  exited: Promise<number | string>
  ended(): boolean
  /** The last of what it wrote to both streams. */
  output(): string
  /** Resolves with the first match among the lines it writes to stdout; rejects when it ends before. */
  line(pattern: RegExp, timeoutMs?: number): Promise<RegExpExecArray>
  /** SIGKILL to it and all that it started; resolves when it is gone. */
  kill(): Promise<void>
  /** Asks it to end by closing its channel, so that exit handlers run; SIGKILL after a while. */
  stop(): Promise<void>
}

const KEPT_OUTPUT_CHARS = 200_000
const LINE_TIMEOUT_MS = 60_000
const STOP_TIMEOUT_MS = 20_000
/** What a process wrote last arrives after the news of its end. */
const LAST_OUTPUT_MS = 200

const running = new Set<Child>()
process.on('exit', () => {
  for (const child of running) signal(child.process, 'SIGKILL')
})
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => process.exit(130))

/** Signals a child and all that it started: the yardsticks' script puts them in groups of their own. */
function signal(child: ChildProcess, name: NodeJS.Signals): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  for (const pid of familyOf(child.pid)) {
    try {
      process.kill(pid, name)
    } catch {
      // It has gone already.
    }
  }
}

/** @param options.channel opens a channel to it, whose end tells it to end */
export function startChild(
  command: string,
  args: readonly string[],
  options: Pick<SpawnOptions, 'cwd' | 'env'> & { channel?: boolean } = {},
): Child {
  const { channel, ...rest } = options
  const child = spawn(command, args, {
    ...rest,
    stdio: ['ignore', 'pipe', 'pipe', ...(channel ? (['ipc'] as const) : [])],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(-KEPT_OUTPUT_CHARS)
    })
  }
  const exited = new Promise<number | string>((resolve) => {
    child.once('error', (error) => resolve(error.message))
    child.once('close', (code, name) => resolve(code ?? name ?? 'unknown'))
    // Node emits no `close` once we have closed the channel ourselves.
    child.once('exit', (code, name) => setTimeout(resolve, LAST_OUTPUT_MS, code ?? name ?? 'unknown'))
  })
  let gone = false
  void exited.then(() => {
    gone = true
  })
  const ended = (): boolean => gone
  const self: Child = {
    process: child,
    exited,
    ended,
    output: () => output,
    async line(pattern, timeoutMs = LINE_TIMEOUT_MS) {
      for (const deadline = Date.now() + timeoutMs; ; await sleep(10)) {
        const found = pattern.exec(output)
        if (found) return found
        if (ended() || Date.now() > deadline) {
          throw new Error(`${command} ${args.at(-1)} did not say ${pattern}:\n${output.slice(-3_000)}`)
        }
      }
    },
    async kill() {
      signal(child, 'SIGKILL')
      await exited
    },
    async stop() {
      if (channel && child.connected) child.disconnect()
      else signal(child, 'SIGTERM')
      const late = setTimeout(() => signal(child, 'SIGKILL'), STOP_TIMEOUT_MS)
      await exited
      clearTimeout(late)
    },
  }
  running.add(self)
  void exited.then(() => running.delete(self))
  return self
}
