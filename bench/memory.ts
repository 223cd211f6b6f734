/** Peak resident memory of a process and all that it started, sampled from /proc every 100 ms. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'

const PERIOD_MS = 100

export interface MemoryWatch {
  /** Stops the sampling; the peak of the sum over all processes, in MiB. */
  stop(): number
}

/** A process that ended between two reads has no file any more. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

function childrenOf(pid: number): number[] {
  const tasks = `/proc/${pid}/task`
  if (!existsSync(tasks)) return []
  let threads: string[] = []
  try {
    threads = readdirSync(tasks)
  } catch {
    return []
  }
  return threads.flatMap((thread) =>
    read(`${tasks}/${thread}/children`).split(' ').filter(Boolean).map(Number),
  )
}

/** A process and all that it started, whatever group they put themselves in; itself alone where there is no /proc. */
export function familyOf(pid: number): number[] {
  return [pid, ...childrenOf(pid).flatMap(familyOf)]
}

function residentKib(pid: number): number {
  return familyOf(pid).reduce(
    (sum, member) => sum + Number(/^VmRSS:\s+(\d+) kB/m.exec(read(`/proc/${member}/status`))?.[1] ?? 0),
    0,
  )
}

/** @throws Error where there is no /proc */
export function watchMemory(pid: number): MemoryWatch {
  if (!existsSync('/proc/self/status')) throw new Error('peak memory is read from /proc: run this on Linux')
  let peakKib = residentKib(pid)
  const timer = setInterval(() => {
    peakKib = Math.max(peakKib, residentKib(pid))
  }, PERIOD_MS)
  return {
    stop() {
      clearInterval(timer)
      return peakKib / 1024
    },
  }
}
