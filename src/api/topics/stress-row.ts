/** A stress test's result as the API shows it: the engine's own figures, with lists cut to what is asked for. */
import type { AsOfChains } from '../../systemic/book'
import type { StressResult } from '../../systemic/stress/types'
import type { Resolver } from '../schema'
import type { StressAnswer } from '../stress/runs'
import { MAX_ROWS } from './position-health'

export const STRESS_SDL = /* GraphQL */ `
  "A block of a chain. One alone may be given where a list is asked for."
  input ChainBlock {
    chainId: Int!
    "The newest stored block at or below it; absent: the newest."
    height: BigInt
  }

  "Where liquidators get out: they keep what they seize at the oracle's price, or sell it into the pool at once."
  enum StressExit { oracle pool }

  "The block of a chain whose state was tested."
  type StressBlock {
    chainId: Int!
    height: BigInt!
    hash: String!
    timestamp: DateTime!
  }

  type StressRiskFigures {
    "0 to 1: the share of scenarios that the figures hold for."
    level: Float!
    "US dollars: bad debt that this share of scenarios does not exceed."
    badDebtVarUsd: Float!
    "US dollars: mean bad debt of the scenarios beyond it."
    badDebtEsUsd: Float!
    "US dollars: liquidations that this share of scenarios does not exceed."
    liquidationsAtRiskUsd: Float!
  }

  "Of the whole, a market, an asset or a protocol."
  type StressPart {
    id: String!
    label: String!
    "US dollars, mean over the scenarios."
    expectedBadDebtUsd: Float!
    """
    US dollars, mean over the scenarios: what would be lost if all collateral of everybody below a health of 1 were sold at
    the scenario's prices and moved none. Null in runs of engines that did not have it.
    """
    expectedFirstRoundUsd: Float
    "US dollars, mean over the scenarios."
    expectedLiquidatedUsd: Float!
    "US dollars, in the worst scenario."
    worstBadDebtUsd: Float!
    "By level, ascending."
    risk: [StressRiskFigures!]!
  }

  type StressMultiplier {
    assetId: String!
    symbol: String!
    "Price after over price before."
    multiplier: Float!
  }

  "What the prices of a run were drawn from."
  type StressScenario {
    name: String!
    about: String!
    "Where its parameters are from."
    fittedFrom: String!
    "The middle of the draws, where it is not 1."
    central: [StressMultiplier!]!
  }

  "An exchange pool that says nothing of an asset's depth, and why."
  type StressUnusedPool {
    id: String!
    reason: String!
  }

  type StressContribution {
    "A position (chain:account:pool), or a parameter (market.threshold)."
    id: String!
    label: String!
    "US dollars: expected bad debt with it, less without it; of a parameter, less with it one per cent point tighter."
    marginalBadDebtUsd: Float!
  }

  type StressContagionMarket {
    id: String!
    label: String!
    liquidatedUsd: Float!
    badDebtUsd: Float!
  }

  "A round of the expected path: which markets liquidate, and what their sales do to prices."
  type StressContagionStep {
    round: Int!
    "Most liquidated first."
    markets: [StressContagionMarket!]!
    "Prices after the round over those at the start, where the round moved them."
    prices: [StressMultiplier!]!
  }

  "An asset with amounts but no price: in no sum, and never a zero."
  type StressUnpriced {
    assetId: String!
    symbol: String!
    "Whole tokens."
    suppliedUnits: Float!
    borrowedUnits: Float!
    "Positions left out because they hold or owe it."
    positions: Int!
    reason: String!
  }

  type StressWithheld {
    reason: String!
    "Positions left out for it."
    positions: Int!
  }

  type StressTest {
    "Of stressRunById, and of /stress/<runId>.arrow."
    runId: String!
    "Whether the same request had been computed before."
    isStored: Boolean!
    scenario: StressScenario!
    scenarios: Int!
    seed: Int!
    exit: StressExit!
    "US dollars a liquidation."
    gasUsd: Float!
    asOf: [StressBlock!]!
    "SHA-256 of engine, scenario and terms."
    modelSha256: String!
    "Positions tested."
    positions: Int!
    debtUsd: Float!
    collateralUsd: Float!
    "Bad debt at the block's own prices, which no scenario brought about."
    presentBadDebtUsd: Float!
    "Positions whose health is below 1 at the scenario's prices, before any sale: mean. Null in runs of engines that did not have it."
    expectedUnhealthy: Float
    "The same, in the scenario with most."
    mostUnhealthy: Int
    total: StressPart!
    "Most expected bad debt first."
    byMarket(limit: Int! = 100): [StressPart!]!
    byAsset(limit: Int! = 100): [StressPart!]!
    byProtocol(limit: Int! = 100): [StressPart!]!
    "Who loses, most first."
    topPositions(limit: Int! = 20): [StressContribution!]!
    topParameters(limit: Int! = 20): [StressContribution!]!
    "Draws over which the contributions were measured: fewer than all where the book is large."
    contributionScenarios: Int!
    contagion(limit: Int! = 20): [StressContagionStep!]!
    "Share of scenarios in which the liquidations came to rest, 0 to 1."
    settledShare: Float!
    unpriced(limit: Int! = 100): [StressUnpriced!]!
    withheld: [StressWithheld!]!
    "Assets of which no exchange pool is known: their prices are taken to withstand every sale."
    withoutDepth: [String!]!
    unusedPools: [StressUnusedPool!]!
    elapsedMs: Float!
  }
`

/** Blocks as a list, by chain. */
export function blockRows(asOf: AsOfChains) {
  return Object.entries(asOf).map(([chainId, { height, hash, timestampSec }]) => ({
    ...{ chainId: Number(chainId), height: String(height), hash },
    timestamp: new Date(timestampSec * 1_000).toISOString(),
  }))
}

/** What the resolvers below start from. */
export type StressTestRow = Omit<StressResult, 'request' | 'asOf'> & {
  runId: string
  isStored: boolean
  asOf: ReturnType<typeof blockRows>
} & Pick<StressResult['request'], 'scenarios' | 'seed' | 'exit' | 'gasUsd'>

export function stressTestRow({ runId, isStored, result }: StressAnswer): StressTestRow {
  const { request, asOf, ...rest } = result
  const { scenarios, seed, exit, gasUsd } = request
  return { ...rest, ...{ runId, isStored, scenarios, seed, exit, gasUsd }, asOf: blockRows(asOf) }
}

type Lists =
  | 'byMarket'
  | 'byAsset'
  | 'byProtocol'
  | 'topPositions'
  | 'topParameters'
  | 'contagion'
  | 'unpriced'

const cut =
  (name: Lists): Resolver<never, never> =>
  (row: StressTestRow, { limit }: { limit: number }) =>
    row[name].slice(0, Math.min(limit, MAX_ROWS))

export const STRESS_LISTS: Record<Lists, Resolver<never, never>> = {
  byMarket: cut('byMarket'),
  byAsset: cut('byAsset'),
  byProtocol: cut('byProtocol'),
  topPositions: cut('topPositions'),
  topParameters: cut('topParameters'),
  contagion: cut('contagion'),
  unpriced: cut('unpriced'),
}
