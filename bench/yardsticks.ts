/**
 * The yardsticks: the same chain indexed by a bare loop (raw), by Squid and by Ponder, as `run` beside them starts and
 * measures each. They install into a stable folder under the temporary directory, so that only the first run downloads.
 *
 * `run` counts rows with psql every 0.2 s. Where there is none, a stand-in of ours answers that one call.
 */
import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { loadConfig } from '../src/config'
import { freePort } from '../src/db/embedded'
import { packageRoot } from '../src/package-root'
import { askRpc } from './ask-rpc'
import { type Child, startChild } from './children'

export type YardstickName = 'raw' | 'squid' | 'ponder'

const WORK = join(tmpdir(), 'plimsoll-yardsticks')
/** Installing takes minutes the first time and is not measured. */
const INSTALL_TIMEOUT_MS = 900_000
const LIMIT_SEC = 600

export interface Size {
  blocks: number
  logs: number
}

export interface YardstickRun {
  wallSec: number
  rowsPerSec: number
  peakMb: number
  cpuSec: number
}

export interface Replay {
  url: string
  /** What the tables must hold at the end. */
  truth(): Promise<{ count: number; accounts: number; sumabs: number }>
  stop(): Promise<void>
}

function script(): string {
  const path = join(loadConfig().yardsticks, 'run')
  if (existsSync(path)) return path
  throw new Error(`no ${path}: set PLIMSOLL_YARDSTICKS to the folder with the yardsticks`)
}

function hasPsql(): boolean {
  try {
    execFileSync('psql', ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/** A `psql` that answers `psql -qtA URL -c SQL` by our own driver, in a folder to put on PATH. */
function standInForPsql(): string {
  const dir = join(WORK, 'bin')
  mkdirSync(dir, { recursive: true })
  const file = join(dir, 'psql')
  const code = [
    '#!/usr/bin/env node',
    `const { openPool } = require(${JSON.stringify(join(packageRoot, 'lib', 'db', 'pool.js'))})`,
    'const [, url, , sql] = process.argv.slice(2)',
    "const pool = openPool(url, { application: 'psql', max: 1 })",
    'pool.query(sql).then(',
    "  ({ rows }) => { for (const row of rows) console.log(Object.values(row).join('|')); return pool.end() },",
    '  (error) => { console.error(error.message); process.exit(1) },',
    ')',
  ]
  writeFileSync(file, `${code.join('\n')}\n`)
  chmodSync(file, 0o755)
  return dir
}

function environment(env: Record<string, string>): NodeJS.ProcessEnv {
  mkdirSync(WORK, { recursive: true })
  const path = process.env.PATH ?? ''
  return {
    ...process.env,
    PATH: hasPsql() ? path : `${standInForPsql()}${delimiter}${path}`,
    WORK,
    LIMIT_SEC: String(LIMIT_SEC),
    ...env,
  }
}

const sizes = ({ blocks, logs }: Size): Record<string, string> => ({
  BLOCKS: String(blocks),
  LOGS: String(logs),
})

/** Starts the deterministic chain in a process of its own. */
export async function startReplay(size: Size & { noise?: number; chainId?: number }): Promise<Replay> {
  const port = await freePort()
  const { noise = 0, chainId = 31337 } = size
  const env = { ...sizes(size), PORT: String(port), NOISE: String(noise), CHAINID: String(chainId) }
  const child = startChild('bash', [script(), 'replay'], { env: environment(env) })
  await child.line(/^replay on /m, INSTALL_TIMEOUT_MS)
  const url = `http://127.0.0.1:${port}`
  return { url, truth: () => askRpc(url, 'replay_truth'), stop: () => child.kill() }
}

/** Starts a yardstick without waiting for it; it ends by itself once it holds all rows of the given size. */
export function startYardstick(
  name: YardstickName,
  { rpc, pgUrl, ...size }: Size & { rpc: string; pgUrl: string },
): Child {
  const env = environment({ ...sizes(size), RPC: rpc, PG_URL: pgUrl })
  return startChild('bash', [script(), name], { env })
}

/** Runs a yardstick to its end. @throws Error when it does not index everything */
export async function runYardstick(
  name: YardstickName,
  options: Size & { rpc: string; pgUrl: string },
): Promise<YardstickRun> {
  const child = startYardstick(name, options)
  const line = /^\w+ +(\w+) +wall ([\d.]+) s +(\d+) rows\/s +peak (\d+) MB +cpu (\d+) s/m
  const found = await child.line(line, INSTALL_TIMEOUT_MS + LIMIT_SEC * 1000)
  await child.exited
  const [, state, wall, rows, peak, cpu] = found
  if (state !== 'ok')
    throw new Error(`yardstick ${name} ended with ${state}: see ${join(WORK, `${name}.log`)}`)
  return {
    wallSec: Number(wall),
    rowsPerSec: Number(rows),
    peakMb: Number(peak),
    cpuSec: Number(cpu),
  }
}
