/**
 * `npm run bench -- spiral`: the whole spiral, to its fixed point, of 10,000 positions in 1,000 price scenarios, in a thread a
 * core as `plimsoll stress` runs it and in one, and how that grows with positions and with scenarios. Two books:
 *
 *   accounts  bench/stress/book.ts: 24 assets, up to three collaterals and two debts; sales into constant-product pools
 *   crowded   one collateral, one debt, two lenders, falls up to a half: all but everybody is liquidated in every scenario
 *
 * Each is run several times, the median counts. The last scenario of each is checked against a spiral of its own, and the
 * threads' losses against those of one.
 */
import { once } from 'node:events'
import { join } from 'node:path'
import { startThread } from '../src/start-thread'
import { built } from './built'
import { watchMemory } from './memory'
import type { BenchOptions } from './options'
import { median, printTable, round, thousands } from './print'
import { type CaseSize, spiralCase } from './stress/spiral-cases'
import type { SpiralJob } from './stress/spiral-worker'

const { runSpiral } = built<typeof import('../src/systemic/spiral')>('systemic/spiral')
const { runScenarios } = built<typeof import('../src/systemic/spiral-scenarios')>('systemic/spiral-scenarios')

const POSITIONS = 10_000
const SCENARIOS = 1_000
const THREADS = 2

interface Measured {
  sec: number
  badDebtUsd: Float64Array
  cells: string[]
}

function measure(size: CaseSize, repeats: number): Measured {
  const { plan, prices } = spiralCase(size)
  const walls: number[] = []
  let last = runScenarios(plan, prices.slice(0, plan.assets.length))
  for (let k = 0; k < repeats; k++) {
    const start = performance.now()
    last = runScenarios(plan, prices)
    walls.push((performance.now() - start) / 1000)
  }
  const [assets, markets, scenarios] = [plan.assets.length, plan.markets.length, last.rounds.length]
  const alone = runSpiral(plan, prices.slice(-assets)).badDebtUsd
  const row = last.badDebtUsd.subarray((scenarios - 1) * markets)
  if (alone.some((usd, m) => usd !== row[m]))
    throw new Error(`${size.name}: the last scenario differs from itself alone`)
  const mean = (values: Int32Array) => values.reduce((a, b) => a + b, 0) / scenarios
  const liquidations = mean(last.liquidations)
  return {
    sec: median(walls),
    badDebtUsd: last.badDebtUsd,
    cells: [
      thousands(liquidations),
      mean(last.rounds).toFixed(1),
      String(Math.max(...last.rounds)),
      String(last.unsettled),
    ],
  }
}

/** Seconds in a thread a core; what they lose must be what one thread did. */
async function measureThreads(size: CaseSize, repeats: number, expected: Float64Array): Promise<number> {
  const cut = (t: number) => Math.floor((t * size.scenarios) / THREADS)
  const workers = Array.from({ length: THREADS }, (_, t) =>
    startThread(join(__dirname, 'stress', 'spiral-worker'), {
      ...{ size, from: cut(t), to: cut(t + 1) },
    } satisfies SpiralJob),
  )
  await Promise.all(workers.map((worker) => once(worker, 'message')))
  const walls: number[] = []
  for (let k = 0; k < repeats; k++) {
    const start = performance.now()
    const done = workers.map(async (worker) => (await once(worker, 'message'))[0] as Float64Array)
    for (const worker of workers) worker.postMessage('run')
    const lost = (await Promise.all(done)).flatMap((part) => Array.from(part))
    walls.push((performance.now() - start) / 1000)
    if (lost.some((usd, m) => usd !== expected[m]))
      throw new Error(`${size.name}: threads lose something else`)
  }
  await Promise.all(workers.map((worker) => worker.terminate()))
  return median(walls)
}

/** Prints the table; resolves with seconds of both books at 10,000 × 1,000, and the growth by ten of the first in one thread. */
export async function run({ quick, seed }: BenchOptions): Promise<Record<string, unknown>> {
  const [positions, scenarios, repeats] = quick
    ? [POSITIONS / 10, SCENARIOS / 10, 2]
    : [POSITIONS, SCENARIOS, 5]
  const rows: string[][] = []
  const alone = (size: CaseSize, times = repeats) => {
    const measured = measure(size, times)
    rows.push(line(size, { threads: 1, ...measured }))
    return measured
  }
  const threaded = async (size: CaseSize, { badDebtUsd, cells }: Measured) => {
    const sec = await measureThreads(size, repeats, badDebtUsd)
    rows.push(line(size, { threads: THREADS, sec, cells }))
    return sec
  }
  const main: CaseSize = { name: 'accounts', positions, scenarios, seed }
  const hard: CaseSize = { ...main, name: 'crowded' }
  const memory = watchMemory(process.pid)
  const one = alone(main)
  const sec = await threaded(main, one)
  const crowdedSec = await threaded(hard, alone(hard))
  const peakMb = memory.stop()
  const grown = {
    tenthPositions: alone({ ...main, positions: positions / 10 }),
    tenthScenarios: alone({ ...main, scenarios: scenarios / 10 }),
    ...(!quick && {
      tenfoldPositions: alone({ ...main, positions: positions * 10 }, 1),
      tenfoldScenarios: alone({ ...main, scenarios: scenarios * 10 }, 1),
    }),
  }
  printTable([['book', 'threads', 'wall', 'liquidations', 'rounds', 'most', 'unsettled'], ...rows])
  return {
    ...{ seconds: round(sec, 3), crowdedSeconds: round(crowdedSec, 3), peakMb: round(peakMb) },
    oneThreadSeconds: round(one.sec, 3),
    growth: Object.fromEntries(
      Object.entries(grown).map(([name, { sec: it }]) => [name, round(it / one.sec, 3)]),
    ),
  }
}

function line(
  { name, positions, scenarios }: CaseSize,
  { threads, sec, cells }: Pick<Measured, 'sec' | 'cells'> & { threads: number },
): string[] {
  const book = `${name}, ${thousands(positions)} × ${thousands(scenarios)}`
  return [book, String(threads), `${sec.toFixed(3)} s`, ...cells]
}
