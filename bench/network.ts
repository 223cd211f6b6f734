/**
 * `npm run bench -- network`: DebtRank (2015) of 2,000 nodes, each failing alone, and Eisenberg–Noe clearing of 1,000 nodes
 * in 1,000 scenarios, in one thread; beside NumPy and SciPy (dense products in two BLAS threads, or sparse ones; the
 * faster counts), the exact one-by-one functions on a part and scaled, and the ONNX graphs on a part and scaled. All must
 * agree to 1e-9. Then how the cost grows with ten times the nodes.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { SparseMatrix } from '../src/systemic/network'
import { built } from './built'
import { clearingGraph, debtRankGraph, type GraphRun, providersAsked } from './network/graphs'
import { madeAssets, madeImpact, madeNetwork } from './network/made'
import type { BenchOptions } from './options'
import { median, printTable, round, thousands } from './print'

const { clear } = built<typeof import('../src/systemic/clearing')>('systemic/clearing')
const { debtRank } = built<typeof import('../src/systemic/debt-rank')>('systemic/debt-rank')
const { clearings } = built<typeof import('../src/systemic/kernels/clearings')>('systemic/kernels/clearings')
const { debtRanks } = built<typeof import('../src/systemic/kernels/debt-ranks')>(
  'systemic/kernels/debt-ranks',
)

const PYTHON = '/usr/bin/python3'
const ALONE = 10

function timed<T>(repeats: number, work: () => T): { sec: number; result: T } {
  const walls: number[] = []
  let result: T | undefined
  for (let k = 0; k < repeats; k++) {
    const start = performance.now()
    result = work()
    walls.push((performance.now() - start) / 1000)
  }
  return { sec: median(walls), result: result as T }
}

/** Seconds by form, and values; undefined where there is no NumPy. */
function numpy(
  kind: 'debtRank' | 'clearing',
  network: SparseMatrix,
  assets: Float64Array = new Float64Array(0),
): { sec: Record<string, number>; values: number[] } | undefined {
  if (spawnSync(PYTHON, ['-c', 'import numpy']).status !== 0) return undefined
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-network-'))
  try {
    const { rowStart, column, value } = network
    for (const [name, { buffer, byteOffset, byteLength }] of Object.entries({
      rowStart,
      column,
      value,
      assets,
    }))
      writeFileSync(join(folder, name), Buffer.from(buffer, byteOffset, byteLength))
    const script = join(__dirname, 'network', 'network.py')
    const job = JSON.stringify({ kind, size: network.size, tile: 256 })
    const env = { ...process.env, OPENBLAS_NUM_THREADS: '2', PYTHONDONTWRITEBYTECODE: '1' }
    const run = spawnSync(PYTHON, [script, folder, job], { env, maxBuffer: 1e9, timeout: 900_000 })
    if (run.status !== 0) throw new Error(`NumPy failed: ${String(run.stderr).slice(-500)}`)
    return JSON.parse(String(run.stdout)) as { sec: Record<string, number>; values: number[] }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function requireEqual(ours: Float64Array, theirs: ArrayLike<number> | undefined, what: string): void {
  for (let k = 0; k < (theirs?.length ?? 0); k++)
    if (Math.abs(ours[k]! - theirs![k]!) > 1e-9 * Math.max(1, Math.abs(theirs![k]!)))
      throw new Error(`${what}: ${theirs![k]} at ${k}, ours is ${ours[k]}`)
}

interface Outcome {
  lines: string[][]
  figures: Record<string, unknown>
}

interface Rivals {
  name: string
  ours: { sec: number; values: Float64Array }
  alone: { sec: number; values: Float64Array }
  graph: GraphRun | string
  theirs: { sec: Record<string, number>; values: number[] } | undefined
}

function outcomeOf({ name, ours, alone, graph, theirs }: Rivals): Outcome {
  const line = (who: string, sec: number) => [
    name,
    who,
    `${sec.toFixed(2)} s`,
    `${(sec / ours.sec).toFixed(2)}×`,
  ]
  requireEqual(ours.values, alone.values, `${name} one by one`)
  requireEqual(ours.values, theirs?.values, `${name} in NumPy`)
  if (typeof graph !== 'string') requireEqual(ours.values, graph.values, `${name} as a graph`)
  const graphName = `ONNX graph, dense, ${providersAsked().join()}`
  return {
    lines: [
      line('plimsoll, 1 thread', ours.sec),
      line('one by one, 1 thread', alone.sec),
      typeof graph === 'string' ? [name, graphName, graph, ''] : line(graphName, graph.sec),
      ...Object.entries(theirs?.sec ?? {}).map(([form, sec]) => line(`numpy, ${form}`, sec)),
    ],
    figures: {
      seconds: round(ours.sec, 3),
      fasterThanOneByOne: round(alone.sec / ours.sec, 2),
      ...(theirs === undefined
        ? {}
        : { fasterThanNumpy: round(Math.min(...Object.values(theirs.sec)) / ours.sec, 2) }),
    },
  }
}

/** Why a graph did not run stands in its place. */
function attempt(run: Promise<GraphRun>): Promise<GraphRun | string> {
  return run.catch((error: Error) => `not run: ${error.message.slice(0, 60)}`)
}

async function debtRankOf(size: number, repeats: number, seed: number): Promise<Outcome> {
  const impact = madeImpact(size, seed)
  const input = { impact, value: new Float64Array(size).fill(1 / size), variant: 2015 as const }
  const ours = timed(repeats, () => debtRanks(input))
  const alone = timed(1, () =>
    Float64Array.from({ length: ALONE }, (_, k) => {
      const initial = new Float64Array(size)
      initial[k] = 1
      return debtRank({ ...input, initial }).lost
    }),
  )
  return outcomeOf({
    name: `DebtRank, ${thousands(size)} nodes, each alone`,
    ours: { sec: ours.sec, values: ours.result },
    alone: { sec: (alone.sec * size) / ALONE, values: alone.result },
    graph: await attempt(debtRankGraph(impact)),
    theirs: numpy('debtRank', impact),
  })
}

async function clearingOf(
  size: number,
  scenarios: number,
  { repeats, seed }: { repeats: number; seed: number },
): Promise<Outcome> {
  const obligations = madeNetwork(size, seed)
  const externalAssets = madeAssets(obligations, scenarios, seed)
  const ours = timed(repeats, () => clearings({ obligations, externalAssets }))
  const alone = timed(1, () =>
    Float64Array.from({ length: ALONE }, (_, s) => {
      const { owed, paid } = clear({
        obligations,
        externalAssets: externalAssets.slice(s * size, (s + 1) * size),
      })
      return owed.reduce((sum, all, i) => sum + all - paid[i]!, 0)
    }),
  )
  const defaults = ours.result.defaults.reduce((a, b) => a + b, 0) / scenarios
  console.log(
    `${thousands(size)} nodes: ${defaults.toFixed(0)} defaults in a scenario, ${ours.result.solved} solved one by one`,
  )
  return outcomeOf({
    name: `clearing, ${thousands(size)} nodes × ${thousands(scenarios)}`,
    ours: { sec: ours.sec, values: ours.result.unpaid },
    alone: { sec: (alone.sec * scenarios) / ALONE, values: alone.result },
    graph: await attempt(clearingGraph(obligations, externalAssets)),
    theirs: numpy('clearing', obligations, externalAssets),
  })
}

/** Prints the table; resolves with seconds, ratios to NumPy, and growth by ten. */
export async function run({ quick, seed }: BenchOptions): Promise<Record<string, unknown>> {
  const repeats = quick ? 1 : 3
  const [ranked, cleared] = quick ? [400, 200] : [2_000, 1_000]
  const scenarios = quick ? 200 : 1_000
  const large = [
    await debtRankOf(ranked, repeats, seed),
    await clearingOf(cleared, scenarios, { repeats, seed }),
  ]
  const small = [
    await debtRankOf(ranked / 10, repeats, seed),
    await clearingOf(cleared / 10, scenarios, { repeats, seed }),
  ]
  printTable([['', 'by', 'wall', 'time / ours'], ...[...large, ...small].flatMap(({ lines }) => lines)])
  if (!providersAsked().includes('cuda')) console.log('no GPU: PLIMSOLL_PROVIDERS does not name cuda')
  const growth = large.map(({ figures }, k) =>
    round(Number(figures.seconds) / Math.max(1e-3, Number(small[k]!.figures.seconds)), 1),
  )
  return {
    debtRank: { ...large[0]!.figures, tenfoldNodes: growth[0] },
    clearing: { ...large[1]!.figures, tenfoldNodes: growth[1] },
  }
}
