/**
 * The embedded PostgreSQL: real server binaries from npm, started as a daemon by pg_ctl.
 *
 * A daemon, because Ctrl-C in a terminal reaches every process of the group: the server must outlive the processes
 * that still have to say goodbye to it. It follows that a supervisor that was killed leaves the server running; the
 * next start finds it through postmaster.pid and takes it over. The password is random and lies beside the data.
 */
import { execFile, execFileSync, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chownSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { messageOf, PlimsollError } from '../errors'
import { type Installation, locate, reachableFolder, unprivilegedUser } from './embedded-binaries'
import { removeStalePidFile, runningPort } from './embedded-process'
import { waitForDatabase } from './pool'

const run = promisify(execFile)
const START_TIMEOUT_SEC = 60
const START_TRIES = 5
const ORPHAN_PAUSE_MS = 500

export interface EmbeddedDatabase {
  url: string
  /** True when a server that was already running over this folder was taken over. */
  reused: boolean
  /** False once the server has gone without being asked to. */
  isRunning(): boolean
  /** Starts a server that has gone again, at the same URL. Rejects when it does not start; may be tried again. */
  restart(): Promise<void>
  /** Stops the server and waits until it is gone. */
  stop(): Promise<void>
}

export interface EmbeddedOptions {
  /** Folder of its own; made when absent. */
  dir: string
  /** Further `name=value` settings. */
  settings?: readonly string[]
}

/**
 * Starts the server over `dir`, initialising it the first time, and returns its URL.
 * @throws PlimsollError with exit code 2 when the data was written by another major version
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<EmbeddedDatabase> {
  const user = unprivilegedUser()
  const dir = user ? reachableFolder(resolve(options.dir)) : resolve(options.dir)
  const installation = locate(user)
  mkdirSync(dir, { recursive: true })
  if (user) chownSync(dir, user.uid, user.gid)
  const data = join(dir, 'data')
  const settings = options.settings ?? []
  const password = readPassword(join(dir, 'password'))
  if (!existsSync(join(data, 'PG_VERSION'))) await initialise(installation, dir, data, password)
  else checkVersion(installation, data)
  const url = (port: number) => `postgres://postgres:${password}@127.0.0.1:${port}/postgres`

  const existing = await answeringPort(data, url)
  const port = existing ?? (await start(installation, data, settings))
  if (existing === undefined) await waitForDatabase(url(port), 10_000)
  return {
    url: url(port),
    reused: existing !== undefined,
    isRunning: () => runningPort(data) !== undefined,
    async restart() {
      await start(installation, data, settings, port)
      await waitForDatabase(url(port), 10_000)
    },
    async stop() {
      await pgCtl(installation, ['stop', '-D', data, '-m', 'fast', '-w', '-t', '30']).catch((error) => {
        if (runningPort(data) !== undefined) throw error
      })
    },
  }
}

/** URL of the server that runs over `dir`; undefined when none does. Starts nothing. */
export async function runningEmbedded(folder: string): Promise<string | undefined> {
  const dir = unprivilegedUser() ? reachableFolder(resolve(folder)) : resolve(folder)
  if (!existsSync(join(dir, 'password'))) return undefined
  const password = readPassword(join(dir, 'password'))
  const url = (port: number) => `postgres://postgres:${password}@127.0.0.1:${port}/postgres`
  const port = await answeringPort(join(dir, 'data'), url)
  return port === undefined ? undefined : url(port)
}

/** Port of the server that runs over `data` already, once it answers; undefined when none runs. */
async function answeringPort(data: string, url: (port: number) => string): Promise<number | undefined> {
  for (const deadline = Date.now() + START_TIMEOUT_SEC * 1000; ; ) {
    const port = runningPort(data)
    if (port === undefined) return undefined
    const answer = await waitForDatabase(url(port), 1_000).catch((error: unknown) => error)
    if (answer === undefined) return port
    if (Date.now() > deadline) throw answer
  }
}

/** The data must be of the major version that is installed: another's files cannot be read. */
function checkVersion({ pgCtl: binary }: Installation, data: string): void {
  const found = readFileSync(join(data, 'PG_VERSION'), 'utf8').trim()
  const printed = execFileSync(binary, ['--version'], { encoding: 'utf8' })
  const installed = /\s(\d+)[.\w]*\s*$/.exec(printed)?.[1]
  if (installed === undefined || found === installed) return
  throw new PlimsollError(
    `${data} was written by PostgreSQL ${found}, and the embedded one is ${installed}`,
    {
      hint: '`plimsoll reset` removes the local data; PLIMSOLL_HOME names another folder; DB_URL uses another server',
      exitCode: 2,
    },
  )
}

/** Stops the server that runs over `dir`, if one does, and removes its data. */
export async function removeEmbedded(dir: string): Promise<void> {
  const user = unprivilegedUser()
  const folder = user ? reachableFolder(resolve(dir)) : resolve(dir)
  if (runningPort(join(folder, 'data')) !== undefined) {
    await pgCtl(locate(user), ['stop', '-D', join(folder, 'data'), '-m', 'immediate', '-w', '-t', '30'])
  }
  rmSync(folder, { recursive: true, force: true })
}

async function start(
  installation: Installation,
  data: string,
  extra: readonly string[],
  wantedPort?: number,
): Promise<number> {
  removeStalePidFile(data)
  const logFile = join(dirname(data), 'postgres.log')
  for (let attempt = 1; ; attempt++) {
    const port = wantedPort ?? (await freePort())
    const settings = [
      `port=${port}`,
      'listen_addresses=127.0.0.1',
      'unix_socket_directories=',
      'max_connections=200',
      'shared_buffers=256MB',
      'max_wal_size=2GB',
      'jit=off',
      'log_checkpoints=off',
      ...extra,
    ]
    const flags = settings.map((setting) => `-c ${setting}`).join(' ')
    try {
      await pgCtl(installation, [
        'start',
        '-D',
        data,
        '-l',
        logFile,
        '-o',
        flags,
        '-w',
        '-t',
        String(START_TIMEOUT_SEC),
      ])
      return port
    } catch (error) {
      const log = existsSync(logFile) ? readFileSync(logFile, 'utf8').trim().split('\n').slice(-8) : []
      const portTaken =
        wantedPort === undefined && log.some((line) => line.includes('Address already in use'))
      // After a kill -9 the server's own processes take a moment to notice and leave.
      const orphans = log.some((line) => line.includes('shared memory block'))
      if (orphans) await sleep(ORPHAN_PAUSE_MS)
      if ((portTaken || orphans) && attempt < START_TRIES) continue
      throw new PlimsollError('the embedded PostgreSQL did not start', {
        details: log,
        hint: `see ${logFile}; \`plimsoll reset\` removes the local data, DB_URL uses another server`,
        cause: error,
      })
    }
  }
}

async function initialise(
  { initdb, user }: Installation,
  dir: string,
  data: string,
  password: string,
): Promise<void> {
  const partial = `${data}.partial`
  rmSync(data, { recursive: true, force: true })
  rmSync(partial, { recursive: true, force: true })
  const passwordFile = join(dir, 'initdb-password')
  writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 })
  if (user) chownSync(passwordFile, user.uid, user.gid)
  const args = ['-D', partial, '-U', 'postgres', '-A', 'scram-sha-256', `--pwfile=${passwordFile}`]
  try {
    await run(initdb, [...args, '--encoding=UTF8', '--locale=C', '--no-sync'], { ...user, cwd: dir })
  } catch (error) {
    throw new PlimsollError('the embedded PostgreSQL could not be initialised', {
      details: [messageOf(error)],
      hint: 'its binaries are linked by an npm install script: run `npm ci` with install scripts allowed',
      cause: error,
    })
  } finally {
    rmSync(passwordFile, { force: true })
  }
  renameSync(partial, data)
}

async function pgCtl({ pgCtl: binary, user }: Installation, args: readonly string[]): Promise<void> {
  // stdio is detached from ours: the daemon would keep a pipe open and the call would never return.
  await new Promise<void>((done, failed) => {
    const child = spawn(binary, args, { ...user, stdio: 'ignore', cwd: tmpdir() })
    child.once('error', failed)
    child.once('exit', (code: number | null) =>
      code === 0 ? done() : failed(new Error(`pg_ctl ${args[0]} exited with ${code}`)),
    )
  })
}

function readPassword(file: string): string {
  if (!existsSync(file)) writeFileSync(file, randomBytes(24).toString('hex'), { mode: 0o600 })
  return readFileSync(file, 'utf8').trim()
}

/** A TCP port on the loopback that was free a moment ago. */
export async function freePort(): Promise<number> {
  return new Promise((done, failed) => {
    const server = createServer()
    server.once('error', failed)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() =>
        address && typeof address === 'object' ? done(address.port) : failed(new Error('no port')),
      )
    })
  })
}
