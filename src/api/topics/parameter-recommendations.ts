/** `parameterRecommendations`: risk parameters that lose less, market by market, computed on the stress tests' thread. */
import type { MarketResult, RecommendRequest, RecommendResult } from '../../systemic/recommend/run'
import type { Behaviour, Bundle } from '../../systemic/recommend/types'
import type { Caller } from '../access'
import type { ApiContext } from '../context'
import type { Topic } from '../schema'
import { readAsOf } from '../stress/heads'
import { badArgument } from '../stress/request'
import { MAX_ROWS } from './position-health'
import { RECOMMENDATION_SDL } from './recommendation-sdl'
import { blockRows } from './stress-row'

const MAX_SCENARIOS = 5_000
const MAX_MARKETS = 20
const MAX_DAYS = 30
const MAX_TEXT = 200
const MAX_GAS_USD = 1_000_000

const SDL = /* GraphQL */ `
  ${RECOMMENDATION_SDL}
  extend type Query {
    "Needs the right to start stress tests. Of the newest block; the same request on the same state is answered once."
    parameterRecommendations(
      "Absent: every indexed chain."
      chainId: Int,
      "By id, at most ${MAX_MARKETS}; absent: the ${MAX_MARKETS / 2} that most debt leans on."
      markets: [String!],
      "As of stressTest."
      scenario: String! = "student-t",
      "At most ${MAX_SCENARIOS}, and what the caller may ask of stressTest."
      scenarios: Int! = 500,
      seed: Int! = 1,
      "Past days of the shadow run, at most ${MAX_DAYS}; 0: none."
      days: Int! = 7,
      behaviour: BorrowerBehaviour! = unchanged,
      exit: StressExit! = pool,
      "US dollars that one liquidation costs its liquidator."
      gasUsd: Float! = 10
    ): ParameterRecommendations!
  }
`

interface Args {
  chainId?: number | null
  markets?: readonly string[] | null
  scenario: string
  scenarios: number
  seed: number
  days: number
  behaviour: Behaviour
  exit: 'oracle' | 'pool'
  gasUsd: number
}

async function parameterRecommendations(_source: unknown, args: Args, context: ApiContext) {
  const { recommend, limits, takeRun } = context.stress
  const caller = context.caller()
  const request = requestOf(args, caller)
  context.timeoutMs = limits.maxRunMs * (limits.maxWaiting + 1)
  const { chainId } = args
  const asOf = await readAsOf(context.pool, chainId === undefined || chainId === null ? null : [{ chainId }])
  const result = await recommend.ask({ asOf, request, days: args.days }, () => takeRun(caller))
  return answerRow(result)
}

/** The request in its one form. Throws BAD_USER_INPUT naming what is wrong. */
function requestOf(args: Args, { maxScenarios, name }: Caller): RecommendRequest {
  const { scenario, scenarios, seed, days, behaviour, exit, gasUsd } = args
  const most = Math.min(maxScenarios, MAX_SCENARIOS)
  if (scenario.length === 0 || scenario.length > MAX_TEXT)
    throw badArgument('scenario is not the name of a scenario')
  if (!(scenarios >= 1 && scenarios <= most))
    throw badArgument(`scenarios is ${scenarios}: ${name} may ask for 1 to ${most}`)
  if (!(days >= 0 && days <= MAX_DAYS))
    throw badArgument(`days is ${days}: it must be within 0 … ${MAX_DAYS}`)
  if (!(gasUsd >= 0 && gasUsd <= MAX_GAS_USD))
    throw badArgument(`gasUsd is ${gasUsd}: it must be within 0 … ${MAX_GAS_USD}`)
  const markets = args.markets ? [...new Set(args.markets)].sort() : undefined
  if (markets?.length === 0) throw badArgument('markets is empty: leave it out for those with most debt')
  if (markets !== undefined && markets.length > MAX_MARKETS)
    throw badArgument(`markets has ${markets.length} ids: at most ${MAX_MARKETS}`)
  return {
    ...{ scenario, scenarios, seed, conditions: { exit, gasUsd } },
    ...(markets && { markets }),
    settings: { behaviour, maxMarkets: markets?.length ?? MAX_MARKETS / 2 },
  }
}

function answerRow({ scenario, together, asOf, markets, ...rest }: RecommendResult) {
  return {
    ...rest,
    ...{ asOf: blockRows(asOf), scenario: scenario.name, about: scenario.about },
    fittedFrom: scenario.fittedFrom,
    markets: markets.map(marketRow),
    togetherBeforeUsd: together?.before ?? null,
    togetherAfterUsd: together?.after ?? null,
    togetherSavedIntervalUsd: together?.savedInterval ?? null,
  }
}

function marketRow({ curve, frontier, bundle, shadow, ...market }: MarketResult) {
  return {
    ...market,
    ...{ recommendedCurve: curve.recommended, curveReason: curve.reason },
    frontier: frontier.map(({ expectedBadDebtUsd, ...point }) => ({
      ...point,
      releveredBadDebtUsd: expectedBadDebtUsd.relevered,
      unchangedBadDebtUsd: expectedBadDebtUsd.unchanged,
    })),
    bundle: bundle && bundleRow(bundle),
    shadow: shadow && {
      ...shadow,
      ...{ actualLiquidated: shadow.actual.liquidated, recommendedLiquidated: shadow.recommended.liquidated },
    },
  }
}

function bundleRow({ expectedBadDebtUsd, badDebtAtCapsUsd, efficiency, ...bundle }: Bundle) {
  const { before, after, relevered, saved, savedInterval } = expectedBadDebtUsd
  return {
    ...{ ...bundle, ...efficiency },
    ...{ badDebtBeforeUsd: before, badDebtAfterUsd: after, badDebtReleveredUsd: relevered },
    ...{ savedUsd: saved, savedIntervalUsd: savedInterval },
    badDebtAtOldCapUsd: badDebtAtCapsUsd?.before ?? null,
    badDebtAtNewCapUsd: badDebtAtCapsUsd?.after ?? null,
  }
}

export const parameterRecommendationsTopic: Topic = {
  typeDefs: SDL,
  resolvers: {
    Query: { parameterRecommendations },
    ParameterRecommendations: {
      unpriced: ({ unpriced }: RecommendResult, { limit }: { limit: number }) =>
        unpriced.slice(0, Math.min(limit, MAX_ROWS)),
    },
  },
}
