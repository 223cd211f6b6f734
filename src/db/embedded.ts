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
import { promisify } from 'node:util'
import { messageOf, PlimsollError } from '../errors'
import { type Installation, locate, reachableFolder, unprivilegedUser } from './embedded-binaries'
import { waitForDatabase } from './pool'

const run = promisify(execFile)
const START_TIMEOUT_SEC = 60
const PORT_TRIES = 5

export interface EmbeddedDatabase {
  url: string
  /** True when a server that was already running over this folder was taken over. */
  reused: boolean
  /** Stops the server and waits until it is gone. */
  stop(): Promise<void>
}

export interface EmbeddedOptions {
  /** Folder of its own; made when absent. */
  dir: string
  /** Further `name=value` settings. */
  settings?: readonly string[]
}

/** Starts the server over `dir`, initialising it the first time, and returns its URL. */
export async function startEmbedded(options: EmbeddedOptions): Promise<EmbeddedDatabase> {
  const user = unprivilegedUser()
  const dir = user ? reachableFolder(resolve(options.dir)) : resolve(options.dir)
  const installation = locate(user)
  mkdirSync(dir, { recursive: true })
  if (user) chownSync(dir, user.uid, user.gid)
  const data = join(dir, 'data')
  const password = readPassword(join(dir, 'password'))
  if (!existsSync(join(data, 'PG_VERSION'))) await initialise(installation, dir, data, password)
  const url = (port: number) => `postgres://postgres:${password}@127.0.0.1:${port}/postgres`
  const stop = async () => {
    await pgCtl(installation, ['stop', '-D', data, '-m', 'fast', '-w', '-t', '30']).catch((error) => {
      if (runningPort(data) !== undefined) throw error
    })
  }

  const existing = runningPort(data)
  if (existing !== undefined && (await answers(url(existing))))
    return { url: url(existing), reused: true, stop }
  const port = await start(installation, data, options.settings ?? [])
  await waitForDatabase(url(port), 10_000)
  return { url: url(port), reused: false, stop }
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

async function start(installation: Installation, data: string, extra: readonly string[]): Promise<number> {
  removeStalePidFile(data)
  const logFile = join(dirname(data), 'postgres.log')
  for (let attempt = 1; ; attempt++) {
    const port = await freePort()
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
      const portTaken = log.some((line) => line.includes('Address already in use'))
      if (portTaken && attempt < PORT_TRIES) continue
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

function pidFile(data: string): string[] | undefined {
  const file = join(data, 'postmaster.pid')
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n') : undefined
}

/** Port of the server that runs over `data`, from its pid file; undefined when that process is gone. */
function runningPort(data: string): number | undefined {
  const lines = pidFile(data)
  const pid = Number(lines?.[0])
  if (!Number.isInteger(pid) || pid <= 0 || !isPostgres(pid)) return undefined
  const port = Number(lines?.[3])
  return Number.isInteger(port) && port > 0 ? port : undefined
}

/** A pid file whose number meanwhile belongs to some other program would keep the server from starting. */
function removeStalePidFile(data: string): void {
  const pid = Number(pidFile(data)?.[0])
  if (Number.isInteger(pid) && pid > 0 && !isPostgres(pid))
    rmSync(join(data, 'postmaster.pid'), { force: true })
}

function isPostgres(pid: number): boolean {
  try {
    process.kill(pid, 0)
  } catch (error) {
    if ((error as { code?: string }).code !== 'EPERM') return false
  }
  try {
    return execFileSync('ps', ['-p', String(pid), '-o', 'comm='], { encoding: 'utf8' }).includes('postgres')
  } catch {
    return readProcComm(pid)
  }
}

function readProcComm(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').includes('postgres')
  } catch {
    return false
  }
}

async function answers(url: string): Promise<boolean> {
  return waitForDatabase(url, 3_000).then(
    () => true,
    () => false,
  )
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
