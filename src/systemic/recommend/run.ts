/** A whole run by a scenario's name: draws, recommendations, and the shadow run of each proposed bundle. Pure. */
import type { Book, Unpriced } from '../book'
import { badInput, numberAt } from '../network'
import { scenarioByName } from '../scenarios/catalogue'
import type { FactorHistory } from '../scenarios/history'
import { type Conditions, spiralEvaluator } from './evaluator'
import { recommend } from './recommend'
import { scenarioPrices } from './scenario-prices'
import type { RecommendSettings } from './settings'
import { type ShadowDay, type ShadowRun, shadowRun } from './shadow'
import type { Bundle, MarketRecommendation, RateCurve, Recommendations } from './types'

/** More are refused: every market costs up to maxEvaluations spirals over all of them. */
const MAX_SCENARIOS = 20_000
/** Position × scenario pairs that one spiral may cover. */
const MAX_PAIRS = 200_000_000

export interface RecommendRequest {
  scenario: string
  scenarios: number
  /** Also of the intervals. */
  seed: number
  /** By id; undefined: the markets with most debt. */
  markets?: readonly string[] | undefined
  conditions: Conditions
  settings?: Partial<RecommendSettings>
}

export interface RecommendContext {
  curves?: ReadonlyMap<string, RateCurve>
  /** By chain id, oldest first; a chain without days has no shadow run. */
  days?: ReadonlyMap<number, readonly ShadowDay[]>
  history?: FactorHistory | undefined
  /** Called often; throwing from it ends the run. */
  onProgress?: (done: number, of: number) => void
}

export type MarketResult = MarketRecommendation & { shadow: ShadowRun | null }

export interface RecommendResult extends Omit<Recommendations, 'markets'> {
  scenario: { name: string; about: string; fittedFrom: string }
  positions: number
  markets: readonly MarketResult[]
  unpriced: readonly Unpriced[]
  withheld: Book['withheld']
}

/** Throws PlimsollError on a scenario, market or size that cannot be. */
export function runRecommendations(
  book: Book,
  request: RecommendRequest,
  context: RecommendContext = {},
): RecommendResult {
  const { scenario, scenarios, seed, markets, conditions } = request
  const positions = book.positions.pool.length
  numberAt(scenarios, 'scenarios', { least: 1, most: MAX_SCENARIOS })
  if (!Number.isInteger(scenarios)) throw badInput(`scenarios is ${scenarios}, not a whole number`)
  if (positions === 0)
    throw badInput('the book has no position that owes anything: there is nothing to recommend for')
  if (positions * scenarios > MAX_PAIRS)
    throw badInput(`${positions} positions × ${scenarios} scenarios: too many, at most ${MAX_PAIRS} pairs`)
  const { history, curves, days = new Map<number, readonly ShadowDay[]>(), onProgress } = context
  const set = scenarioByName({ name: scenario, scenarios, seed, assets: book.assets, history })
  let place: [number, number] = [0, 1]
  const evaluate = spiralEvaluator(conditions, () => onProgress?.(...place))
  const result = recommend({
    ...{ book, prices: scenarioPrices(book, set), evaluate, markets },
    settings: { ...request.settings, seed },
    ...(curves && { curves }),
    onProgress: (done, of) => {
      place = [done, of]
    },
  })
  const shadowed = result.markets.map((market) => {
    const chainId = book.pools.find(({ id }) => id === market.poolId)!.chainId
    return { ...market, shadow: shadowOf(market.bundle, days.get(chainId) ?? [], conditions) }
  })
  const { name, about, fittedFrom } = set
  return {
    ...{ ...result, scenario: { name, about, fittedFrom }, positions, markets: shadowed },
    ...{ unpriced: book.unpriced, withheld: book.withheld },
  }
}

/** Null without days, and where the bundle changes nothing that liquidations go by. */
function shadowOf(
  bundle: Bundle | null,
  days: readonly ShadowDay[],
  conditions: Conditions,
): ShadowRun | null {
  if (bundle === null || days.length === 0) return null
  const change: { ltv?: number; threshold?: number; bonus?: number } = {}
  for (const { parameter, to } of bundle.changes)
    if (parameter === 'ltv' || parameter === 'threshold' || parameter === 'bonus') change[parameter] = to
  if (change.threshold === undefined && change.bonus === undefined) return null
  return shadowRun(days, { marketId: bundle.marketId, change, conditions })
}
