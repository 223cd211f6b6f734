/** What the novelty model says of the accounts that detectors look at. It weighs there, and never triggers. */
import type { ScoreView } from '../detectors/types'
import type { ModelRuntime } from '../models/session'
import { batchOf, gatherRows, type ScoreBatch } from './score-batch'
import { scoreViewOf } from './score-view'

const NOVELTY_MODEL = 'novelty'

/** Novelty by account, of those accounts of the batch that are in `wanted`; empty where the model is not open. */
export async function noveltyOf(
  runtime: ModelRuntime,
  accounts: ScoreBatch | undefined,
  wanted: ReadonlyMap<string, unknown>,
): Promise<ReadonlyMap<string, ScoreView>> {
  const model = runtime.models[NOVELTY_MODEL]
  if (model === undefined || accounts === undefined || wanted.size === 0) return new Map()
  const width = model.spec.inputs.length
  const batch = batchOf(model, { kind: 'account', at: accounts.at, table: accounts.table })
  const rows = [...batch.subjectIds.keys()].filter((row) => wanted.has(batch.subjectIds[row]!))
  const features = gatherRows(batch.features, { width, rows })
  const { values, contributions } = await runtime.score(NOVELTY_MODEL, features, rows.length)
  const cells = (all: Float32Array, row: number) => all.subarray(row * width, (row + 1) * width)
  return new Map(
    rows.map((row, i) => [
      batch.subjectIds[row]!,
      scoreViewOf(model, {
        value: values[i]!,
        features: cells(features, i),
        contributions: cells(contributions, i),
      }),
    ]),
  )
}
