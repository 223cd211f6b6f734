/** CPU time of processes, from /proc: what work costs, however many others use the cores meanwhile. */
import { readFileSync } from 'node:fs'
import { familyOf } from '../memory'

/** USER_HZ is 100 on every Linux that Node runs on. */
const CLOCK_TICKS_PER_SEC = 100

interface ProcessTimes {
  parent: number
  ownSec: number
  /** Of children that have ended and were waited for. */
  endedSec: number
}

function timesOf(pid: number): ProcessTimes | undefined {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ').map(Number)
    const [user, system, endedUser, endedSystem] = fields.slice(11, 15)
    return {
      parent: fields[1]!,
      ownSec: (user! + system!) / CLOCK_TICKS_PER_SEC,
      endedSec: (endedUser! + endedSystem!) / CLOCK_TICKS_PER_SEC,
    }
  } catch {
    return undefined
  }
}

/** CPU time that a process has used; NaN where the system does not show it. */
export function cpuSecOf(pid: number): number {
  return timesOf(pid)?.ownSec ?? Number.NaN
}

/** The same of a process and all that it started, those that have ended included. */
export function familyCpuSecOf(pid: number): number {
  const times = familyOf(pid).flatMap((member) => timesOf(member) ?? [])
  if (times.length === 0) return Number.NaN
  return times.reduce((sum, { ownSec, endedSec }) => sum + ownSec + endedSec, 0)
}

/** The process that started another; undefined where the system does not show it. */
export function parentOf(pid: number): number | undefined {
  return timesOf(pid)?.parent
}
