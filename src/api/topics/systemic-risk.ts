/** `systemicRisk`: what the lending book would lose in the standing scenarios, how concentrated it is, and who matters. */
import type { SystemicRisk } from '../../systemic/systemic-risk'
import type { ApiContext } from '../context'
import type { Resolver, Topic } from '../schema'
import type { ChainBlock } from '../stress/request'
import { MAX_ROWS } from './position-health'
import { blockRows } from './stress-row'

const SDL = /* GraphQL */ `
  "One standing scenario over the whole book."
  type StandingScenario {
    scenario: String!
    about: String!
    "What its draws were fitted from, as of the block."
    fittedFrom: String!
    "Positions whose health is below 1 at the scenario's prices, before any sale: mean over the draws, and in the draw with most."
    expectedUnhealthy: Float!
    mostUnhealthy: Int!
    total: StressPart!
    "Most expected bad debt first."
    byMarket(limit: Int! = 20): [StressPart!]!
    byProtocol(limit: Int! = 20): [StressPart!]!
    "Which markets liquidate in which round, and what their sales do to prices."
    contagion(limit: Int! = 20): [StressContagionStep!]!
    settledShare: Float!
  }

  type SkippedScenario {
    scenario: String!
    reason: String!
  }

  type SystemicRisk {
    asOf: [StressBlock!]!
    positions: Int!
    debtUsd: Float!
    collateralUsd: Float!
    "Bad debt at the blocks' own prices; every scenario's figures include it."
    presentBadDebtUsd: Float!
    scenarios: [StandingScenario!]!
    "Standing scenarios that this book cannot have, and why."
    skipped: [SkippedScenario!]!
    "What lies in all venues, and how much of it is counted more than once."
    exposure: ExposureTotals!
    "Over everything and by protocol, then the markets with most debt."
    concentration(limit: Int! = 20): [ExposureConcentration!]!
    "Whose failure costs others most (DebtRank), most first; of 50 accounts at most."
    important(limit: Int! = 10): [ExposureGraphNode!]!
    "Why important is empty; null where it is not."
    debtRankMissing: String
    unpriced(limit: Int! = 100): [StressUnpriced!]!
    withheld: [StressWithheld!]!
  }

  extend type Query {
    "At the newest block of every chain, computed at most every ten seconds; asOf says which. A block of one's own needs the right to start stress tests."
    systemicRisk(block: [ChainBlock!]): SystemicRisk!
  }
`

async function systemicRisk(
  _source: unknown,
  { block }: { block?: readonly ChainBlock[] | null },
  context: ApiContext,
) {
  const { atBlock, limits } = context.stress
  // The newest is one computation for everybody; any other is somebody's own.
  if (block) context.stress.takeRun(context.caller())
  context.timeoutMs = limits.maxRunMs
  const found = await atBlock.ask({ kind: 'risk' }, block)
  return { ...found, asOf: blockRows(found.asOf) }
}

type Scenario = SystemicRisk['scenarios'][number]
const cut =
  (name: 'byMarket' | 'byProtocol' | 'contagion'): Resolver<never, never> =>
  (row: Scenario, { limit }: { limit: number }) =>
    row[name].slice(0, Math.min(limit, MAX_ROWS))

export const systemicRiskTopic: Topic = {
  typeDefs: SDL,
  resolvers: {
    Query: { systemicRisk },
    StandingScenario: {
      byMarket: cut('byMarket'),
      byProtocol: cut('byProtocol'),
      contagion: cut('contagion'),
    },
    SystemicRisk: {
      concentration: ({ concentration }: SystemicRisk, { limit }: { limit: number }) =>
        concentration.slice(0, Math.min(limit, MAX_ROWS)),
      important: ({ important }: SystemicRisk, { limit }: { limit: number }) => important.slice(0, limit),
      unpriced: ({ unpriced }: SystemicRisk, { limit }: { limit: number }) =>
        unpriced.slice(0, Math.min(limit, MAX_ROWS)),
    },
  },
}
