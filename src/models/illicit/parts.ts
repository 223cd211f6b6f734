/**
 * The two models inside `illicit`.
 *
 * `full` sees everything and fits the labelled collection closely: deep trees. `plain` sees only native-coin columns and
 * must hold on accounts that other people gathered, so it is additive (trees of one split), coarse (64 bins), built on
 * counts and shares whose meaning is the same everywhere, and copies of one entity's wallet count little. Deep trees lose
 * far more than such a model when the licit or illicit accounts come from a part of the space they have not seen;
 * metrics.json has both under `transfer`.
 */
import { type BoostOptions, type LabelledRows, trainBoost } from '../learn/boost'
import type { Forest } from '../learn/forest'
import { shareInputs } from './derived-inputs'
import { placeOf, WIDTH, withMissingGroups, withoutTokens } from './groups'
import { plainInputs } from './inputs'
import { foldStumps } from './stumps'

export const seed = 20_261

export const fullOptions: BoostOptions = {
  featureCount: WIDTH,
  rounds: 260,
  maxDepth: 5,
  minLeafRows: 10,
  lambda: 2,
  learningRate: 0.11,
  rowShare: 0.8,
  featureShare: 0.35,
  seed,
}

/** Of the raw columns, those with one meaning in every collection; totals, means and extremes enter as shares. */
const plainColumns = [
  'sentCount',
  'receivedCount',
  'uniqueSendersCount',
  'uniqueRecipientsCount',
  'spanMin',
  'avgReceivedGapMin',
  'avgSentGapMin',
  'maxReceivedEth',
  'totalReceivedEth',
]

export const plainOptions: BoostOptions = {
  featureCount: WIDTH,
  rounds: 1000,
  maxDepth: 1,
  minLeafRows: 60,
  lambda: 2,
  learningRate: 0.1,
  rowShare: 0.8,
  featureShare: 0.5,
  maxBins: 64,
  usable: [...plainColumns, ...shareInputs.map((input) => input.name)].map(placeOf),
  seed,
}

/** What was served before: deep trees over the raw native-coin columns. The yardstick for `plain`. */
export const rawTreesOptions: BoostOptions = {
  featureCount: WIDTH,
  rounds: 265,
  maxDepth: 6,
  minLeafRows: 10,
  lambda: 2,
  learningRate: 0.07,
  rowShare: 0.8,
  featureShare: 0.5,
  usable: plainInputs.map((input) => placeOf(input.name)),
  seed,
}

/** What `full` learns from. Token columns are always there: where they are not, `plain` answers. */
export function fullRows({ rows, labels }: LabelledRows, options: BoostOptions = fullOptions): LabelledRows {
  return withMissingGroups({ rows, labels }, options.seed)
}

/** What `plain` learns from: weighted rows whose token columns are taken out. */
export function plainRows(train: LabelledRows, options: BoostOptions = plainOptions): LabelledRows {
  return withMissingGroups({ ...train, rows: withoutTokens(train.rows) }, options.seed)
}

/** Trains `full`. */
export function trainFull(train: LabelledRows, options: BoostOptions = fullOptions): Forest {
  return trainBoost(fullRows(train, options), options).forest
}

/** Trains `plain`. */
export function trainPlain(train: LabelledRows, options: BoostOptions = plainOptions): Forest {
  return foldStumps(trainBoost(plainRows(train, options), options).forest)
}

/** Trains the yardstick. */
export function trainRawTrees(train: LabelledRows, options: BoostOptions = rawTreesOptions): Forest {
  const { rows, labels } = train
  return trainBoost({ rows: withoutTokens(rows), labels }, options).forest
}
