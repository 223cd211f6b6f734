/** `marketRisk`: every lending reserve: how much is supplied and borrowed, at what risk. */
import { isoTime, readRows } from '../context'
import type { Topic } from '../schema'

export const marketRiskTopic: Topic = {
  typeDefs: /* GraphQL */ `
    "A lending reserve. Amounts are sums over positions at the market's last index, US dollars."
    type MarketRisk {
      marketId: String!
      chainId: Int!
      protocol: String!
      pool: String!
      symbol: String
      "Null when decimals or price are unknown."
      suppliedUsd: Float
      borrowedUsd: Float
      "Borrowed over supplied; null when nothing is supplied."
      utilization: Float
      "Market price at the newest scoring round; null when no source has one."
      priceUsd: Float
      "When the source said so."
      priceUpdatedAt: DateTime
      "chainlink | pyth | dex"
      priceSource: String
      "At the scoring round."
      priceAgeSec: Float
      "0 to 1: less for what is stale, stands alone or is contradicted (docs/prices.md)."
      priceConfidence: Float
      "The source is silent for longer than it promises."
      priceStale: Boolean
      "No second fresh source agrees."
      priceSingleSource: Boolean
      "0 to 1; null when the market's state does not say."
      liquidationThreshold: Float
      "Mean liquidation score of its borrowers, weighted by what they borrowed here."
      meanScore: Float
      "Borrowed here by positions with a health factor below 1.1, US dollars."
      debtAtRiskUsd: Float
      "Accounts that supply or borrow here."
      positions: Int!
      complete: Boolean!
    }
    extend type Query {
      "Lending reserves, most borrowed first."
      marketRisk(chainId: Int): [MarketRisk!]!
    }
  `,
  resolvers: {
    Query: {
      marketRisk: async (_source, { chainId }: { chainId?: number | null }, context) => {
        const rows = await readRows<{ priceUpdatedAt: string | null }>(context, 'api-market-risk', [
          chainId ?? null,
        ])
        return rows.map((row) => ({ ...row, priceUpdatedAt: isoTime(row.priceUpdatedAt) }))
      },
    },
  },
}
