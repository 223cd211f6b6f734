/** `accountRisk`: all that is known about one account: standing, scores and their history, holdings, alerts, deeds. */
import { createGraphQLError } from 'graphql-yoga'
import { accountOdds, creditScore } from '../../models/credit/score'
import { type ApiContext, isoTime, readRows } from '../context'
import type { Topic } from '../schema'
import { alertRow, type StoredAlert } from './alert-row'
import { MAX_ROWS, readHealth } from './position-health'
import { type StoredScore, scoreRow } from './score-row'

const ACCOUNT_ALERTS = 100

const SDL = /* GraphQL */ `
  "What an account holds in one market, as of the market's last update."
  type AccountPosition {
    marketId: String!
    symbol: String
    "Base units of the asset."
    supplied: BigInt!
    "Base units of the asset."
    borrowed: BigInt!
    "Null when unknown: then there is no USD value."
    decimals: Int
    suppliedUsd: Float
    borrowedUsd: Float
    "Of the market price that makes the dollars: chainlink | pyth | dex."
    priceSource: String
    "0 to 1 (docs/prices.md)."
    priceConfidence: Float
    collateralEnabled: Boolean!
  }

  "A fact that the account took part in."
  type AccountEventRow {
    kind: String!
    role: String!
    timestamp: DateTime!
    txHash: String
    counterparty: String
    assetId: String
    "Base units of the asset."
    amount: BigInt
  }

  "That any of an account's positions is liquidated, as if they failed independently of each other."
  type AccountCredit {
    "300 to 850, higher is better."
    score: Int!
    p1d: Float!
    p7d: Float!
    p30d: Float!
    "How many positions went into it."
    positions: Int!
  }

  type AccountRisk {
    accountId: String!
    address: String!
    chainId: Int!
    firstSeen: DateTime!
    "False when a position began before its coverage: such a position has no health, score or alert."
    complete: Boolean!
    incompleteReason: String
    health: [PositionHealthRow!]!
    "Of all current positions that model credit speaks of; null without one."
    credit: AccountCredit
    "Current scores, riskiest first."
    scores: [ScoreRow!]!
    "Oldest first, the newest points. model: default credit if the account has such a score, else any."
    scoreHistory(model: String, points: Int! = 100): [ScorePoint!]!
    positions: [AccountPosition!]!
    "Newest first, retracted ones included."
    alerts: [AlertRow!]!
    "The newest 50."
    recentEvents: [AccountEventRow!]!
  }

  extend type Query {
    "Null when the account has not been seen. address: 0x and 40 hex digits, any case."
    accountRisk(chainId: Int!, address: String!): AccountRisk
  }
`

interface Account {
  accountId: string
}

async function account(_source: unknown, args: { chainId: number; address: string }, context: ApiContext) {
  if (!/^0x[0-9a-fA-F]{40}$/.test(args.address)) {
    throw createGraphQLError('address must be 0x and 40 hex digits', {
      extensions: { code: 'BAD_USER_INPUT' },
    })
  }
  const id = `${args.chainId}:${args.address.toLowerCase()}`
  const [row] = await readRows<Account & { firstSeen: string }>(context, 'api-account', [id, args.chainId])
  return row ? { ...row, firstSeen: isoTime(row.firstSeen) } : null
}

function accountCredit(scores: readonly StoredScore[]) {
  const positions = scores.flatMap(({ horizons }) => (horizons === null ? [] : [horizons]))
  const odds = accountOdds(positions)
  return odds && { ...odds, score: creditScore(odds.p30d), positions: positions.length }
}

function times<Row extends { timestamp: string }>(rows: Row[]): Row[] {
  return rows.map((row) => ({ ...row, timestamp: isoTime(row.timestamp) }))
}

export const accountRiskTopic: Topic = {
  typeDefs: SDL,
  resolvers: {
    Query: { accountRisk: account },
    AccountRisk: {
      health: async ({ accountId }: Account, _args, context) => {
        const filter = { chainId: null, accountId, maxHealthFactor: null, limit: MAX_ROWS, offset: 0 }
        return (await readHealth(context, filter)).rows
      },
      credit: async ({ accountId }: Account, _args, context) =>
        accountCredit(await readRows<StoredScore>(context, 'api-scores', [accountId])),
      scores: async ({ accountId }: Account, _args, context) =>
        (await readRows<StoredScore>(context, 'api-scores', [accountId])).map(scoreRow),
      scoreHistory: async (
        { accountId }: Account,
        args: { model?: string | null; points: number },
        context,
      ) =>
        times(
          await readRows<{ timestamp: string }>(context, 'api-score-history', [
            accountId,
            args.model ?? null,
            Math.min(args.points, MAX_ROWS),
          ]),
        ),
      positions: ({ accountId }: Account, _args, context) =>
        readRows(context, 'api-account-positions', [accountId]),
      alerts: async ({ accountId }: Account, _args, context) =>
        (await readRows<StoredAlert>(context, 'api-alerts', [null, accountId, true, ACCOUNT_ALERTS])).map(
          alertRow,
        ),
      recentEvents: async ({ accountId }: Account, _args, context) =>
        times(await readRows<{ timestamp: string }>(context, 'api-account-events', [accountId])),
    },
  },
}
