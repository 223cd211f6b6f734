/** Says in `model_version` which models score, so that every score's hash leads to its spec and its measured quality. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Pool } from '../db/pool'
import { sql } from '../db/query'
import { modelFolder } from '../models/registry'
import type { ModelRuntime } from '../models/session'

/** Writes one row for each open model; idempotent. */
export async function registerModels(pool: Pool, runtime: ModelRuntime): Promise<void> {
  for (const { spec, sha256 } of Object.values(runtime.models)) {
    const metrics = readFileSync(join(modelFolder(spec.name), 'metrics.json'), 'utf8')
    await pool.query(sql('scorer-model-write'), [
      `${spec.name}:${sha256}`,
      spec.name,
      spec.version,
      sha256,
      JSON.stringify(spec),
      metrics,
    ])
  }
}
