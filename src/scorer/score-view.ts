/** A score as detectors see it. Pure. */
import type { Reason, ScoreView } from '../detectors/types'
import { type Reason as ModelReason, reasonsFor } from '../models/reasons'
import type { OpenModel } from '../models/session'
import { REASONS } from './score-encode'

/** From one row of a model's answer. */
export function scoreViewOf(
  { spec, sha256 }: Pick<OpenModel, 'spec' | 'sha256'>,
  row: { value: number; features: Float32Array; contributions: Float32Array },
): ScoreView {
  const reasons = reasonsFor(spec, row.features, row.contributions, REASONS).map(viewedReason)
  return { value: row.value, modelName: spec.name, modelVersion: spec.version, modelSha256: sha256, reasons }
}

/** What a detector may repeat of a reason. */
export function viewedReason({ feature, value, contribution }: ModelReason): Reason {
  return { feature, value, contribution }
}
