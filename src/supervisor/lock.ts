/** One supervisor a data folder: a second one would fight over the same chains and ports. */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PlimsollError } from '../errors'

/**
 * Takes the folder, or throws a PlimsollError that names the process that has it. A lock left by a process that is
 * gone is taken over.
 * @returns releases the folder
 */
export function lockFolder(dir: string): () => void {
  mkdirSync(dir, { recursive: true })
  const file = join(dir, 'supervisor.pid')
  for (let attempt = 0; ; attempt++) {
    try {
      writeFileSync(file, String(process.pid), { flag: 'wx' })
      return () => rmSync(file, { force: true })
    } catch (error) {
      if ((error as { code?: string }).code !== 'EEXIST' || attempt > 0) throw error
    }
    const owner = Number(existsSync(file) ? readFileSync(file, 'utf8') : '')
    if (owner !== process.pid && isAlive(owner)) {
      throw new PlimsollError(`Plimsoll already runs over ${dir} (process ${owner})`, {
        hint: 'stop it first, or give this one a folder of its own with PLIMSOLL_HOME',
        exitCode: 2,
      })
    }
    rmSync(file, { force: true })
  }
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false
  try {
    process.kill(pid, 0)
  } catch (error) {
    return (error as { code?: string }).code === 'EPERM'
  }
  return !commandLine(pid) || /plimsoll|cli\.js/.test(commandLine(pid))
}

/** Command line where the system shows it, to tell a re-used process number from a living supervisor. */
function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
  } catch {
    return ''
  }
}
