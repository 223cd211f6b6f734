/** Runs scikit-learn or XGBoost as a reference, where a Python that has them is installed (Debian: python3-sklearn). */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

const script = join(__dirname, 'reference_learners.py')
const pythons = ['python3', '/usr/bin/python3']

/** A Python that can import the module, or undefined. */
export function pythonWith(module: 'sklearn' | 'xgboost'): string | undefined {
  return pythons.find(
    (python) => spawnSync(python, ['-c', `import ${module}`], { timeout: 60_000 }).status === 0,
  )
}

/** Scores of the test rows. Throws with Python's last words when it fails. */
export function referenceScores(python: string, job: Record<string, unknown>): Float64Array {
  const plain = JSON.stringify(job, (_, value) =>
    ArrayBuffer.isView(value) ? Array.from(value as Float32Array) : value,
  )
  const run = spawnSync(python, [script], { input: plain, maxBuffer: 2 ** 28, timeout: 300_000 })
  if (run.status !== 0) throw new Error(`reference failed: ${String(run.stderr).slice(-500)}`)
  return Float64Array.from(JSON.parse(String(run.stdout)))
}
