/** How well a prediction agrees with what happened: hits, amounts and order, each with its N. Pure. */
import { kendallTau } from '../../math/kendall'
import { rankCorrelation } from '../../math/rank-correlation'
import { shareInterval } from '../../math/share-interval'
import { type Interval, seededRandom } from '../../math/statistics'
import { badInput } from '../network'

export interface HitAgreement {
  predicted: number
  happened: number
  both: number
  /** null where nothing was predicted, or nothing happened. */
  precision: number | null
  recall: number | null
  precisionInterval: Interval
  recallInterval: Interval
}

/** Precision and recall of a set against another, with Wilson's 95 % intervals. */
export function hitAgreement(predicted: ReadonlySet<string>, happened: ReadonlySet<string>): HitAgreement {
  const both = [...predicted].filter((id) => happened.has(id)).length
  return agreementOf({ predicted: predicted.size, happened: happened.size, both })
}

/** The same from counts. */
export function agreementOf({
  predicted,
  happened,
  both,
}: {
  predicted: number
  happened: number
  both: number
}): HitAgreement {
  return {
    ...{ predicted, happened, both },
    precision: predicted === 0 ? null : both / predicted,
    recall: happened === 0 ? null : both / happened,
    precisionInterval: shareInterval(both, predicted),
    recallInterval: shareInterval(both, happened),
  }
}

export interface AmountAgreement {
  n: number
  predicted: number
  happened: number
  /** Σ |predicted − happened|. */
  absoluteError: number
  /** Spearman's ρ; NaN where it is not defined. */
  rankCorrelation: number
}

/** Sums, absolute error and rank correlation of amounts that stand side by side. */
export function amountAgreement(predicted: readonly number[], happened: readonly number[]): AmountAgreement {
  if (predicted.length !== happened.length)
    throw badInput(`${predicted.length} predicted amounts stand beside ${happened.length} that happened`)
  const sum = (list: readonly number[]) => list.reduce((total, x) => total + x, 0)
  return {
    n: predicted.length,
    predicted: sum(predicted),
    happened: sum(happened),
    absoluteError: sum(predicted.map((x, i) => Math.abs(x - happened[i]!))),
    rankCorrelation: predicted.length < 2 ? Number.NaN : rankCorrelation(predicted, happened),
  }
}

export interface OrderAgreement {
  n: number
  tau: number
  /** Share of random orders that agree at least as well, of 9,999 drawn and the one observed. */
  pValue: number
}

const SHUFFLES = 9_999

/** Kendall's τ-b of two orders (smaller is earlier, Infinity is never) and its one-sided permutation p-value. */
export function orderAgreement(
  predicted: readonly number[],
  happened: readonly number[],
  seed: number,
): OrderAgreement {
  const tau = kendallTau(predicted, happened)
  const n = predicted.length
  if (Number.isNaN(tau)) return { n, tau, pValue: Number.NaN }
  const random = seededRandom(seed)
  const shuffled = [...happened]
  let asGood = 1
  for (let draw = 0; draw < SHUFFLES; draw++) {
    for (let i = n - 1; i > 0; i--) {
      const j = Math.floor(random() * (i + 1))
      ;[shuffled[i], shuffled[j]] = [shuffled[j]!, shuffled[i]!]
    }
    if (kendallTau(predicted, shuffled) >= tau - 1e-12) asGood++
  }
  return { n, tau, pValue: asGood / (SHUFFLES + 1) }
}
