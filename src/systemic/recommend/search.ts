/**
 * The terms with the least expected bad debt that keep every rule: one coordinate after the other on a grid around the best
 * so far, coarse steps first. All candidates run over the same scenarios, so that luck does not tell them apart. In the end
 * each change that brings next to nothing is taken back: what is proposed is what matters.
 *
 * A threshold is never raised. In a scenario that ends where it ends, liquidating later can look cheaper, because less bonus
 * is paid; what a price that keeps falling would cost is just what such a scenario does not show.
 */
import { type Candidate, candidateOf, isBetter, isSpent, type Study, sameLossUsd, shaped } from './candidate'
import type { Terms } from './parameters'

/** Steps of threshold, LTV and bonus; a grid reaches REACH of them to both sides. */
const STEPS: readonly Terms[] = [
  { threshold: 0.02, ltv: 0.02, bonus: 0.02 },
  { threshold: 0.005, ltv: 0.005, bonus: 0.005 },
]
const REACH = 3
const MOST_PASSES = 3
/** Part of the gain that a single change must bring. */
const LEAST_PART = 0.05

export interface SearchResult {
  now: Candidate
  best: Candidate
}

/** Searches on `prices`. The result's best is the market as it is where nothing is better. */
export function searchTerms(study: Study, prices: Float64Array): SearchResult {
  const now = candidateOf(study, study.current, prices)
  const tolerance = sameLossUsd(now)
  const tried = new Map<string, Candidate>([[keyOf(now.terms), now]])
  let best = now
  const attempt = (terms: Terms): Candidate | undefined => {
    if (!(terms.threshold > 0 && terms.threshold <= study.current.threshold)) return undefined
    if (!(terms.bonus >= 1) || terms.ltv < 0) return undefined
    const known = tried.get(keyOf(terms))
    if (known !== undefined || isSpent(study)) return known
    const candidate = candidateOf(study, terms, prices, now)
    tried.set(keyOf(terms), candidate)
    if (isBetter(candidate, best, tolerance)) best = candidate
    return candidate
  }
  for (const terms of repairs(study)) attempt(terms)
  for (const step of STEPS)
    for (let pass = 0; pass < MOST_PASSES; pass++) {
      const before = best
      for (const name of coordinates(study))
        for (const terms of line(study, best.terms, name, step[name])) attempt(terms)
      if (best === before) break
    }
  return { now, best: withoutTrifles(study, { now, best }, attempt) }
}

function keyOf({ threshold, bonus, ltv }: Terms): string {
  return [threshold, bonus, ltv].map((value) => Math.round(value * 1e6)).join(' ')
}

/** What may move: without a pool nothing says what a bonus must pay for, and without new loans the LTV changes nothing. */
function coordinates({ freedom, bounds, settings, current }: Study): (keyof Terms)[] {
  return [
    'threshold',
    ...(freedom.bonus === 'own' && bounds.knowsDepth ? (['bonus'] as const) : []),
    ...(freedom.hasOwnLtv && settings.behaviour === 'relevered' && current.ltv > 0 ? (['ltv'] as const) : []),
  ]
}

function line(study: Study, from: Terms, name: keyof Terms, step: number): Terms[] {
  const offsets = Array.from({ length: 2 * REACH + 1 }, (_, k) => k - REACH).filter((k) => k !== 0)
  // A threshold that comes back up lets the LTV come back with it.
  const ltv = study.settings.behaviour === 'unchanged' ? study.current.ltv : from.ltv
  return offsets.map((k) =>
    shaped({ ...from, ltv, [name]: (name === 'ltv' ? ltv : from[name]) + k * step }, study),
  )
}

/** Terms that mend what breaks a rule today: the bonus first, because a lower one liquidates nobody. */
function repairs(study: Study): Terms[] {
  const { current, bounds, settings, freedom } = study
  const mended = shaped(current, study)
  if (current.threshold * current.bonus <= settings.mostToxicity) return [mended]
  if (freedom.bonus !== 'own')
    return [mended, shaped({ ...current, threshold: settings.mostToxicity / current.bonus }, study)]
  const sound = settings.mostToxicity / current.threshold
  const least = bounds.leastBonus
  return [
    mended,
    ...(sound >= least ? [shaped({ ...current, bonus: sound }, study)] : []),
    shaped(
      { ...current, bonus: least, threshold: Math.min(current.threshold, settings.mostToxicity / least) },
      study,
    ),
  ]
}

function withoutTrifles(
  study: Study,
  { now, best }: SearchResult,
  attempt: (terms: Terms) => Candidate | undefined,
): Candidate {
  let kept = best
  const trifleUsd = Math.max(sameLossUsd(now), LEAST_PART * (now.badDebtUsd - best.badDebtUsd))
  for (const name of ['bonus', 'threshold', 'ltv'] as const) {
    if (kept.terms[name] === study.current[name]) continue
    const candidate = attempt(shaped({ ...kept.terms, [name]: study.current[name] }, study))
    if (candidate === undefined || candidate === kept || candidate.faults > kept.faults) continue
    if (candidate.badDebtUsd - kept.badDebtUsd <= trifleUsd) kept = candidate
  }
  return kept
}
