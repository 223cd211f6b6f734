/**
 * What single positions and parameters contribute: expected bad debt with them less without, over the same draws, so that
 * what they do to everybody else through prices is counted too. Exact for those that are tried; which are tried,
 * candidates.ts says. In a large book fewer draws are taken, the first of all, and the result says how many.
 */
import { mean } from '../../math/statistics'
import type { Book } from '../book'
import { type Candidates, candidatesOf } from './candidates'
import { marketLabel, shortId } from './parts'
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

/** Tries the candidates one by one; yields the draws done since it last yielded. */
export function* contributionsOf(
  input: ContributionInput,
  { tried, draws }: ContributionPlan,
): Generator<number, Contributions> {
  const { book, badDebtUsd } = input
  const whole = mean(badDebtUsd.subarray(0, draws))
  const positions: Contribution[] = []
  for (const i of tried.positions) {
    const without = mean(yield* input.run(withoutPosition(book, i), draws))
    positions.push({ ...positionNames(book, i), marginalBadDebtUsd: whole - without })
  }
  const parameters: Contribution[] = []
  for (const m of tried.markets) {
    const without = mean(yield* input.run(withTighterThreshold(book, m), draws))
    const id = `${book.markets[m]!.id}.threshold`
    const label = `threshold of ${marketLabel(book, m)}, a point tighter`
    parameters.push({ id, label, marginalBadDebtUsd: whole - without })
  }
  return { positions: mostFirst(positions), parameters: mostFirst(parameters), draws }
}

function positionNames({ positions, pools }: Book, i: number): { id: string; label: string } {
  const [account, pool] = [positions.accountIds[i]!, pools[positions.pool[i]!]!]
  const own = pool.id.slice(pool.id.indexOf(':') + 1)
  return { id: `${account}:${own}`, label: `${shortId(account)} in ${pool.protocol} ${shortId(pool.id)}` }
}

function mostFirst(list: Contribution[]): Contribution[] {
  return list.sort((a, b) => b.marginalBadDebtUsd - a.marginalBadDebtUsd || (a.id < b.id ? -1 : 1))
}
