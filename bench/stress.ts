/**
 * `npm run bench -- stress`: health factors and first-round losses of 100,000 positions in 10,000 price scenarios on two
 * cores, beside NumPy in two processes and a plain TypeScript loop, in one run.
 *
 * NumPy has five forms (bench/stress/first_round.py): dense products by BLAS, sparse products, gathers; and with the kernel's
 * own ideas, as far as they vectorise, dense products over the front of positions sorted by health, and thresholds searched.
 * The ratio in the JSON is to the fastest of all; the table also has both sides with every one of the 10⁹ health factors
 * computed. Losses and counts of every scenario must agree to 1e-9. The plain loop runs on a part of the scenarios and is
 * scaled.
 */
import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Worker } from 'node:worker_threads'
import { startThread } from '../src/start-thread'
import type { FirstRound } from '../src/systemic/kernels/first-round'
import type { SpiralPlan } from '../src/systemic/spiral-plan'
import { watchMemory } from './memory'
import type { BenchOptions } from './options'
import { median, printTable, round, thousands } from './print'
import { madeBook, madePrices } from './stress/book'
import type { FirstRoundJob } from './stress/first-round-worker'
import { measureMany } from './stress/many'
import { plainLoop } from './stress/plain-loop'

const SIZE = { positions: 100_000, scenarios: 10_000, repeats: 5 }
const QUICK = { positions: 10_000, scenarios: 1_000, repeats: 2 }
const THREADS = 2
const PYTHON = '/usr/bin/python3'
const SIGMA = 0.15

type Size = typeof SIZE

/** From a memory that threads share. */
function sharedResults(scenarios: number, markets: number): FirstRound {
  return {
    lossUsd: new Float64Array(new SharedArrayBuffer(scenarios * markets * 8)),
    unhealthy: new Int32Array(new SharedArrayBuffer(scenarios * 4)),
  }
}

async function heard(worker: Worker, word: string): Promise<void> {
  const [message] = await once(worker, 'message')
  if (message !== word) throw new Error(`a thread said ${message}, not ${word}`)
}

interface Timed {
  sec: number
  out: FirstRound
}

interface Ours {
  all: Timed
  pruned: Timed
}

async function measureOurs(plan: SpiralPlan, prices: Float64Array, size: Size, seed: number): Promise<Ours> {
  const out = sharedResults(size.scenarios, plan.markets.length)
  const cut = (t: number) => Math.floor((t * size.scenarios) / THREADS)
  const workers = Array.from({ length: THREADS }, (_, t) =>
    startThread(join(__dirname, 'stress', 'first-round-worker'), {
      size: { positions: size.positions, seed },
      prices,
      out,
      from: cut(t),
      to: cut(t + 1),
    } satisfies FirstRoundJob),
  )
  await Promise.all(workers.map((worker) => heard(worker, 'ready')))
  const time = async (all: boolean): Promise<Timed> => {
    const walls: number[] = []
    for (let k = 0; k < size.repeats; k++) {
      const start = performance.now()
      const done = workers.map((worker) => heard(worker, 'done'))
      for (const worker of workers) worker.postMessage(all)
      await Promise.all(done)
      walls.push((performance.now() - start) / 1000)
    }
    return { sec: median(walls), out: { lossUsd: out.lossUsd.slice(), unhealthy: out.unhealthy.slice() } }
  }
  const ours = { all: await time(true), pruned: await time(false) }
  await Promise.all(workers.map((worker) => worker.terminate()))
  return ours
}

interface Theirs {
  sampleSec: Record<string, number>
  all: NumpyRun
  pruned: NumpyRun
}

interface NumpyRun {
  form: string
  sec: number
  unhealthy: number[]
  lossUsd: number[]
}

/** Undefined where there is no NumPy. */
function measureNumpy(
  { positions, groups, assets }: SpiralPlan,
  prices: Float64Array,
  size: Size,
): Theirs | undefined {
  if (spawnSync(PYTHON, ['-c', 'import numpy']).status !== 0) return undefined
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-first-round-'))
  try {
    const columns = { ...positions, prices, nearPrices: groups.nearPrices }
    for (const [name, { buffer, byteOffset, byteLength }] of Object.entries(columns))
      writeFileSync(join(folder, name), Buffer.from(new Uint8Array(buffer, byteOffset, byteLength)))
    const job = {
      assets: assets.length,
      sample: size.scenarios / 20,
      processes: THREADS,
      repeats: size.repeats,
    }
    const script = join(__dirname, 'stress', 'first_round.py')
    const run = spawnSync(PYTHON, [script, folder, JSON.stringify(job)], {
      env: { ...process.env, OPENBLAS_NUM_THREADS: '1', OMP_NUM_THREADS: '1', PYTHONDONTWRITEBYTECODE: '1' },
      maxBuffer: 1e9,
      timeout: 900_000,
    })
    if (run.status !== 0) throw new Error(`NumPy failed: ${String(run.stderr).slice(-500)}`)
    return JSON.parse(String(run.stdout)) as Theirs
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Seconds for all scenarios, from a part of them; its results must be ours. */
function measurePlain(plan: SpiralPlan, prices: Float64Array, size: Size, ours: FirstRound): number {
  const part = size.scenarios / 20
  const out = { lossUsd: new Float64Array(part * plan.markets.length), unhealthy: new Int32Array(part) }
  const start = performance.now()
  plainLoop(plan, prices, part, out)
  const sec = (performance.now() - start) / 1000
  out.lossUsd.forEach((usd, k) => {
    requireEqual(ours.lossUsd[k]!, usd, `loss ${k} of the plain loop`)
  })
  return (sec * size.scenarios) / part
}

function requireEqual(actual: number, expected: number, what: string): void {
  if (Math.abs(actual - expected) > 1e-9 * Math.max(1, Math.abs(expected)))
    throw new Error(`${what}: ${actual} is not ${expected}`)
}

function compare(out: FirstRound, markets: number, { form, unhealthy, lossUsd }: NumpyRun): void {
  unhealthy.forEach((count, s) => {
    const loss = out.lossUsd.subarray(s * markets, (s + 1) * markets).reduce((a, b) => a + b, 0)
    requireEqual(out.unhealthy[s]!, count, `unhealthy in scenario ${s}, NumPy ${form}`)
    requireEqual(loss, lossUsd[s]!, `loss of scenario ${s}, NumPy ${form}`)
  })
}

/** Prints the table; resolves with the ratio to NumPy's fastest form and the peak memory of our side. */
export async function run({ quick, seed }: BenchOptions): Promise<Record<string, unknown>> {
  const size = quick ? QUICK : SIZE
  const plan = madeBook({ positions: size.positions, seed })
  const prices = madePrices(plan, { scenarios: size.scenarios, seed, sigma: SIGMA })
  const memory = watchMemory(process.pid)
  const ours = await measureOurs(plan, prices, size, seed)
  const peakMb = memory.stop()
  const plainSec = measurePlain(plan, prices, size, ours.pruned.out)
  const numpy = measureNumpy(plan, prices, size)
  const line = (name: string, sec: number, all: boolean) => [
    name,
    all ? 'every one' : 'who could be',
    `${sec.toFixed(2)} s`,
    thousands((size.positions * size.scenarios) / sec / 1e6),
    `${(sec / ours.pruned.sec).toFixed(2)}×`,
  ]
  printTable([
    [
      `${thousands(size.positions)} × ${thousands(size.scenarios)}`,
      'computed',
      'wall',
      'M health/s',
      'time / ours',
    ],
    line(`plimsoll, ${THREADS} threads`, ours.pruned.sec, false),
    line(`plimsoll, ${THREADS} threads`, ours.all.sec, true),
    ...(numpy === undefined
      ? [['numpy', 'not installed (Debian: python3-numpy)']]
      : [
          line(`numpy ${numpy.pruned.form}, ${THREADS} processes`, numpy.pruned.sec, false),
          line(`numpy ${numpy.all.form}, ${THREADS} processes`, numpy.all.sec, true),
        ]),
    line('plain loop, 1 thread', plainSec, true),
  ])
  const mean = ours.pruned.out.unhealthy.reduce((a, b) => a + b, 0) / size.scenarios
  console.log(
    `unhealthy in a scenario, mean: ${thousands(mean)}; peak of the process with both threads: ${round(peakMb)} MB`,
  )
  const figures = {
    ...{ wallSec: round(ours.pruned.sec, 3), everyOneSec: round(ours.all.sec, 3) },
    fasterThanPlain: round(plainSec / ours.pruned.sec, 2),
    peakMb: round(peakMb),
    ...(await measureMany({ ...size, seed, sigma: SIGMA })),
  }
  if (numpy === undefined) return figures
  for (const one of [numpy.all, numpy.pruned])
    for (const { out } of [ours.all, ours.pruned]) compare(out, plan.markets.length, one)
  const { sampleSec } = numpy
  console.log(
    `NumPy's forms on a twentieth, one process: ${JSON.stringify(sampleSec, (_, v) => (typeof v === 'number' ? round(v, 3) : v))}`,
  )
  return {
    fasterThanNumpy: round(Math.min(numpy.pruned.sec, numpy.all.sec) / ours.pruned.sec, 2),
    everyOneFasterThanNumpy: round(numpy.all.sec / ours.all.sec, 2),
    fasterThanNumpyEveryOne: round(numpy.all.sec / ours.pruned.sec, 2),
    ...figures,
  }
}
