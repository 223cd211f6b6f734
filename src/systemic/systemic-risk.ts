/**
 * The standing risk of a lending book: what it would lose in a handful of scenarios that are always the same, so that two
 * blocks, or two days, can be compared. Each scenario is a small stress test of the whole book. Pure.
 */
import type { AsOfChains, Book, Unpriced } from './book'
import type { StressRequest, StressResult } from './stress/types'

/** Named shocks, of which the first draw is the shock itself, and one day with heavy tails. */
export const STANDING_SCENARIOS = ['eth-30', 'eth-50', 'btc-30', 'all-30', 'depeg-usdc', 'student-t'] as const

const DRAWS = 200
const STANDING = { scenarios: DRAWS, seed: 1, levels: [0.95, 0.99], gasUsd: 5, exit: 'pool' } as const

export type StandingScenario = Pick<
  StressResult,
  'total' | 'byMarket' | 'byProtocol' | 'contagion' | 'settledShare'
> & { scenario: string; about: string }

export interface SystemicRisk {
  asOf: AsOfChains
  positions: number
  debtUsd: number
  collateralUsd: number
  scenarios: readonly StandingScenario[]
  /** Standing scenarios that this book cannot have, and why: a depeg of a token that nobody holds. */
  skipped: readonly { scenario: string; reason: string }[]
  unpriced: readonly Unpriced[]
  withheld: readonly { reason: string; positions: number }[]
}
