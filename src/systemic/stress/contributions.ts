/**
 * What single positions and parameters contribute: expected bad debt with them less without, over the same draws, so that
 * what they do to everybody else through prices is counted too. Exact for those that are tried; which are tried,
 * candidates.ts says. In a large book fewer draws are taken, the first of all, and the result says how many.
 */
import { mean } from '../../math/statistics'
import type { Book } from '../book'
import { type Candidates, candidatesOf } from './candidates'
import { marketLabel, poolLabel, shortId } from './parts'
import type { Contribution } from './types'
import { withoutPosition, withTighterThreshold } from './variants'

const MOST_POSITIONS = 10
const MOST_MARKETS = 5
/** Position-draws that all contributions together may cost: some seconds. */
const MOST_WORK = 5_000_000
const LEAST_DRAWS = 50

export interface ContributionInput {
  book: Book
  /** Bad debt of the chosen markets, one a draw. */
  badDebtUsd: Float64Array
  /** Bad debt of each position, summed over the draws. */
  lostUsd: Float64Array
  /** Bad debt of the chosen markets in the first `draws` draws of another book; yields draws done. */
  run(variant: Book, draws: number): Generator<number, Float64Array>
}

export interface Contributions {
  positions: Contribution[]
  parameters: Contribution[]
  draws: number
}

/** Who is tried, over how many draws, and how many draws that makes all together. */
export interface ContributionPlan {
  tried: Candidates
  draws: number
  work: number
}

export function planContributions({
  book,
  lostUsd,
  badDebtUsd,
}: Omit<ContributionInput, 'run'>): ContributionPlan {
  const tried = candidatesOf(book, lostUsd, { positions: MOST_POSITIONS, markets: MOST_MARKETS })
  const count = tried.positions.length + tried.markets.length
  const affordable = Math.floor(MOST_WORK / (Math.max(1, count) * book.positions.pool.length))
  const draws = Math.min(badDebtUsd.length, Math.max(LEAST_DRAWS, affordable))
  return { tried, draws, work: count * draws }
}

/** What is tried: a book without a position, or with a tighter threshold. */
export type Trial = { position: number } | { market: number }

/** In the order in which they are tried. */
export function trialsOf({ tried }: ContributionPlan): Trial[] {
  return [
    ...tried.positions.map((position) => ({ position })),
    ...tried.markets.map((market) => ({ market })),
  ]
}

export function variantOf(book: Book, trial: Trial): Book {
  return 'position' in trial
    ? withoutPosition(book, trial.position)
    : withTighterThreshold(book, trial.market)
}

/** Tries the candidates one by one; yields the draws done since it last yielded. */
export function* contributionsOf(
  input: ContributionInput,
  plan: ContributionPlan,
): Generator<number, Contributions> {
  const badDebts: Float64Array[] = []
  for (const trial of trialsOf(plan))
    badDebts.push(yield* input.run(variantOf(input.book, trial), plan.draws))
  return contributionsFrom(input, plan, badDebts)
}

/** @param badDebts of each trial's draws, in the order of the trials */
export function contributionsFrom(
  { book, badDebtUsd }: Omit<ContributionInput, 'run'>,
  plan: ContributionPlan,
  badDebts: readonly Float64Array[],
): Contributions {
  const whole = mean(badDebtUsd.subarray(0, plan.draws))
  const found: Omit<Contributions, 'draws'> = { positions: [], parameters: [] }
  trialsOf(plan).forEach((trial, k) => {
    const marginalBadDebtUsd = whole - mean(badDebts[k]!)
    if ('position' in trial)
      found.positions.push({ ...positionNames(book, trial.position), marginalBadDebtUsd })
    else found.parameters.push({ ...thresholdNames(book, trial.market), marginalBadDebtUsd })
  })
  return { positions: mostFirst(found.positions), parameters: mostFirst(found.parameters), draws: plan.draws }
}

function thresholdNames(book: Book, m: number): { id: string; label: string } {
  return {
    id: `${book.markets[m]!.id}.threshold`,
    label: `threshold of ${marketLabel(book, m)}, a point tighter`,
  }
}

function positionNames(book: Book, i: number): { id: string; label: string } {
  const [account, pool] = [book.positions.accountIds[i]!, book.positions.pool[i]!]
  const { id } = book.pools[pool]!
  return {
    id: `${account}:${id.slice(id.indexOf(':') + 1)}`,
    label: `${shortId(account)} in ${poolLabel(book, pool)}`,
  }
}

function mostFirst(list: Contribution[]): Contribution[] {
  return list.sort((a, b) => b.marginalBadDebtUsd - a.marginalBadDebtUsd || (a.id < b.id ? -1 : 1))
}
