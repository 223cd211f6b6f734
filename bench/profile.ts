/**
 * Where a process's time goes, from V8's CPU profile: self time added up by room of ours, by package, and by what the
 * engine itself did. Built-in functions (JSON.parse, Map, BigInt) count for whoever calls them.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { packageRoot } from '../src/package-root'
import { printTable } from './print'

interface CpuProfile {
  nodes: { id: number; callFrame: { functionName: string; url: string } }[]
  samples: number[]
  /** Microseconds before each sample. */
  timeDeltas: number[]
}

const ENGINE: Readonly<Record<string, string>> = {
  '(garbage collector)': 'garbage collection',
  '(program)': 'native code (sockets, compression, loading)',
  '(idle)': 'idle (waiting for the source or PostgreSQL)',
  '(root)': 'native code (sockets, compression, loading)',
}

/** Room, package or part of the engine that a frame belongs to. */
export function roomOf(frame: { functionName: string; url: string }): string {
  const own = ENGINE[frame.functionName]
  if (own !== undefined) return own
  if (frame.url.startsWith('node:')) return 'node'
  if (frame.url === '') return 'native code (sockets, compression, loading)'
  const path = frame.url.startsWith('file:') ? fileURLToPath(frame.url) : frame.url
  const packages = path.split('/node_modules/')
  const inPackage = packages.length > 1 ? packages.at(-1)!.split('/') : undefined
  if (inPackage)
    return inPackage[0]!.startsWith('@') ? `${inPackage[0]}/${inPackage[1]}` : (inPackage[0] ?? 'packages')
  const inside = /\/(?:lib|src)\/([\w-]+)(\/[\w-]+)?/.exec(path.replace(packageRoot, ''))
  if (inside === null) return 'other'
  return inside[1] === 'protocols' ? `src/protocols${inside[2] ?? ''}` : `src/${inside[1]}`
}

/** Milliseconds by room. */
export function timeByRoom(profile: CpuProfile): Map<string, number> {
  const rooms = new Map(profile.nodes.map(({ id, callFrame }) => [id, roomOf(callFrame)]))
  const timeMs = new Map<string, number>()
  profile.samples.forEach((id, i) => {
    const room = rooms.get(id) ?? 'other'
    timeMs.set(room, (timeMs.get(room) ?? 0) + Math.max(0, profile.timeDeltas[i] ?? 0) / 1000)
  })
  return timeMs
}

/** Runs work that leaves CPU profiles in the folder it is given, and prints one table for each process or thread. */
export async function printProfile(work: (dir: string) => Promise<unknown>): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), 'plimsoll-profile-'))
  try {
    await work(dir)
    for (const name of readdirSync(dir).sort()) {
      const timeMs = timeByRoom(JSON.parse(readFileSync(join(dir, name), 'utf8')))
      const totalMs = [...timeMs.values()].reduce((sum, value) => sum + value, 0)
      const rows = [...timeMs].sort((a, b) => b[1] - a[1]).filter(([, value]) => value / totalMs >= 0.003)
      const [, , , pid, thread] = name.split('.')
      console.log(`where the time goes (self time of process ${pid}, thread ${thread})`)
      printTable(
        rows.map(([room, value]) => [
          room,
          `${value.toFixed(0)} ms`,
          `${((100 * value) / totalMs).toFixed(1)} %`,
        ]),
      )
    }
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}
