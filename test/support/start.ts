/** Runs the real `plimsoll start` as an operator would, and looks at its processes from outside. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { chmodSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const root = join(__dirname, '..', '..')
const cli = join(root, 'lib', 'cli.js')

/** Names of settings that the machine's own environment must not bring into a test. */
const OWN_SETTINGS = /^(PLIMSOLL_|DB_)/

export interface Started {
  pid: number
  output(): string
  exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>
  /** The page's URL, once it is printed. */
  page(limitMs?: number): Promise<string>
  /** Waits until the output matches; rejects when the process ends before, or after the limit, with all it wrote. */
  prints(pattern: RegExp, limitMs: number): Promise<RegExpExecArray>
  /** Ctrl-C; resolves when the process has ended. */
  interrupt(): Promise<{ code: number | null; tookMs: number }>
}

export interface StartOptions {
  args?: readonly string[]
  env?: Readonly<Record<string, string>>
  /** Command that runs node, for example as another user. */
  through?: readonly string[]
}

/** Builds what is out of date, as `npm start` does. */
export function build(): void {
  execFileSync(process.execPath, [join(root, 'scripts', 'build.mjs'), '--quiet'], { cwd: root })
}

/** A data folder that PostgreSQL's own user may enter when the tests run as root. */
export function temporaryHome(name: string): string {
  const home = mkdtempSync(join(tmpdir(), `plimsoll-${name}-`))
  chmodSync(home, 0o755)
  return home
}

function environment(home: string, env: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !OWN_SETTINGS.test(name))
  return { ...Object.fromEntries(inherited), PLIMSOLL_HOME: home, PLIMSOLL_MODEL_THREADS: '1', ...env }
}

/** Starts `plimsoll <args>`, by default `plimsoll start`. */
export function startPlimsoll(home: string, options: StartOptions = {}): Started {
  const line = [...(options.through ?? []), process.execPath, cli, ...(options.args ?? ['start'])]
  const child = spawn(line[0]!, line.slice(1), {
    cwd: root,
    env: environment(home, options.env ?? {}),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  return follow(child)
}

function follow(child: ChildProcess): Started {
  let output = ''
  let ended = false
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      output += chunk.toString()
    })
  }
  const exited = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.once('close', (code, signal) => {
      ended = true
      resolve({ code, signal })
    })
  })
  async function prints(pattern: RegExp, limitMs: number): Promise<RegExpExecArray> {
    for (const deadline = Date.now() + limitMs; ; await sleep(100)) {
      const found = pattern.exec(output)
      if (found) return found
      if (ended || Date.now() > deadline) {
        throw new Error(`${ended ? 'ended' : `${limitMs} ms passed`} without ${pattern}:\n${output}`)
      }
    }
  }
  return {
    pid: child.pid ?? 0,
    output: () => output,
    exited,
    prints,
    page: async (limitMs = 60_000) => (await prints(/page +(http:\S+)/, limitMs))[1]!,
    async interrupt() {
      const startedAt = Date.now()
      process.kill(child.pid ?? 0, 'SIGINT')
      const { code } = await exited
      return { code, tookMs: Date.now() - startedAt }
    },
  }
}

/** Runs `plimsoll <args>` to its end. */
export async function runPlimsoll(
  home: string,
  options: StartOptions,
): Promise<{ code: number | null; output: string; tookMs: number }> {
  const startedAt = Date.now()
  const run = startPlimsoll(home, options)
  const { code } = await run.exited
  return { code, output: run.output(), tookMs: Date.now() - startedAt }
}

export interface SeenProcess {
  pid: number
  parent: number
  command: string
}

function allProcesses(): SeenProcess[] {
  const lines = execFileSync('ps', ['-eo', 'pid=,ppid=,stat=,args=', '-ww'], { encoding: 'utf8' }).split('\n')
  return lines.flatMap((line) => {
    const found = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line)
    if (!found || found[3]!.startsWith('Z')) return []
    return [{ pid: Number(found[1]), parent: Number(found[2]), command: found[4]! }]
  })
}

/** A process and everything below it. */
export function processTree(pid: number): SeenProcess[] {
  const all = allProcesses()
  const tree = all.filter((one) => one.pid === pid)
  for (let next = 0; next < tree.length; next++) {
    tree.push(...all.filter((one) => one.parent === tree[next]!.pid))
  }
  return tree
}

/** Every process that names the folder in its command line or, where Linux shows it, was started with it as its home. */
export function processesOf(home: string): SeenProcess[] {
  return allProcesses().filter(({ pid, command }) => {
    if (pid === process.pid || command.includes('vitest')) return false
    return command.includes(home) || settingsOf(pid).includes(`PLIMSOLL_HOME=${home}\0`)
  })
}

function settingsOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8')
  } catch {
    return ''
  }
}

/** The processes below a supervisor by what they are: `api`, `processor-harbor`, `signer`, `world-harbor`, `anvil-harbor`. */
export function processesByKind(supervisor: number): Map<string, number[]> {
  const kinds = new Map<string, number[]>()
  for (const { pid, command } of processTree(supervisor)) {
    const kind = kindOf(command)
    if (kind !== undefined && pid !== supervisor) kinds.set(kind, [...(kinds.get(kind) ?? []), pid])
  }
  return kinds
}

function kindOf(command: string): string | undefined {
  const world = /demo\/main\.ts --chain (\w+)/.exec(command)
  if (world) return `world-${world[1]}`
  const node = /^\S*\/anvil .*--chain-id (\d+)/.exec(command)
  if (node) return node[1] === '31337' ? 'anvil-harbor' : 'anvil-lagoon'
  const own = /lib\/cli\.js (\w+)(?: --chain (\w+))?/.exec(command)
  return own ? [own[1], own[2]].filter(Boolean).join('-') : undefined
}

/** Process number of the embedded server, from its own file. */
export function postmaster(home: string): { pid: number; port: number } {
  const lines = readFileSync(join(home, 'postgres', 'data', 'postmaster.pid'), 'utf8').split('\n')
  return { pid: Number(lines[0]), port: Number(lines[3]) }
}

/** URL of a database on the embedded server of a run. */
export function embeddedUrl(home: string, database: string): string {
  const password = readFileSync(join(home, 'postgres', 'password'), 'utf8').trim()
  return `postgres://postgres:${password}@127.0.0.1:${postmaster(home).port}/${database}`
}

/** The newest `ready` line of a chain of the local world. */
export function worldReady(home: string, chain: string): { http: string; port: number; resumed: boolean } {
  const lines = readFileSync(join(home, 'logs', `${chain}.log`), 'utf8').split('\n')
  const ready = lines.filter((line) => line.startsWith('{"ready":true')).at(-1)
  if (ready === undefined) throw new Error(`${chain} has not been ready`)
  return JSON.parse(ready) as { http: string; port: number; resumed: boolean }
}

/** All logs of a run, for a failure's message. */
export function logsOf(home: string): string {
  const folder = join(home, 'logs')
  return readdirSync(folder)
    .map(
      (name) => `--- ${name}\n${readFileSync(join(folder, name), 'utf8').split('\n').slice(-8).join('\n')}`,
    )
    .join('\n')
}

/** Asks GraphQL. */
export async function ask<T>(page: string, query: string): Promise<T> {
  const response = await fetch(new URL('graphql', page), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
    signal: AbortSignal.timeout(10_000),
  })
  const { data, errors } = (await response.json()) as { data?: T; errors?: unknown }
  if (errors !== undefined || data === undefined) throw new Error(JSON.stringify(errors))
  return data
}

/** Asks again until it holds; the last failure is the reason given. */
export async function until(what: string, limitMs: number, holds: () => Promise<boolean>): Promise<number> {
  const startedAt = Date.now()
  let reason: unknown = 'it did not hold'
  while (Date.now() - startedAt < limitMs) {
    try {
      if (await holds()) return Date.now() - startedAt
      reason = 'it did not hold'
    } catch (error) {
      reason = error
    }
    await sleep(250)
  }
  throw new Error(`${what}: not within ${limitMs} ms (${String(reason)})`)
}
