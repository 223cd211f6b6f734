/** Every number a recommendation rests on beside the book and the scenarios, in one place; docs/recommendations.md says why. */
import { badInput, numberAt } from '../network'
import type { Behaviour } from './types'

export interface RecommendSettings {
  seed: number
  behaviour: Behaviour
  /** Markets to judge, most debt first. */
  maxMarkets: number
  /** Spirals a market may cost. */
  maxEvaluations: number
  /** Level of intervals over scenarios. */
  confidence: number
  /** Level at which caps, gaps and the kink are set. */
  tailLevel: number
  /** Hours from a position's first unhealthy block to its liquidation, and hours that a scenario spans. */
  delayHours: number
  horizonHours: number
  /** Least part of the threshold that the LTV stays below it. */
  leastGap: number
  /** threshold · bonus stays at or below it. */
  mostToxicity: number
  /** Least that a liquidator gets for one repaid: what running a liquidator costs. */
  leastBonus: number
  /** Part of its borrowing power that a market may lose. */
  mostPowerLost: number
  /** Debt that a change may make liquidatable at once, as a part of the debt on the market. */
  mostForced: number
  /** How much more may be liquidated in expectation, as a part of what is now. */
  mostMoreLiquidated: number
  /** Part of a market's debt that is repaid within days when the yearly rate rises by 1. Assumed. */
  repaidPerUnitRate: number
}

export const DEFAULT_SETTINGS: RecommendSettings = {
  seed: 1,
  behaviour: 'unchanged',
  maxMarkets: 10,
  maxEvaluations: 60,
  confidence: 0.95,
  tailLevel: 0.99,
  delayHours: 1,
  horizonHours: 24,
  leastGap: 0.02,
  mostToxicity: 0.99,
  leastBonus: 1.03,
  mostPowerLost: 0.05,
  mostForced: 0.005,
  mostMoreLiquidated: 0.1,
  repaidPerUnitRate: 0.2,
}

const MOST_MARKETS = 200
const MOST_EVALUATIONS = 1_000

/** Settings with defaults for what is left out. Throws PlimsollError naming one that cannot be. */
export function checkedSettings(given: Partial<RecommendSettings> = {}): RecommendSettings {
  const settings = { ...DEFAULT_SETTINGS, ...given }
  const { behaviour } = settings
  if (behaviour !== 'unchanged' && behaviour !== 'relevered')
    throw badInput(`behaviour is ${String(behaviour)}: it must be unchanged or relevered`)
  for (const name of ['maxMarkets', 'maxEvaluations'] as const)
    if (!Number.isInteger(settings[name])) throw badInput(`${name} is ${settings[name]}, not a whole number`)
  numberAt(settings.seed, 'seed')
  numberAt(settings.maxMarkets, 'maxMarkets', { least: 1, most: MOST_MARKETS })
  numberAt(settings.maxEvaluations, 'maxEvaluations', { least: 8, most: MOST_EVALUATIONS })
  for (const name of ['confidence', 'tailLevel'] as const)
    numberAt(settings[name], name, { least: 0.5, most: 0.9999 })
  numberAt(settings.delayHours, 'delayHours', { least: 0 })
  if (!(numberAt(settings.horizonHours, 'horizonHours', { least: 0 }) > 0))
    throw badInput('horizonHours is 0')
  for (const name of ['leastGap', 'mostToxicity', 'mostPowerLost', 'mostForced'] as const)
    numberAt(settings[name], name, { least: 0, most: 1 })
  numberAt(settings.leastBonus, 'leastBonus', { least: 1, most: 2 })
  numberAt(settings.mostMoreLiquidated, 'mostMoreLiquidated', { least: 0 })
  if (!(numberAt(settings.repaidPerUnitRate, 'repaidPerUnitRate', { least: 0 }) > 0))
    throw badInput('repaidPerUnitRate is 0: then no rate could bring a market back below its kink')
  return settings
}
