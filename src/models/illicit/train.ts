/**
 * Trains `illicit`: two forests (parts.ts) on the cleaned accounts, ten folds for the figures, all rows for the file.
 *
 * Rounds and tree sizes are fixed, so no judged row stops anything. A fold's calibration and F1 threshold come from the
 * out-of-fold margins of the nine others. The shipped forests learn from all rows and are calibrated on all
 * out-of-fold margins. Figures for rows with token columns are `full`'s, for rows without them `plain`'s.
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
import { fitPlatt, type Measured, measure, selectRows, stratifiedFolds } from '../learn/evaluate'
import { type Forest, forestMargins } from '../learn/forest'
import { sigmoidCurve } from '../onnx/curve'
import type { Trained } from '../publish'
import { cohorts, goldenRows } from './audit'
import { coverForest } from './cover'
import type { Accounts } from './dataset'
import { redefine } from './drift'
import { groups, names, placeOf, WIDTH, withoutGroup, withoutTokens } from './groups'
import { mergeForests } from './merge'
import {
  fullOptions,
  fullRows,
  plainOptions,
  plainRows,
  rawTreesOptions,
  seed,
  trainFull,
  trainPlain,
  trainRawTrees,
} from './parts'
import { illicitSpec } from './spec'
import { transferFigures } from './transfer'

export type IllicitTraining = {
  folds?: number
  draws?: number
  full?: BoostOptions
  plain?: BoostOptions
  rawTrees?: BoostOptions
  clusterings?: readonly { k: number; seed: number }[]
  log?: (line: string) => void
}

type Settings = Required<IllicitTraining>

/** Trains and evaluates. Deterministic: the same accounts and options give the same file. Minutes on the full data. */
export function trainIllicit(accounts: Accounts, options: IllicitTraining = {}): Trained {
  const settings: Settings = {
    folds: 10,
    draws: 300,
    full: fullOptions,
    plain: plainOptions,
    rawTrees: rawTreesOptions,
    clusterings: [{ k: 6, seed: 1 }],
    log: () => undefined,
    ...options,
  }
  const fold = stratifiedFolds(accounts.labels, settings.folds, settings.full.seed)
  const judged = crossValidate(accounts, fold, settings)
  const calibration = {
    full: fitPlatt(judged.full, accounts.labels),
    plain: fitPlatt(judged.plain, accounts.labels),
  }
  const merged = mergeForests({
    gate: placeOf('tokenTransferCount'),
    full: { forest: trainFull(accounts, settings.full), ...calibration.full },
    plain: { forest: trainPlain(accounts, settings.plain), ...calibration.plain },
    rows: accounts.rows,
  })
  const forest = coverForest(merged, [fullRows(accounts, settings.full), plainRows(accounts, settings.plain)])
  const { folds, draws } = settings
  const metrics = {
    data: {
      file: 'accounts/ethereum-fraud-accounts.csv.gz',
      sha256: accounts.fileSha256,
      counts: accounts.counts,
    },
    features: names,
    split: `${folds}-fold, stratified, one account in one fold; calibration and threshold of a fold from the out-of-fold margins of the others; rounds fixed`,
    intervals: `95 %, percentile bootstrap over accounts, ${draws} draws`,
    seed: settings.full.seed,
    options: { full: shortOptions(settings.full), plain: shortOptions(settings.plain) },
    calibration: { method: 'platt', ...calibration },
    ...figures(accounts, { judged, fold, settings }),
    transfer: transferFigures(
      accounts,
      {
        plain: (rows, at) => trainPlain(rows, { ...settings.plain, seed: settings.plain.seed + at }),
        rawTrees: (rows, at) =>
          trainRawTrees(rows, { ...settings.rawTrees, seed: settings.rawTrees.seed + at }),
      },
      { fold, clusterings: settings.clusterings, log: settings.log },
    ),
    adversarial: adversarialFigures(accounts, fold, settings.rawTrees),
  }
  return {
    spec: illicitSpec,
    body: { kind: 'forest', forest },
    // The margins are calibrated already, each part by its own line.
    curve: sigmoidCurve({ slope: 1, intercept: 0 }),
    metrics,
    goldenRows: goldenRows(accounts),
  }
}

function shortOptions({ usable, ...options }: BoostOptions) {
  return usable ? { ...options, usable: usable.map((at) => names[at]) } : options
}

type Judged = {
  full: Float64Array
  plain: Float64Array
  rawTrees: Float64Array
  /** Per group: margins of both parts when that group is missing from every judged row. */
  missing: Record<string, Float64Array>
}

function crossValidate(
  accounts: Accounts,
  fold: Uint8Array,
  { folds, full, plain, rawTrees, log }: Settings,
): Judged {
  const empty = () => new Float64Array(accounts.labels.length)
  const judged: Judged = {
    full: empty(),
    plain: empty(),
    rawTrees: empty(),
    missing: Object.fromEntries(
      Object.keys(groups)
        .flatMap((g) => [`full.${g}`, `plain.${g}`])
        .map((g) => [g, empty()]),
    ),
  }
  for (let k = 0; k < folds; k++) {
    const members = [...fold.keys()].filter((i) => fold[i] === k)
    const { rows } = selectRows(accounts, WIDTH, (i) => fold[i] === k)
    const train = selectRows(accounts, WIDTH, (i) => fold[i] !== k)
    const bare = withoutTokens(rows)
    const put = (into: Float64Array, forest: Forest, from: Float32Array) => {
      forestMargins(forest, from).forEach((margin, i) => {
        into[members[i]!] = margin
      })
    }
    const fullForest = trainFull(train, { ...full, seed: full.seed + k })
    const plainForest = trainPlain(train, { ...plain, seed: plain.seed + k })
    put(judged.full, fullForest, rows)
    put(judged.plain, plainForest, bare)
    put(judged.rawTrees, trainRawTrees(train, { ...rawTrees, seed: rawTrees.seed + k }), bare)
    for (const group of Object.keys(groups)) {
      put(judged.missing[`full.${group}`]!, fullForest, withoutGroup(rows, group))
      put(judged.missing[`plain.${group}`]!, plainForest, withoutGroup(bare, group))
    }
    log(`fold ${k + 1}/${folds}`)
  }
  return judged
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

function figures(
  accounts: Accounts,
  { judged, fold, settings }: { judged: Judged; fold: Uint8Array; settings: Settings },
) {
  const { labels } = accounts
  const clusters = [...labels.keys()]
  const { draws } = settings
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
    cohorts: {
      full: cohorts(accounts, spoken(judged.full, labels, fold).probability),
      plain: cohorts(accounts, spoken(judged.plain, labels, fold).probability),
    },
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
function adversarialFigures({ rows, labels }: Accounts, fold: Uint8Array, like: BoostOptions) {
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
