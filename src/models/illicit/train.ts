/**
 * Trains `illicit`: two forests (parts.ts) on the cleaned accounts, ten folds for the figures, all rows for the file.
 *
 * Rounds and tree sizes are fixed, so no judged row stops anything. The shipped forests learn from all rows and are
 * calibrated on all out-of-fold margins. Figures for rows with token columns are `full`'s, for rows without them `plain`'s.
 */
import type { BoostOptions } from '../learn/boost'
import { fitPlatt, selectRows, stratifiedFolds } from '../learn/evaluate'
import { type Forest, forestMargins } from '../learn/forest'
import { sigmoidCurve } from '../onnx/curve'
import type { Trained } from '../publish'
import { illicitCurves } from './audit'
import { coverForest } from './cover'
import type { Accounts } from './dataset'
import { adversarialFigures, type Judged, outOfFoldFigures, probabilities } from './figures'
import { goldenRows } from './golden'
import { groups, names, placeOf, WIDTH, withoutGroup, withoutTokens } from './groups'
import { mergeForests } from './merge'
import {
  fullOptions,
  fullRows,
  plainOptions,
  plainRows,
  rawTreesOptions,
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
    ...outOfFoldFigures(accounts, { judged, fold, draws }),
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
    ...illicitCurves(accounts, probabilities(judged, accounts.labels, fold), forest),
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
