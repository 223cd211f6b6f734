/**
 * `npm run bench -- inference`: scores a second of the illicit model at batch 1, 1,000 and 100,000 in one thread, its
 * contributions included, beside boosted trees of the same number and depth in scikit-learn and XGBoost on the same rows
 * in one thread (without contributions), where a Python that has them is installed.
 */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { seededRandom } from '../src/math/statistics'
import { finiteFloat32 } from '../src/models/gate'
import { readForest } from '../src/models/onnx/read-forest'
import { modelFolder } from '../src/models/registry'
import { openModels } from '../src/models/session'
import type { BenchOptions } from './options'
import { printTable, round, thousands } from './print'

const BATCHES = [1, 1_000, 100_000] as const
const PYTHONS = ['python3', '/usr/bin/python3']
const DEPTH = 6
const RIVALS = ['sklearn', 'xgboost'] as const

/** Rows drawn around the model's own thresholds, so that every tree has something to decide. */
function rowsFor(count: number, seed: number): { rows: Float32Array; width: number; trees: number } {
  const forest = readForest(readFileSync(join(modelFolder('illicit'), 'model.onnx')))
  if (forest === undefined) throw new Error('the illicit model is no forest, which this bench measures')
  const random = seededRandom(seed)
  const width = forest.inputs.length
  const cuts = forest.inputs.map((_, f) =>
    forest.ensemble.splits.filter((_, node) => forest.ensemble.featureIds[node] === f),
  )
  const rows = Float32Array.from({ length: count * width }, (_, i) => {
    const column = cuts[i % width]!
    if (column.length === 0) return random()
    return finiteFloat32(column[Math.floor(random() * column.length)]! * (0.5 + random()))
  })
  return { rows, width, trees: forest.ensemble.roots.length }
}

/** Runs for at least `leastMs` and gives scores a second. */
async function rateOf(batch: number, leastMs: number, score: () => Promise<unknown>): Promise<number> {
  await score()
  let runs = 0
  const start = performance.now()
  while (performance.now() - start < leastMs) {
    await score()
    runs++
  }
  return (batch * runs * 1000) / (performance.now() - start)
}

async function ownRates(
  rows: Float32Array,
  width: number,
  options: { leastMs: number; tensorOnCpu?: boolean; canonicalOnly?: boolean },
) {
  const { leastMs, ...how } = options
  const runtime = await openModels({ names: ['illicit'], threads: 1, ...how })
  const rates: number[] = []
  for (const batch of BATCHES) {
    const part = rows.slice(0, batch * width)
    rates.push(await rateOf(batch, leastMs, () => runtime.score('illicit', part, batch)))
  }
  await runtime.close()
  return rates
}

const SCRIPT = `
import json, sys, time
import numpy as np
job = json.loads(sys.argv[1])
rows = np.frombuffer(sys.stdin.buffer.read(), dtype=np.float32).reshape(-1, job["width"])
labels = (np.random.RandomState(0).rand(8000) < 0.2 + 0.6 * (rows[:8000, 0] > np.median(rows[:, 0]))).astype(int)
if job["library"] == "xgboost":
    from xgboost import XGBClassifier
    model = XGBClassifier(n_estimators=job["trees"], max_depth=job["depth"], tree_method="hist", n_jobs=1)
else:
    from sklearn.ensemble import HistGradientBoostingClassifier
    model = HistGradientBoostingClassifier(max_iter=job["trees"], max_depth=job["depth"], max_leaf_nodes=None,
                                           early_stopping=False)
model.fit(rows[:8000], labels)
rates = []
for batch in job["batches"]:
    part = rows[:batch]
    model.predict_proba(part)
    runs, start = 0, time.perf_counter()
    while time.perf_counter() - start < job["leastMs"] / 1000:
        model.predict_proba(part)
        runs += 1
    rates.append(batch * runs / (time.perf_counter() - start))
print(json.dumps(rates))
`

/** Rates of a rival in one thread, or why there are none. */
function rivalRates(
  library: (typeof RIVALS)[number],
  rows: Float32Array,
  job: Record<string, unknown>,
): number[] | string {
  const env = { ...process.env, OMP_NUM_THREADS: '1' }
  const python = PYTHONS.find((name) => spawnSync(name, ['-c', `import ${library}`], { env }).status === 0)
  if (python === undefined) return `not installed (Debian: python3-${library})`
  const input = Buffer.from(rows.buffer, rows.byteOffset, rows.byteLength)
  const args = ['-c', SCRIPT, JSON.stringify({ ...job, library, batches: BATCHES })]
  const run = spawnSync(python, args, { env, input, timeout: 300_000 })
  if (run.status !== 0) throw new Error(`${library} failed: ${String(run.stderr).slice(-300)}`)
  return JSON.parse(String(run.stdout)) as number[]
}

/** Prints the table; resolves with scores a second by system and batch, and ratios to each rival. */
export async function run({ quick, seed }: BenchOptions): Promise<Record<string, unknown>> {
  const leastMs = quick ? 500 : 3_000
  const { rows, width, trees } = rowsFor(100_000, seed)
  const ours = await ownRates(rows, width, { leastMs })
  const file = await ownRates(rows, width, { leastMs, canonicalOnly: true })
  const tensor = await ownRates(rows, width, { leastMs, tensorOnCpu: true })
  const rivals = RIVALS.map(
    (name) => [name, rivalRates(name, rows, { width, trees, depth: DEPTH, leastMs })] as const,
  )
  const systems = [
    ['plimsoll', ours],
    ['plimsoll, its file in onnxruntime', file],
    ['plimsoll, GPU form on CPU', tensor],
    ...rivals,
  ] as const
  printTable([
    [`scores/s, ${trees} trees`, ...BATCHES.map((batch) => `batch ${thousands(batch)}`)],
    ...systems.map(([name, rates]) =>
      typeof rates === 'string' ? [name, rates] : [name, ...rates.map(thousands)],
    ),
  ])
  const byBatch = (rates: readonly number[]) =>
    Object.fromEntries(BATCHES.map((batch, i) => [String(batch), round(rates[i]!)]))
  const measured = rivals.flatMap(([name, rates]) =>
    typeof rates === 'string' ? [] : [[name, rates] as const],
  )
  return {
    trees,
    scoresPerSec: byBatch(ours),
    fileScoresPerSec: byBatch(file),
    tensorScoresPerSec: byBatch(tensor),
    ...Object.fromEntries(measured.map(([name, rates]) => [`${name}ScoresPerSec`, byBatch(rates)])),
    ...Object.fromEntries(
      measured.map(([name, rates]) => [
        `times${name === 'sklearn' ? 'Sklearn' : 'Xgboost'}`,
        Object.fromEntries(BATCHES.map((batch, i) => [String(batch), round(ours[i]! / rates[i]!, 2)])),
      ]),
    ),
  }
}
