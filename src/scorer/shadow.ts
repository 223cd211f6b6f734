/**
 * Shadow versions: they score what the active version scored, from the same table of features, and what they say is kept
 * beside it in `shadow_score`. Nothing else reads it: no detector, no oracle, no `current`.
 */
import { copyRows, type PoolClient } from '../db/pool'
import { sql } from '../db/query'
import type { ModelRuntime } from '../models/session'
import { batchOf, type ScoreBatch } from './score-batch'
import type { ScoredPiece } from './score-write'

const COLUMNS = [
  ...['id', 'account_id', 'chain_id', 'subject_kind', 'subject_id', 'model_name', 'height', 'model_version'],
  ...['model_sha256', 'active_sha256', 'timestamp', 'value', 'active_value', 'difference'],
] as const

/** What the active versions said, by batch and subject; filled piece by piece. */
export interface ActiveValues {
  take(piece: ScoredPiece): void
  of(batch: ScoreBatch): ReadonlyMap<string, number>
}

export function createActiveValues(): ActiveValues {
  const byBatch = new Map<ScoreBatch, Map<string, number>>()
  return {
    take({ batch, from, count, scores }) {
      const values = byBatch.get(batch) ?? new Map<string, number>()
      for (let i = 0; i < count; i++) values.set(batch.subjectIds[from + i]!, scores.values[i]!)
      byBatch.set(batch, values)
    },
    of: (batch) => byBatch.get(batch) ?? new Map(),
  }
}

/** Scores the batches of models that have a shadow. A subject of which one of the two is silent is left out. @returns rows */
export async function writeShadows(
  tx: PoolClient,
  {
    chainId,
    batches,
    shadows,
    active,
  }: { chainId: number; batches: readonly ScoreBatch[]; shadows: ModelRuntime; active: ActiveValues },
): Promise<number> {
  const heights = [...new Set(batches.map((batch) => batch.at.height))]
  await tx.query(sql('scorer-shadows-remove'), [chainId, heights])
  let written = 0
  for (const batch of batches) {
    const model = shadows.models[batch.model.spec.name]
    if (model === undefined || batch.subjectIds.length === 0) continue
    const accounts = new Map(batch.subjectIds.map((id, i) => [id, batch.accountIds[i]!]))
    const shadow = batchOf(model, { ...batch, accountOf: (id) => accounts.get(id) ?? id })
    const { values } = await shadows.score(model.spec.name, shadow.features, shadow.subjectIds.length)
    written += await copyRows(
      tx,
      'shadow_score',
      COLUMNS,
      rowsOf({ batch, shadow, values, active: active.of(batch) }),
    )
  }
  return written
}

function rowsOf({
  batch,
  shadow,
  values,
  active,
}: {
  batch: ScoreBatch
  shadow: ScoreBatch
  values: Float64Array
  active: ReadonlyMap<string, number>
}): unknown[][] {
  const { at, kind } = batch
  const { spec, sha256 } = shadow.model
  const time = new Date(at.timestampSec * 1000)
  return shadow.subjectIds.flatMap((subjectId, i) => {
    const said = active.get(subjectId)
    if (said === undefined) return []
    const value = values[i]!
    const id = `${spec.name}:${sha256.slice(0, 12)}:${subjectId}:${at.height}:${at.hash.slice(0, 10)}`
    return [
      [
        ...[id, shadow.accountIds[i], at.chainId, kind, subjectId, spec.name, at.height, spec.version],
        ...[sha256, batch.model.sha256, time, value, said, value - said],
      ],
    ]
  })
}
