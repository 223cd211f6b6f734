/**
 * The standing risk of a lending book: what it would lose in a handful of scenarios that are always the same, so that two
 * blocks, or two days, can be compared. Each scenario is a small stress test of the whole book. Pure.
 */

import { PlimsollError } from '../errors'
import type { AsOfChains, Book, Unpriced } from './book'
import type { FactorHistory } from './scenarios/history'
import { runStress } from './stress/run'
import type { StressResult } from './stress/types'

/** Named shocks, of which the first draw is the shock itself, and one day with heavy tails. */
export const STANDING_SCENARIOS = ['eth-30', 'eth-50', 'btc-30', 'all-30', 'depeg-usdc', 'student-t'] as const

const DRAWS = 200
const STANDING = { scenarios: DRAWS, seed: 1, levels: [0.95, 0.99], gasUsd: 10, exit: 'pool' } as const

export type StandingScenario = Pick<
  StressResult,
  'total' | 'byMarket' | 'byProtocol' | 'contagion' | 'settledShare'
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
  unpriced: readonly Unpriced[]
  withheld: readonly { reason: string; positions: number }[]
}

/**
 * Runs the standing scenarios. `checkpoint` is called now and then, and ends the whole by throwing.
 * @param history prices to fit scenarios from; without it, and where it is too short, committed figures
 */
export function systemicRisk(book: Book, checkpoint: () => void, history?: FactorHistory): SystemicRisk {
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
    const { total, byMarket, byProtocol, contagion, settledShare } = result
    const { about, fittedFrom } = result.scenario
    scenarios.push({ scenario, about, fittedFrom, total, byMarket, byProtocol, contagion, settledShare })
  }
  return { asOf, ...sides, scenarios, skipped, unpriced, withheld }
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
