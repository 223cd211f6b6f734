/**
 * The ERC-20 case: a synthetic chain of 20,000 blocks with 10 Transfers each, into rows and balances; ours beside the
 * bare loop (the ceiling), Squid and Ponder, over the same chain, into the same PostgreSQL, one after the other.
 *
 * Everything up to the head is indexed, the last blocks as hot ones. Wall time runs from the start of the process to the
 * last row, looked at every 0.2 s as the yardsticks' script does; peak memory is the sum over our processes without
 * PostgreSQL. Raw and ours take turns three times and medians count; Squid and Ponder run once.
 */
import { type OurRun, runOurs } from './ingest-run'
import type { BenchOptions } from './options'
import { type BenchServer, startServer } from './postgres'
import { median, printTable, round, thousands } from './print'
import { printProfile } from './profile'
import {
  type Replay,
  runYardstick,
  type Size,
  startReplay,
  type YardstickName,
  type YardstickRun,
} from './yardsticks'

const BLOCKS = 20_000
const QUICK_BLOCKS = 2_000
const LOGS = 10
const REPEATS = 3

export interface IngestResult {
  wallSec: number
  rowsPerSec: number
  peakMb: number
  timesRaw: number
  fasterThanSquid?: number
  fasterThanPonder?: number
  exact: boolean
}

interface Ground {
  server: BenchServer
  replay: Replay
  size: Size
}

async function yardstick({ server, replay, size }: Ground, name: YardstickName): Promise<YardstickRun> {
  const database = `bench_${name}`
  const pgUrl = await server.emptyDatabase(database)
  try {
    return await runYardstick(name, { ...size, rpc: replay.url, pgUrl })
  } finally {
    await server.dropDatabase(database)
  }
}

function report(
  size: Size,
  ours: { runs: readonly OurRun[]; wallSec: number; peakMb: number },
  others: Readonly<Partial<Record<YardstickName, { wallSec: number; peakMb: number }>>>,
): void {
  const rows = size.blocks * size.logs
  const line = (name: string, wallSec: number, peakMb: number): string[] => [
    name,
    `${wallSec.toFixed(1)} s`,
    thousands(rows / wallSec),
    `${peakMb.toFixed(0)} MB`,
    `${(wallSec / ours.wallSec).toFixed(2)}×`,
  ]
  printTable([
    [`${thousands(size.blocks)} blocks × ${size.logs}`, 'wall', 'rows/s', 'peak', 'time / ours'],
    line('plimsoll', ours.wallSec, ours.peakMb),
    ...Object.entries(others).map(([name, run]) => line(name, run.wallSec, run.peakMb)),
  ])
  console.log(`our runs: ${ours.runs.map((run) => `${run.wallSec.toFixed(1)} s`).join(', ')}`)
}

async function measure(ground: Ground, quick: boolean): Promise<IngestResult> {
  const raws: YardstickRun[] = []
  const runs: OurRun[] = []
  for (let turn = 0; turn < (quick ? 1 : REPEATS); turn++) {
    raws.push(await yardstick(ground, 'raw'))
    runs.push(await runOurs(ground))
  }
  const raw = {
    wallSec: median(raws.map((run) => run.wallSec)),
    peakMb: Math.max(...raws.map((run) => run.peakMb)),
  }
  const wallSec = median(runs.map((run) => run.wallSec))
  const peakMb = Math.max(...runs.map((run) => run.peakMb))
  const squid = quick ? undefined : await yardstick(ground, 'squid')
  const ponder = quick ? undefined : await yardstick(ground, 'ponder')
  report(ground.size, { runs, wallSec, peakMb }, { raw, ...(squid && { squid }), ...(ponder && { ponder }) })
  if (quick) console.log('--quick: Squid and Ponder were not run, so their ratios are missing below')
  return {
    wallSec: round(wallSec, 2),
    rowsPerSec: round((ground.size.blocks * ground.size.logs) / wallSec),
    peakMb: round(peakMb),
    timesRaw: round(wallSec / raw.wallSec, 2),
    ...(squid && { fasterThanSquid: round(squid.wallSec / wallSec, 2) }),
    ...(ponder && { fasterThanPonder: round(ponder.wallSec / wallSec, 2) }),
    exact: runs.every((run) => run.exact),
  }
}

/** Measures, prints a table, and returns the figures. @throws Error when a run does not reach the head */
export async function run(options: BenchOptions): Promise<IngestResult> {
  const size = { blocks: options.blocks ?? (options.quick ? QUICK_BLOCKS : BLOCKS), logs: LOGS }
  const server = await startServer()
  const replay = await startReplay(size).catch(async (error) => {
    await server.remove()
    throw error
  })
  try {
    const ground = { server, replay, size }
    const result = await measure(ground, options.quick)
    if (options.profile) await printProfile((dir) => runOurs(ground, dir))
    return result
  } finally {
    await replay.stop()
    await server.remove()
  }
}
