/**
 * The standing risk of a lending book: what it would lose in a handful of scenarios that are always the same, so that two
 * blocks, or two days, can be compared; how concentrated it is; and whose failure takes most with it (DebtRank). Each
 * scenario is a small stress test of the whole book. Pure.
 */

import { PlimsollError } from '../errors'
import type { AsOfChains, Book, Unpriced } from './book'
import type { Concentration, ExposureGraph, ExposureNode, ExposureTotals } from './exposure/types'
import type { FactorHistory } from './scenarios/history'
import { runStress } from './stress/run'
import type { StressResult } from './stress/types'

/** Named shocks, of which the first draw is the shock itself, and one day with heavy tails. */
export const STANDING_SCENARIOS = ['eth-30', 'eth-50', 'btc-30', 'all-30', 'depeg-usdc', 'student-t'] as const

const DRAWS = 200
const MOST_IMPORTANT = 50
const STANDING = { scenarios: DRAWS, seed: 1, levels: [0.95, 0.99], gasUsd: 10, exit: 'pool' } as const

export type StandingScenario = Pick<
  StressResult,
  'expectedUnhealthy' | 'mostUnhealthy' | 'total' | 'byMarket' | 'byProtocol' | 'contagion' | 'settledShare'
> & { scenario: string; about: string; fittedFrom: string }

export interface SystemicRisk {
  asOf: AsOfChains
  positions: number
  debtUsd: number
  collateralUsd: number
  /** Bad debt at the blocks' own prices; every scenario's figures include it. */
  presentBadDebtUsd: number
  scenarios: readonly StandingScenario[]
  /** Standing scenarios that this book cannot have, and why: a depeg of a token that nobody holds. */
  skipped: readonly { scenario: string; reason: string }[]
  /** What lies in all venues, exchange pools included, and how much of it is counted more than once. */
  exposure: ExposureTotals
  /** Over everything and by protocol, then the markets with most debt. */
  concentration: readonly Concentration[]
  /** Nodes of the exposure graph whose failure costs others most, most first; empty where debtRankMissing says why. */
  important: readonly ExposureNode[]
  debtRankMissing: string | null
  unpriced: readonly Unpriced[]
  withheld: readonly { reason: string; positions: number }[]
}

export interface SystemicRiskContext {
  /** Of the same blocks. */
  exposure: ExposureGraph
  /** Called now and then; ends the whole by throwing. */
  checkpoint: () => void
  /** Prices to fit scenarios from; without it, and where it is too short, committed figures. */
  history?: FactorHistory
}

/** Runs the standing scenarios. */
export function systemicRisk(
  book: Book,
  { exposure, checkpoint, history }: SystemicRiskContext,
): SystemicRisk {
  const scenarios: StandingScenario[] = []
  const skipped: { scenario: string; reason: string }[] = []
  const { asOf, unpriced, withheld } = book
  let sides = { positions: 0, debtUsd: 0, collateralUsd: 0, presentBadDebtUsd: 0 }
  for (const scenario of STANDING_SCENARIOS) {
    checkpoint()
    const result = standing(book, { ...STANDING, scenario }, { onProgress: checkpoint, history })
    if ('reason' in result) {
      skipped.push({ scenario, reason: result.reason })
      continue
    }
    const { positions, debtUsd, collateralUsd, presentBadDebtUsd } = result
    sides = { positions, debtUsd, collateralUsd, presentBadDebtUsd }
    const { expectedUnhealthy, mostUnhealthy, total, byMarket, byProtocol, contagion, settledShare } = result
    const { about, fittedFrom } = result.scenario
    scenarios.push({
      ...{ scenario, about, fittedFrom, expectedUnhealthy, mostUnhealthy },
      ...{ total, byMarket, byProtocol, contagion, settledShare },
    })
  }
  const { totals, concentration, debtRankMissing } = exposure
  return {
    ...{ asOf, ...sides, scenarios, skipped, unpriced, withheld },
    ...{ exposure: totals, concentration, important: mostImportant(exposure), debtRankMissing },
  }
}

/** Accounts that are no node of their own fail together nowhere but in the graph, and are left out. */
function mostImportant({ nodes }: ExposureGraph): ExposureNode[] {
  return nodes
    .filter(({ id, debtRank }) => debtRank !== null && debtRank > 0 && !id.startsWith('others:'))
    .sort((a, b) => b.debtRank! - a.debtRank! || (a.id < b.id ? -1 : 1))
    .slice(0, MOST_IMPORTANT)
}

function standing(...run: Parameters<typeof runStress>): StressResult | { reason: string } {
  try {
    return runStress(...run)
  } catch (error) {
    // A fault of the input is one of this scenario over this book; anything else is ours.
    if (error instanceof PlimsollError && error.exitCode === 2) return { reason: error.message }
    throw error
  }
}
