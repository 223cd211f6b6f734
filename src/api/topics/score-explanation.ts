/** `scoreExplanation`: what every input did to one stored score: TreeSHAP where the model is a forest, else what is stored. */
import { EXACT_METHOD, type Explainer, explainerOf } from '../../models/explain'
import { type ApiContext, readRows } from '../context'
import type { Topic } from '../schema'
import { type ScoreReason, type StoredScore, storedReasons } from './score-row'

const SDL = /* GraphQL */ `
  type ScoreExplanation {
    scoreId: String!
    "treeshap: exact Shapley values, computed now from the stored features; else as stored with the score."
    reasonsMethod: String!
    "What the model says of nobody in particular; contributions add to it. Null where only stored reasons are known."
    bias: Float
    "Strongest first; every input under treeshap."
    reasons: [ScoreReason!]!
  }

  extend type Query {
    "Null when there is no such score."
    scoreExplanation(scoreId: String!): ScoreExplanation
  }
`

interface StoredVector extends Pick<StoredScore, 'modelName' | 'modelSha256' | 'reasons' | 'reasonsMethod'> {
  features: Readonly<Record<string, number | null>>
}

/** Every input of a score with its Shapley value, strongest first. */
function shapReasons({ spec, explain }: Explainer, features: StoredVector['features']) {
  const row = spec.inputs.map(({ name }) => features[name] ?? Number.NaN)
  const { bias, contributions } = explain(row)
  const reasons = spec.inputs.map(
    ({ name }, f): ScoreReason => ({
      feature: name,
      value: features[name] ?? null,
      contribution: contributions[f]!,
    }),
  )
  const strength = (reason: ScoreReason) => Math.abs(reason.contribution ?? 0)
  return { bias, reasons: reasons.sort((a, b) => strength(b) - strength(a)), reasonsMethod: EXACT_METHOD }
}

async function scoreExplanation(_source: unknown, { scoreId }: { scoreId: string }, context: ApiContext) {
  const [stored] = await readRows<StoredVector>(context, 'api-score-features', [scoreId])
  if (stored === undefined) return null
  const explainer = explainerOf(stored.modelName, stored.modelSha256)
  if (explainer) return { scoreId, ...shapReasons(explainer, stored.features) }
  return { scoreId, reasonsMethod: stored.reasonsMethod, bias: null, reasons: storedReasons(stored.reasons) }
}

export const scoreExplanationTopic: Topic = {
  typeDefs: SDL,
  resolvers: { Query: { scoreExplanation } },
}
