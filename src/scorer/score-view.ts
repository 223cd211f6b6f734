/** A score as detectors see it. Pure. */
import type { Reason, ScoreView } from '../detectors/types'
import { strongestReasons } from '../models/explain'
import { type Reason as ModelReason, reasonsFor } from '../models/reasons'
import type { OpenModel } from '../models/session'
import { REASONS } from './score-encode'

/** From one row of a model's answer. */
export function scoreViewOf(
  { spec, sha256 }: Pick<OpenModel, 'spec' | 'sha256'>,
  row: { value: number; features: Float32Array; contributions: Float32Array },
): ScoreView {
  const viewed = (reasons: readonly ModelReason[], method: string) =>
    reasons.map((reason) => viewedReason(reason, method))
  return {
    value: row.value,
    modelName: spec.name,
    modelVersion: spec.version,
    modelSha256: sha256,
    reasons: viewed(reasonsFor(spec, row.features, row.contributions, REASONS), spec.reasonsMethod),
    evidence: () => {
      const { reasons, method } = strongestReasons({ spec, sha256 }, row, REASONS)
      return viewed(reasons, method)
    },
  }
}

/** What a detector may repeat of a reason. */
export function viewedReason({ feature, value, contribution }: ModelReason, method: string): Reason {
  return { feature, value, contribution, method }
}
