/** `overview`: everything the first page needs, in one request and one snapshot. Each part is read only when asked for. */
import { type ApiContext, isoTime, readRows } from '../context'
import type { Topic } from '../schema'
import { alertRow, type StoredAlert } from './alert-row'
import { chainStatuses } from './chain-row'
import { MAX_ROWS, readHealth } from './position-health'

const SDL = /* GraphQL */ `
  type Totals {
    "Accounts with debt in a lending pool."
    positions: Int!
    "Health factor below 1.1."
    atRisk: Int!
    "Health factor below 1, with collateral left to seize."
    liquidatable: Int!
    debtUsd: Float!
    "Debt of positions at risk, US dollars."
    debtAtRiskUsd: Float!
    badDebtUsd: Float!
    "Alerts that are not retracted."
    openAlerts: Int!
    "Current scores, of all models."
    scores: Int!
  }

  "An oracle feed and its newest confirmed report."
  type OracleFeedStatus {
    feed: String!
    subject: String!
    "Symbol of the subject, where it is a token we know."
    symbol: String
    subjectChainId: Int!
    metric: String!
    round: BigInt
    "0 to 1 for scores: the answer over 10^decimals."
    value: Float
    updatedAt: DateTime
    txHash: String
    "Of the newest report, confirmed or not: proposed | signed | sent | confirmed | dropped."
    status: String
    "True when there is no confirmed report or it has expired."
    stale: Boolean!
  }

  "Positions with lower <= health factor < upper; null: no bound."
  type HealthBucket {
    label: String!
    lower: Float
    upper: Float
    positions: Int!
    debtUsd: Float!
  }

  "One scoring round of one chain."
  type RiskPoint {
    time: DateTime!
    height: BigInt!
    chainId: Int!
    "Mean liquidation score of the positions scored in the round; null when there were none."
    meanScore: Float
    "Positions whose health factor was below 1.1."
    atRiskPositions: Int!
    "US dollars: debt, at the round's block, of the positions at risk."
    atRiskDebtUsd: Float!
  }

  type Overview {
    asOf: DateTime!
    chains: [ChainStatus!]!
    totals: Totals!
    "Lowest health factor first."
    riskiest: [PositionHealthRow!]!
    "Newest first, without retracted ones."
    alerts: [AlertRow!]!
    oracle: [OracleFeedStatus!]!
    healthBuckets: [HealthBucket!]!
    "The newest rounds of all chains, oldest first."
    riskHistory(points: Int! = 60): [RiskPoint!]!
  }

  extend type Query {
    "What the first page shows. limit: rows of riskiest and alerts, at most ${MAX_ROWS}."
    overview(limit: Int! = 20): Overview!
  }
`

interface Root {
  limit: number
}

interface StoredRiskPoint {
  time: string
  height: string
  chainId: number
  meanScore: number | null
  atRiskPositions: number
  atRiskDebtUsd: number
}

interface StoredFeedStatus {
  updatedAt: string | null
}

async function riskHistory(_source: Root, { points }: { points: number }, context: ApiContext) {
  const rows = await readRows<StoredRiskPoint>(context, 'api-risk-history', [Math.min(points, MAX_ROWS)])
  return rows.map((row) => ({ ...row, time: isoTime(row.time) }))
}

async function oracle(_source: Root, _args: unknown, context: ApiContext) {
  const rows = await readRows<StoredFeedStatus>(context, 'api-oracle-feeds', [])
  return rows.map((row) => ({ ...row, updatedAt: isoTime(row.updatedAt) }))
}

async function alerts({ limit }: Root, _args: unknown, context: ApiContext) {
  const rows = await readRows<StoredAlert>(context, 'api-alerts', [null, null, false, limit])
  return rows.map(alertRow)
}

export const overviewTopic: Topic = {
  typeDefs: SDL,
  resolvers: {
    Query: {
      overview: (_source, { limit }: { limit: number }): Root => ({ limit: Math.min(limit, MAX_ROWS) }),
    },
    Overview: {
      asOf: () => new Date(),
      chains: (_source, _args, context) =>
        chainStatuses((name, params) => readRows(context, name, params), context.rowCounts),
      totals: async (_source, _args, context) => (await readRows(context, 'api-totals', []))[0],
      riskiest: async ({ limit }: Root, _args, context) => {
        const filter = { chainId: null, accountId: null, maxHealthFactor: null, limit, offset: 0 }
        return (await readHealth(context, filter)).rows.filter((row) => row.healthFactor !== null)
      },
      alerts,
      oracle,
      healthBuckets: (_source, _args, context) => readRows(context, 'api-health-buckets', []),
      riskHistory,
    },
  },
}
