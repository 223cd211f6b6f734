/** Features → scores: what a model says of each subject of a table, and what it stands on. */
import { featureHash, type Reason, reasonsFor } from '../models/reasons'
import type { ModelRuntime } from '../models/session'
import { abstains } from '../models/spec'
import { matrixOf, subjectsOf } from './table'
import type { FeatureTable } from './types'

/** Reasons kept with a score. */
const REASONS = 8

/** A model's word on one subject, with everything needed to check it. */
export interface SubjectScore {
  subjectId: string
  modelName: string
  modelVersion: string
  modelSha256: string
  /** 0..1, higher is riskier. */
  value: number
  /** What else the model's graph says of the subject, by output name. */
  further: Readonly<Record<string, number>>
  /** In the spec's input order, as the model saw them. */
  features: Float32Array
  featureHash: string
  /** Log odds of each input before calibration, in the same order. */
  contributions: Float32Array
  reasons: readonly Reason[]
  reasonsMethod: string
}

export interface TableScores {
  scores: ReadonlyMap<string, SubjectScore>
  /** Subjects that have features, but about which the model does not speak, and why. */
  abstained: ReadonlyMap<string, string>
}

/** Scores every row of a group's table on which the model's spec lets it speak. Rejects as `runtime.score` does. */
export async function scoreTable(
  runtime: ModelRuntime,
  modelName: string,
  features: FeatureTable,
): Promise<TableScores> {
  const model = runtime.models[modelName]
  if (model === undefined) throw new Error(`model ${modelName} is not open`)
  const { spec, sha256 } = model
  const width = spec.inputs.length
  const inputs = spec.inputs.map((input) => input.name)
  const matrix = matrixOf(features, inputs)
  const abstained = new Map<string, string>()
  const speaking: { subjectId: string; row: Float32Array }[] = []
  for (const [i, subjectId] of subjectsOf(features).entries()) {
    const row = matrix.slice(i * width, (i + 1) * width)
    const silence = abstains(spec, row)
    if (silence === undefined) speaking.push({ subjectId, row })
    else abstained.set(subjectId, silence)
  }
  if (speaking.length === 0) return { scores: new Map(), abstained }
  const rows = new Float32Array(speaking.length * width)
  for (const [i, { row }] of speaking.entries()) rows.set(row, i * width)
  const result = await runtime.score(modelName, rows, speaking.length)
  const scores = speaking.map(({ subjectId, row }, i): [string, SubjectScore] => {
    const contributions = result.contributions.slice(i * width, (i + 1) * width)
    return [
      subjectId,
      {
        subjectId,
        modelName,
        modelVersion: spec.version,
        modelSha256: sha256,
        value: result.values[i]!,
        further: Object.fromEntries(
          Object.entries(result.further).map(([name, numbers]) => [name, numbers[i]!]),
        ),
        features: row,
        featureHash: featureHash(spec, row),
        contributions,
        reasons: reasonsFor(spec, row, contributions, REASONS),
        reasonsMethod: spec.reasonsMethod,
      },
    ]
  })
  return { scores: new Map(scores), abstained }
}
