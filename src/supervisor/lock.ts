/** One supervisor a data folder: a second one would fight over the same chains and ports. */
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PlimsollError } from '../errors'
import { processMark } from './process-mark'

const TRIES = 3

/**
 * Takes the folder, or throws a PlimsollError that names the process that has it. A lock left by a process that is
 * gone is taken over, also when its number was given to another one meanwhile.
 * @returns releases the folder
 */
export function lockFolder(dir: string): () => void {
  mkdirSync(dir, { recursive: true })
  const file = join(dir, 'supervisor.pid')
  const mine = `${file}.${process.pid}`
  // Linked into place, so that nobody ever reads a half-written one.
  writeFileSync(mine, `${process.pid} ${processMark(process.pid) ?? ''}\n`)
  try {
    for (let attempt = 1; attempt <= TRIES; attempt++) {
      try {
        linkSync(mine, file)
        return () => rmSync(file, { force: true })
      } catch (error) {
        if ((error as { code?: string }).code !== 'EEXIST') throw error
      }
      refuseLivingOwner(dir, file)
      moveAside(file)
    }
  } finally {
    rmSync(mine, { force: true })
  }
  throw new PlimsollError(`${file} could not be taken: others start over the same folder`, { exitCode: 2 })
}

function refuseLivingOwner(dir: string, file: string): void {
  const [owner, mark] = read(file).trim().split(' ')
  const now = processMark(Number(owner))
  if (Number(owner) === process.pid || now === undefined || (mark && now !== mark)) return
  throw new PlimsollError(`Plimsoll already runs over ${dir} (process ${owner})`, {
    hint: 'stop it first, or give this one a folder of its own with PLIMSOLL_HOME',
    exitCode: 2,
  })
}

/** Removes the lock of a process that is gone, but not one that another start has put in its place meanwhile. */
function moveAside(file: string): void {
  const stale = read(file)
  const aside = `${file}.stale.${process.pid}`
  try {
    renameSync(file, aside)
    if (read(aside) !== stale) linkSync(aside, file)
  } catch {
    // Another start was quicker; the next attempt sees its lock.
  }
  rmSync(aside, { force: true })
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
