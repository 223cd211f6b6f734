/** Starts a file of ours as a thread. Compiled code is there as JavaScript; run from source, the TypeScript loader comes first. */
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { Worker } from 'node:worker_threads'

/** @param entry path of the file without its extension */
export function startThread(entry: string, workerData: unknown): Worker {
  if (existsSync(`${entry}.js`)) return new Worker(`${entry}.js`, { workerData, execArgv: [] })
  const loader = createRequire(__filename).resolve('tsx/cjs')
  const bootstrap = `require(${JSON.stringify(loader)}); require(${JSON.stringify(`${entry}.ts`)})`
  return new Worker(bootstrap, { workerData, eval: true, execArgv: [] })
}
