/**
 * The figures of `illicit`, all from margins of accounts that the judged fold's forests did not learn from. A fold's
 * calibration and F1 threshold come from the out-of-fold margins of the nine others.
 */
import {
  bestF1Threshold,
  bootstrapInterval,
  f1At,
  pickScored,
  rocAuc,
  type Scored,
} from '../../math/statistics'
import { type BoostOptions, trainBoost } from '../learn/boost'
import { fitPlatt, type Measured, measure, selectRows } from '../learn/evaluate'
import { forestMargins } from '../learn/forest'
import { illicitCohorts } from './audit'
import type { Accounts } from './dataset'
import { redefine } from './drift'
import { names, WIDTH, withoutTokens } from './groups'
import { seed } from './parts'

/** Out-of-fold margins of every account. */
export type Judged = {
  full: Float64Array
  plain: Float64Array
  rawTrees: Float64Array
  /** Per group: margins of both parts when that group is missing from every judged row. */
  missing: Record<string, Float64Array>
}

/** Calibrated probability and call of each row, both learnt from the other folds' out-of-fold margins. */
function spoken(
  margins: Float64Array,
  labels: Uint8Array,
  fold: Uint8Array,
): { probability: Scored; call: Scored } {
  const probabilities = new Float64Array(margins.length)
  const calls = new Float64Array(margins.length)
  for (const k of new Set(fold)) {
    const others = [...fold.keys()].filter((i) => fold[i] !== k)
    const theirs = {
      scores: others.map((i) => margins[i]!),
      labels: Uint8Array.from(others, (i) => labels[i]!),
    }
    const { slope, intercept } = fitPlatt(theirs.scores, theirs.labels)
    const threshold = bestF1Threshold(theirs)
    margins.forEach((margin, i) => {
      if (fold[i] !== k) return
      probabilities[i] = 1 / (1 + Math.exp(-(slope * margin + intercept)))
      calls[i] = margin >= threshold ? 1 : 0
    })
  }
  return { probability: { scores: probabilities, labels }, call: { scores: calls, labels } }
}

/** Every figure of the out-of-fold margins, and the bias audit. */
export function outOfFoldFigures(
  accounts: Accounts,
  { judged, fold, draws }: { judged: Judged; fold: Uint8Array; draws: number },
) {
  const { labels } = accounts
  const clusters = [...labels.keys()]
  const all = (margins: Float64Array) => {
    const { probability, call } = spoken(margins, labels, fold)
    const f1 = (s: Scored) => f1At(s, 0.5)
    const interval = bootstrapInterval({
      clusters,
      draws,
      seed,
      statistic: (rows) => f1(pickScored(call, rows)),
    })
    return {
      ...measure(probability, { clusters, draws, seed }),
      f1: { value: f1(call), ...interval } as Measured,
    }
  }
  const short = (margins: Float64Array) => {
    const { auc, ap, f1 } = all(margins)
    return { auc, ap, f1 }
  }
  return {
    metrics: all(judged.full),
    candidates: {
      plainColumnsOnly: all(judged.plain),
      rawTreesPlainColumnsOnly: short(judged.rawTrees),
    },
    // Accounts of which no copies are in the set, so that no wallet of one entity is judged by its siblings.
    withoutCopiesAuc: {
      full: aucWithoutCopies(accounts, judged.full),
      plain: aucWithoutCopies(accounts, judged.plain),
      rawTrees: aucWithoutCopies(accounts, judged.rawTrees),
    },
    missingGroupAuc: Object.fromEntries(
      Object.entries(judged.missing).map(([group, scores]) => [group, rocAuc({ scores, labels })]),
    ),
    baselines: { oneFeature: bestSingleFeature(accounts, { draws }) },
    cohorts: illicitCohorts(accounts, probabilities(judged, labels, fold)),
  }
}

/** Calibrated out-of-fold probabilities of both parts. */
export function probabilities({ full, plain }: Judged, labels: Uint8Array, fold: Uint8Array) {
  return {
    full: spoken(full, labels, fold).probability,
    plain: spoken(plain, labels, fold).probability,
  }
}

function aucWithoutCopies({ labels, weights }: Accounts, margins: Float64Array): number {
  const own = Int32Array.from(labels, (_, i) => i).filter((i) => weights[i] === 1)
  return rocAuc(pickScored({ scores: margins, labels }, own))
}

/** The best that a single column can do, its direction chosen with hindsight in its favour. */
function bestSingleFeature({ rows, labels }: Accounts, { draws }: { draws: number }) {
  const candidates = names.map((feature, f) => {
    const column = Float64Array.from(labels, (_, r) => rows[r * WIDTH + f]!)
    const auc = rocAuc({ scores: column, labels })
    return { feature, auc: Math.max(auc, 1 - auc), scores: auc < 0.5 ? column.map((x) => -x) : column }
  })
  const best = candidates.reduce((a, b) => (b.auc > a.auc ? b : a))
  const { auc, ap } = measure({ scores: best.scores, labels }, { clusters: [...labels.keys()], draws, seed })
  return { feature: best.feature, auc, ap }
}

/** Can trees tell the folds apart (they must not), and the made-up collectors from this one (they may)? */
export function adversarialFigures({ rows, labels }: Accounts, fold: Uint8Array, like: BoostOptions) {
  const options: BoostOptions = { ...like, rounds: Math.min(like.rounds, 60), maxDepth: 4 }
  const tell = (all: Float32Array, side: Uint8Array, half: (i: number) => boolean) => {
    const set = { rows: all, labels: side }
    const test = selectRows(set, WIDTH, (i) => !half(i))
    const { forest } = trainBoost(selectRows(set, WIDTH, half), options)
    return rocAuc({ scores: forestMargins(forest, test.rows), labels: test.labels })
  }
  const half = Math.ceil(new Set(fold).size / 2)
  const doubled = new Float32Array(rows.length * 2)
  doubled.set(withoutTokens(rows))
  doubled.set(redefine(rows, 100), rows.length)
  const side = Uint8Array.from({ length: labels.length * 2 }, (_, i) => (i < labels.length ? 0 : 1))
  return {
    foldsAuc: tell(
      withoutTokens(rows),
      Uint8Array.from(fold, (k) => (k < half ? 1 : 0)),
      (i) => i % 2 === 0,
    ),
    redefinedAuc: tell(doubled, side, (i) => i % labels.length < labels.length / 2),
  }
}
