/** What the novelty model says of the accounts that detectors look at. It weighs there, and never triggers. */
import type { ScoreView } from '../detectors/types'
import { reasonsFor } from '../models/reasons'
import type { ModelRuntime } from '../models/session'
import { batchOf, type ScoreBatch } from './score-batch'
import { REASONS } from './score-encode'

const NOVELTY_MODEL = 'novelty'

/** Novelty by account, of those accounts of the batch that are in `wanted`; empty where the model is not open. */
export async function noveltyOf(
  runtime: ModelRuntime,
  accounts: ScoreBatch | undefined,
  wanted: ReadonlyMap<string, unknown>,
): Promise<ReadonlyMap<string, ScoreView>> {
  const model = runtime.models[NOVELTY_MODEL]
  if (model === undefined || accounts === undefined || wanted.size === 0) return new Map()
  const { spec, sha256 } = model
  const width = spec.inputs.length
  const batch = batchOf(model, { kind: 'account', at: accounts.at, table: accounts.table })
  const rows = [...batch.subjectIds.keys()].filter((row) => wanted.has(batch.subjectIds[row]!))
  const cells = (all: Float32Array, row: number) => all.subarray(row * width, (row + 1) * width)
  const features = new Float32Array(rows.length * width)
  for (const [i, row] of rows.entries()) features.set(cells(batch.features, row), i * width)
  const { values, contributions } = await runtime.score(NOVELTY_MODEL, features, rows.length)
  return new Map(
    rows.map((row, i): [string, ScoreView] => {
      const reasons = reasonsFor(spec, cells(features, i), cells(contributions, i), REASONS)
      return [
        batch.subjectIds[row]!,
        { value: values[i]!, modelName: spec.name, modelVersion: spec.version, modelSha256: sha256, reasons },
      ]
    }),
  )
}
