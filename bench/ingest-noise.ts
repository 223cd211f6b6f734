/**
 * What foreign logs cost us: the chain of `ingest` with 190 logs a block from other contracts, beside the same chain
 * without them. A source that asks for everything pays for every one; a filtered one should not notice.
 *
 * Both take turns and medians count. The yardstick is our own noise-free run.
 */
import { type OurRun, runOurs } from './ingest-run'
import type { BenchOptions } from './options'
import { startServer } from './postgres'
import { median, printTable, round } from './print'
import { startReplay } from './yardsticks'

const BLOCKS = 20_000
const QUICK_BLOCKS = 2_000
const LOGS = 10
const NOISE_LOGS = 190
const REPEATS = 3

/** Measures, prints a table, and returns the figures. @throws Error when a run does not reach the head */
export async function run(options: BenchOptions): Promise<{ timesNoiseFree: number; exact: boolean }> {
  const size = { blocks: options.blocks ?? (options.quick ? QUICK_BLOCKS : BLOCKS), logs: LOGS }
  const server = await startServer()
  const stops: (() => Promise<void>)[] = [() => server.remove()]
  const runs: Record<'calm' | 'noisy', OurRun[]> = { calm: [], noisy: [] }
  try {
    for (let turn = 0; turn < (options.quick ? 1 : REPEATS); turn++) {
      for (const [name, noise] of [
        ['calm', 0],
        ['noisy', NOISE_LOGS],
      ] as const) {
        const replay = await startReplay({ ...size, noise })
        stops.unshift(() => replay.stop())
        runs[name].push(await runOurs({ server, replay, size }))
        await replay.stop()
      }
    }
  } finally {
    for (const stop of stops) await stop()
  }
  const wall = (name: 'calm' | 'noisy'): number => median(runs[name].map((run) => run.wallSec))
  const line = (title: string, name: 'calm' | 'noisy'): string[] => [
    title,
    `${wall(name).toFixed(1)} s`,
    `${(wall(name) / wall('calm')).toFixed(2)}×`,
  ]
  printTable([
    ['foreign logs a block', 'wall', 'ratio'],
    line('0', 'calm'),
    line(String(NOISE_LOGS), 'noisy'),
  ])
  return {
    timesNoiseFree: round(wall('noisy') / wall('calm'), 2),
    exact: [...runs.calm, ...runs.noisy].every((run) => run.exact),
  }
}
