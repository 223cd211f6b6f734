/** One alert as the API shows it: the entity's row with its account's address beside it. */
import { isoTime } from '../context'

export const SEVERITIES = ['info', 'low', 'medium', 'high', 'critical'] as const
export type Severity = (typeof SEVERITIES)[number]

export const ALERT_SDL = /* GraphQL */ `
  "Lowest first."
  enum Severity { info low medium high critical }

  type AlertRow {
    id: String!
    name: String!
    description: String!
    severity: Severity!
    "exploit | suspicious | degraded | info"
    type: String!
    "open | updated | confirmed | retracted"
    status: String!
    detector: String!
    alertId: String!
    chainId: Int!
    "Whom it is about: the account's address, lower-case hex."
    address: String!
    accountId: String!
    protocol: String
    height: BigInt!
    blockHash: String!
    txHash: String
    occurrences: Int!
    "Calibrated probability, 0 to 1; null where the detector states none."
    probability: Float
    "Measured precision of the detector with N and interval; null: unmeasured."
    precision: JSON
    "US dollars; null when unknown."
    usdAtRisk: Float
    reasons: JSON!
    blockTimestamp: DateTime!
    detectedAt: DateTime!
    retractedAt: DateTime
    finality: String!
    "funding | preparation | exploitation | laundering; null where it does not apply."
    stage: String
    addresses: JSON!
  }
`

/** Columns of db/queries/api-alerts.sql. */
export interface StoredAlert {
  id: string
  name: string
  description: string
  severity: Severity
  type: string
  status: string
  detector: string
  alertId: string
  chainId: number
  address: string
  accountId: string
  protocol: string | null
  height: string
  blockHash: string
  txHash: string | null
  occurrences: number
  probability: number | null
  precision: unknown
  usdAtRisk: number | null
  reasons: unknown
  blockTimestamp: string
  detectedAt: string
  retractedAt: string | null
  finality: string
  stage: string | null
  addresses: unknown
}

export type AlertRow = StoredAlert

/** Times become ISO-8601 with `Z`. */
export function alertRow(stored: StoredAlert): AlertRow {
  return {
    ...stored,
    blockTimestamp: isoTime(stored.blockTimestamp),
    detectedAt: isoTime(stored.detectedAt),
    retractedAt: isoTime(stored.retractedAt),
  }
}
