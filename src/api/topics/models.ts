/** `modelShadow`: how far a shadow version stands from the active one. Versions, drift and calibration are entities. */
import { readRows } from '../context'
import type { Topic } from '../schema'

const SDL = /* GraphQL */ `
  "A shadow version beside the active one, over the scores that both gave in the kept rounds."
  type ModelShadow {
    modelName: String!
    version: String!
    "SHA-256 of the shadow's ONNX file."
    sha256: String!
    rows: Int!
    "Shadow minus active; null without rows."
    meanDifference: Float
    meanAbsDifference: Float
    p95AbsDifference: Float
    maxAbsDifference: Float
    "Pearson's; null where one of them is constant."
    correlation: Float
    "Scores that lie on the other side of 0.5."
    crossed: Int!
  }

  extend type Query {
    "Null when no version of the model is in shadow. Single scores: shadowScores."
    modelShadow(name: String!): ModelShadow
  }
`

export const modelsTopic: Topic = {
  typeDefs: SDL,
  resolvers: {
    Query: {
      modelShadow: async (_source: unknown, { name }: { name: string }, context) =>
        (await readRows(context, 'api-model-shadow', [name]))[0] ?? null,
    },
  },
}
