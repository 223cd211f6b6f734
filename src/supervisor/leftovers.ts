/**
 * What a killed supervisor left behind. Its children notice its death and end by themselves, but a chain may still be
 * saving its state when the next supervisor starts: that one waits for them, and ends those that do not listen.
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { processMark } from './process-mark'

const PATIENCE_MS = 15_000
const POLL_MS = 100

interface Recorded {
  pid: number
  mark: string
}

const fileOf = (dataDir: string) => join(dataDir, 'children.json')

/** Writes down which children run now. */
export function recordChildren(dataDir: string, pids: readonly (number | undefined)[]): void {
  const running = pids.flatMap((pid): Recorded[] => {
    const mark = pid === undefined ? undefined : processMark(pid)
    return pid === undefined || mark === undefined ? [] : [{ pid, mark }]
  })
  writeFileSync(fileOf(dataDir), JSON.stringify(running))
}

/**
 * Waits until the recorded children are gone; after 15 s they are killed, each with its process group.
 * @returns how many were still there
 */
export async function endLeftovers(dataDir: string, patienceMs = PATIENCE_MS): Promise<number> {
  const remaining = () => readRecorded(dataDir).filter(({ pid, mark }) => processMark(pid) === mark)
  const found = remaining().length
  for (const deadline = Date.now() + patienceMs; remaining().length > 0; await sleep(POLL_MS)) {
    if (Date.now() < deadline) continue
    for (const { pid } of remaining()) killGroup(pid)
  }
  rmSync(fileOf(dataDir), { force: true })
  return found
}

function killGroup(pid: number): void {
  try {
    process.kill(process.platform === 'win32' ? pid : -pid, 'SIGKILL')
  } catch {
    // It has just ended.
  }
}

function readRecorded(dataDir: string): Recorded[] {
  try {
    const found = JSON.parse(readFileSync(fileOf(dataDir), 'utf8')) as unknown
    return Array.isArray(found) ? found.filter(isRecorded) : []
  } catch {
    return []
  }
}

function isRecorded(value: unknown): value is Recorded {
  const { pid, mark } = (value ?? {}) as Partial<Recorded>
  return Number.isInteger(pid) && Number(pid) > 1 && typeof mark === 'string' && mark !== ''
}
