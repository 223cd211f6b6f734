/** A score with where it comes from: model and file hash, feature vector, block, reasons. */
import type { LiquidationOdds } from '../../models/credit/score'
import { isoTime } from '../context'

export const SCORE_SDL = /* GraphQL */ `
  type ScoreReason {
    feature: String!
    "Value as the model saw it (float32); null where it was missing."
    value: Float
    "Part of the score that this feature contributed, in the unit of reasonsMethod."
    contribution: Float
  }

  "Probability of at least one liquidation within 1, 7 and 30 days."
  type ScoreHorizons {
    p1d: Float!
    p7d: Float!
    p30d: Float!
  }

  type ScoreRow {
    id: String!
    modelName: String!
    modelVersion: String!
    "SHA-256 of the ONNX file."
    modelSha256: String!
    featureHash: String!
    "0 to 1, higher is riskier."
    value: Float!
    "300 to 850, higher is better: of model credit, else null."
    creditScore: Int
    "Probabilities by horizon: of model credit, else null."
    horizons: ScoreHorizons
    height: BigInt!
    blockHash: String!
    timestamp: DateTime!
    "Largest contribution first."
    reasons: [ScoreReason!]!
    reasonsMethod: String!
  }

  type ScorePoint {
    height: BigInt!
    timestamp: DateTime!
    "0 to 1, higher is riskier."
    value: Float!
  }
`

/** Columns of db/queries/api-scores.sql; also nested in health rows. */
export interface StoredScore {
  id: string
  modelName: string
  modelVersion: string
  modelSha256: string
  featureHash: string
  value: number
  creditScore: number | null
  horizons: LiquidationOdds | null
  height: string
  blockHash: string
  timestamp: string
  reasons: unknown
  reasonsMethod: string
}

export interface ScoreReason {
  feature: string
  value: number | null
  contribution: number | null
}

export interface ScoreRow extends Omit<StoredScore, 'reasons'> {
  reasons: ScoreReason[]
}

/** A stored score as the API shows it. */
export function scoreRow(stored: StoredScore): ScoreRow {
  return { ...stored, timestamp: isoTime(stored.timestamp), reasons: storedReasons(stored.reasons) }
}

/** Reasons that are not of the documented shape are left out rather than failing the response. */
export function storedReasons(stored: unknown): ScoreReason[] {
  return Array.isArray(stored) ? stored.map(scoreReason).filter((reason) => reason !== null) : []
}

function scoreReason(stored: unknown): ScoreReason | null {
  const { feature, value, contribution } = (stored ?? {}) as Record<string, unknown>
  if (typeof feature !== 'string') return null
  const finite = (x: unknown) => (typeof x === 'number' && Number.isFinite(x) ? x : null)
  return { feature, value: finite(value), contribution: finite(contribution) }
}
