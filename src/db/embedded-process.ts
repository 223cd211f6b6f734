/** Whether an embedded server runs, by its pid file: which may be left over, damaged, or name some other program by now. */
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'

/** Port of the server that runs over `data`, from its pid file; undefined when that process is gone. */
export function runningPort(data: string): number | undefined {
  const lines = pidFile(data)
  if (!isServerOf(Number(lines?.[0]), data)) return undefined
  const port = Number(lines?.[3])
  return Number.isInteger(port) && port > 0 ? port : undefined
}

/**
 * Removes a pid file that would keep the server from starting: a damaged one, or one whose number belongs to some other
 * program (or to a dead process that nobody has waited for). One of a process that is gone stays: PostgreSQL reads in
 * it whether the server's other processes still use the data.
 */
export function removeStalePidFile(data: string): void {
  const pid = Number(pidFile(data)?.[0])
  const valid = Number.isInteger(pid) && pid > 0
  if (!valid || (isAlive(pid) && !isServerOf(pid, data))) {
    rmSync(join(data, 'postmaster.pid'), { force: true })
  }
}

function pidFile(data: string): string[] | undefined {
  const file = join(data, 'postmaster.pid')
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n') : undefined
}

/** Whether this process is the server of this very folder: its command line names the folder; a dead one has none. */
function isServerOf(pid: number, data: string): boolean {
  if (!Number.isInteger(pid) || pid <= 0 || !isAlive(pid)) return false
  return commandLine(pid)?.includes(data) ?? true
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as { code?: string }).code === 'EPERM'
  }
}

/** Undefined where the system does not show it. */
function commandLine(pid: number): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
  } catch {
    if (existsSync('/proc/self/cmdline')) return ''
  }
  try {
    return execFileSync('ps', ['-p', String(pid), '-o', 'args='], { encoding: 'utf8' })
  } catch {
    return undefined
  }
}
