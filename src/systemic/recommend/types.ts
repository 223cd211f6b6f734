/** What recommendations are asked for and what they answer. Money is US dollars, shares 0 … 1, rates a year. */
import type { Interval } from '../../math/statistics'
import type { AsOfChains, Book } from '../book'
import type { KinkedCurve } from '../rules/interest'

/** What a market gives and asks; null where it has none or it is unknown. Caps in whole tokens. */
export interface Parameters {
  ltv: number | null
  threshold: number | null
  bonus: number | null
  supplyCap: number | null
  borrowCap: number | null
}

export type ParameterName = keyof Parameters | 'optimalUtilization' | 'baseRate' | 'slope1' | 'slope2'

/** A market's interest by utilization. Morpho's moves by itself and aims at a fixed utilization. */
export type RateCurve = ({ kind: 'kinked' } & KinkedCurve) | { kind: 'adaptive'; rateAtTarget: number }

/**
 * What borrowers do when parameters change, which nobody knows. `unchanged`: they keep what they hold and owe, and the
 * new threshold applies to it. `relevered`: they use the same part of what they may borrow as before.
 */
export type Behaviour = 'unchanged' | 'relevered'

/** Losses of each scenario over the whole book. */
export interface Losses {
  badDebtUsd: Float64Array
  liquidatedUsd: Float64Array
}

/** Runs every row of a scenarios × assets matrix of prices over a book. */
export type Evaluate = (book: Book, prices: Float64Array) => Losses

export interface Efficiency {
  /** Σ collateral value × LTV over this market's collateral. */
  borrowingPowerUsd: number
  /** Expected value that liquidators repay over the scenarios, whole book. */
  expectedLiquidatedUsd: number
  /** Debt of positions that the change alone makes liquidatable at today's prices. */
  forcedUsd: number
  /** Borrowed over supplied; null where nothing is supplied. */
  utilization: number | null
  /** Utilization · rate · value supplied; null where the curve is unknown. */
  supplierRevenueUsdYear: number | null
}

export interface FrontierPoint {
  ltv: number
  threshold: number
  bonus: number
  borrowingPowerUsd: number
  /** Over all scenarios, whole book. The frontier is of the `relevered` figure. */
  expectedBadDebtUsd: Readonly<Record<Behaviour, number>>
  isCurrent: boolean
  isRecommended: boolean
  /** Another point has more borrowing power and no more bad debt; only the current and the recommended one may be. */
  isDominated: boolean
}

export interface Check {
  name: string
  passed: boolean
  detail: string
}

export interface ParameterChange {
  parameter: ParameterName
  from: number | null
  to: number
  /** What one round of the rails allows towards `to`. */
  firstStep: number
}

/** Changes that belong together: applied all at once or not at all. */
export interface Bundle {
  /** SHA-256 over market, block and changes. */
  id: string
  marketId: string
  changes: readonly ParameterChange[]
  reason: string
  expectedBadDebtUsd: {
    before: number
    after: number
    relevered: number
    saved: number
    savedInterval: Interval
  }
  /** With the market grown to its cap: to the old one (twice its supply where there is none), and to the new one. */
  badDebtAtCapsUsd: { before: number; after: number; savedInterval: Interval } | null
  efficiency: { before: Efficiency; after: Efficiency }
  checks: readonly Check[]
  /** Rounds until every change is done, each within the rails. */
  rounds: number
}

export interface MarketRecommendation {
  marketId: string
  symbol: string
  protocol: string
  poolId: string
  verdict: 'change' | 'keep'
  reason: string
  current: Parameters
  currentCurve: RateCurve | null
  curve: { recommended: RateCurve | null; reason: string }
  frontier: readonly FrontierPoint[]
  bundle: Bundle | null
  /** What could not be judged, and why. */
  unknown: readonly string[]
}

export interface Recommendations {
  asOf: AsOfChains
  scenarios: number
  seed: number
  behaviour: Behaviour
  markets: readonly MarketRecommendation[]
  /** Every bundle applied at once; null where there is none. */
  together: { before: number; after: number; savedInterval: Interval } | null
  /** Spirals run, each over a set of scenarios. */
  evaluations: number
  /** Markets left out because there are more than were asked for, smallest first. */
  omittedMarkets: number
}
