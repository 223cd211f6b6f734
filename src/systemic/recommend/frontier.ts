/**
 * What safety costs: terms between much tighter and somewhat looser than today's, with the bad debt and the borrowing power
 * of each. LTV and threshold move together, the bonus as far as toxicity asks. Bad debt is that of borrowers who use new
 * room as they used the old (`relevered`), because nobody loses anything by a promise that nobody takes up; that of
 * unchanged borrowers is shown beside it.
 */

import { mean } from '../../math/statistics'
import { type Candidate, isSpent, lossesUnder, type Study, shaped } from './candidate'
import type { Terms } from './parameters'
import { marketPowerUsd, termChecks } from './rules'
import type { FrontierPoint } from './types'

/** Of today's threshold and LTV. */
const SCALES = [0.7, 0.8, 0.88, 0.94, 0.98, 1.02, 1.05]
const MOST_THRESHOLD = 0.97

/** Points by rising borrowing power; all but today's and the recommended one are on the frontier. */
export function frontierOf(
  study: Study,
  prices: Float64Array,
  { recommended }: { recommended: Candidate | undefined },
): FrontierPoint[] {
  const { current } = study
  const terms = [
    current,
    ...(recommended ? [recommended.terms] : []),
    ...SCALES.map((scale) => scaled(study, scale)),
  ]
  const points: FrontierPoint[] = []
  for (const one of terms) {
    const isKnown = points.some((point) => isSame(point, one))
    const isSound = termChecks(one, study.bounds, study.freedom, study.settings).every(({ passed }) => passed)
    const isMust = one === current || one === recommended?.terms
    if (isKnown || (!isMust && (!isSound || isSpent(study)))) continue
    points.push(pointOf(study, one, prices, one === recommended?.terms))
  }
  return markDominated(points)
    .filter(({ isDominated, isCurrent, isRecommended }) => !isDominated || isCurrent || isRecommended)
    .sort((a, b) => a.borrowingPowerUsd - b.borrowingPowerUsd || a.threshold - b.threshold)
}

function scaled(study: Study, scale: number): Terms {
  const { current, settings, bounds } = study
  const threshold = Math.min(MOST_THRESHOLD, current.threshold * scale)
  const bonus = Math.max(bounds.leastBonus, Math.min(current.bonus, settings.mostToxicity / threshold))
  // `shaped` holds the LTV at today's: here it may rise with the threshold, as far as the gap lets it.
  const free = { ...study, current: { ...current, ltv: 1 } }
  return shaped({ threshold, bonus, ltv: current.ltv * scale }, free)
}

function isSame(a: Terms, b: Terms): boolean {
  return a.threshold === b.threshold && a.ltv === b.ltv && a.bonus === b.bonus
}

function pointOf(study: Study, terms: Terms, prices: Float64Array, isRecommended: boolean): FrontierPoint {
  const isCurrent = isSame(terms, study.current)
  const under = (behaviour: 'unchanged' | 'relevered') =>
    mean(lossesUnder(study, terms, prices, behaviour).badDebtUsd)
  const unchanged = under('unchanged')
  return {
    ...terms,
    borrowingPowerUsd: marketPowerUsd(study.book, study.market, terms.ltv),
    expectedBadDebtUsd: { unchanged, relevered: isCurrent ? unchanged : under('relevered') },
    ...{ isCurrent, isRecommended, isDominated: false },
  }
}

/** Marks each point that another one beats in power without losing more, or in losses without having less power. */
export function markDominated(points: readonly FrontierPoint[]): FrontierPoint[] {
  const loss = (point: FrontierPoint) => point.expectedBadDebtUsd.relevered
  const beats = (a: FrontierPoint, b: FrontierPoint) =>
    a.borrowingPowerUsd >= b.borrowingPowerUsd &&
    loss(a) <= loss(b) &&
    (a.borrowingPowerUsd > b.borrowingPowerUsd || loss(a) < loss(b))
  return points.map((point) => ({ ...point, isDominated: points.some((other) => beats(other, point)) }))
}
