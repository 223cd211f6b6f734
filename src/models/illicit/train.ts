/**
 * Trains `illicit`: boosted trees on the cleaned accounts, 10 folds for the figures, all rows for the file.
 *
 * In each round of the evaluation one fold is judged, the next one stops the boosting early, fits Platt's calibration
 * and picks the F1 threshold, and eight are learnt from; so no judged row had a say in anything. The shipped forest
 * uses the median number of rounds on all rows, calibrated on the out-of-fold margins. Each training row also appears
 * with one random group of features missing, at low weight, so that a missing group costs little instead of anything.
 */
import {
  bestF1Threshold,
  bootstrapInterval,
  f1At,
  pickScored,
  rocAuc,
  type Scored,
  seededRandom,
} from '../../math/statistics'
import { type BoostOptions, type LabelledRows, trainBoost } from '../learn/boost'
import { fitPlatt, type Measured, measure, selectRows, stratifiedFolds } from '../learn/evaluate'
import { type Forest, forestMargins } from '../learn/forest'
import { sigmoidCurve } from '../onnx/curve'
import type { Trained } from '../publish'
import type { Accounts } from './dataset'
import { illicitSpec } from './spec'

const names = illicitSpec.inputs.map((input) => input.name)
const WIDTH = names.length

/** Features that go missing together. */
const groups: Record<string, string[]> = {
  timing: ['avgSentGapMin', 'avgReceivedGapMin', 'spanMin'],
  counterparties: ['uniqueSendersCount', 'uniqueRecipientsCount'],
  received: ['minReceivedEth', 'maxReceivedEth', 'avgReceivedEth', 'totalReceivedEth', 'netEth'],
  sent: ['minSentEth', 'maxSentEth', 'avgSentEth', 'totalSentEth', 'netEth'],
  created: ['createdCount'],
}

export const illicitOptions: BoostOptions = {
  featureCount: WIDTH,
  rounds: 500,
  maxDepth: 6,
  minLeafRows: 10,
  lambda: 2,
  learningRate: 0.07,
  rowShare: 0.8,
  featureShare: 0.5,
  seed: 20_261,
  patience: 40,
}

export type IllicitTraining = {
  folds?: number
  draws?: number
  boost?: BoostOptions
  log?: (line: string) => void
}

/** Trains and evaluates. Deterministic: the same accounts and options give the same file. Minutes on the full data. */
export function trainIllicit(accounts: Accounts, options: IllicitTraining = {}): Trained {
  const { folds = 10, draws = 500, boost = illicitOptions, log = () => undefined } = options
  const judged = crossValidate(accounts, { folds, boost, log })
  const rounds = [...judged.rounds].sort((a, b) => a - b)[judged.rounds.length >> 1]!
  const all = withMissingGroups({ rows: accounts.rows, labels: accounts.labels }, boost.seed)
  const { forest } = trainBoost(all, { ...boost, rounds })
  const platt = fitPlatt(judged.margins, accounts.labels)
  const metrics = {
    data: {
      file: 'accounts/ethereum-fraud-accounts.csv.gz',
      sha256: accounts.fileSha256,
      counts: accounts.counts,
    },
    features: names,
    split: `${folds}-fold, stratified, one account in one fold; per round 1 fold judged, 1 for early stopping, calibration and threshold, ${folds - 2} learnt from`,
    intervals: `95 %, percentile bootstrap over accounts, ${draws} draws`,
    seed: boost.seed,
    options: { ...boost, rounds, missingGroupWeight: MISSING_WEIGHT },
    calibration: { method: 'platt', ...platt },
    ...figures(accounts, judged, { draws, seed: boost.seed }),
  }
  return {
    spec: illicitSpec,
    body: { kind: 'forest', forest },
    curve: sigmoidCurve(platt),
    metrics,
    goldenRows: goldenRows(accounts),
  }
}

type Judged = {
  margins: Float64Array
  probabilities: Float64Array
  /** 1 where the fold's own threshold called the account illicit. */
  calls: Float64Array
  rounds: number[]
  foldAuc: number[]
  /** Per group: AUC when that group is missing from every judged row. */
  missing: Record<string, Float64Array>
}

function crossValidate(
  accounts: Accounts,
  { folds, boost, log }: { folds: number; boost: BoostOptions; log: (line: string) => void },
): Judged {
  const count = accounts.labels.length
  const empty = () => new Float64Array(count)
  const missing = Object.fromEntries(Object.keys(groups).map((group) => [group, empty()]))
  const judged: Judged = {
    margins: empty(),
    probabilities: empty(),
    calls: empty(),
    rounds: [],
    foldAuc: [],
    missing,
  }
  const fold = stratifiedFolds(accounts.labels, folds, boost.seed)
  for (let k = 0; k < folds; k++) {
    const beside = (k + 1) % folds
    const train = selectRows(accounts, WIDTH, (i) => fold[i] !== k && fold[i] !== beside)
    const validation = selectRows(accounts, WIDTH, (i) => fold[i] === beside)
    const result = trainBoost(
      withMissingGroups(train, boost.seed + k),
      { ...boost, seed: boost.seed + k },
      validation,
    )
    judgeFold(accounts, judged, {
      rows: [...fold.keys()].filter((i) => fold[i] === k),
      forest: result.forest,
      validation,
    })
    judged.rounds.push(result.rounds)
    log(`fold ${k + 1}/${folds}: ${result.rounds} rounds, AUC ${judged.foldAuc[k]!.toFixed(4)}`)
  }
  return judged
}

function judgeFold(
  accounts: Accounts,
  judged: Judged,
  { rows, forest, validation }: { rows: number[]; forest: Forest; validation: LabelledRows },
): void {
  const inFold = new Set(rows)
  const test = selectRows(accounts, WIDTH, (i) => inFold.has(i))
  const beside = forestMargins(forest, validation.rows)
  const platt = fitPlatt(beside, validation.labels)
  const threshold = bestF1Threshold({ scores: beside, labels: validation.labels })
  const margins = forestMargins(forest, test.rows)
  rows.forEach((row, i) => {
    judged.margins[row] = margins[i]!
    judged.probabilities[row] = 1 / (1 + Math.exp(-(platt.slope * margins[i]! + platt.intercept)))
    judged.calls[row] = margins[i]! >= threshold ? 1 : 0
  })
  judged.foldAuc.push(rocAuc({ scores: margins, labels: test.labels }))
  for (const [group, scores] of Object.entries(judged.missing)) {
    const without = forestMargins(
      forest,
      blank(test.rows, () => group),
    )
    rows.forEach((row, i) => {
      scores[row] = without[i]!
    })
  }
}

const MISSING_WEIGHT = 0.25

/** The rows, and again each with one random group missing, at a quarter of the weight. */
function withMissingGroups({ rows, labels }: LabelledRows, seed: number): LabelledRows {
  const random = seededRandom(seed)
  const groupNames = Object.keys(groups)
  const blanked = blank(rows, () => groupNames[Math.floor(random() * groupNames.length)]!)
  const both = new Float32Array(rows.length * 2)
  both.set(rows)
  both.set(blanked, rows.length)
  const weights = new Float64Array(labels.length * 2).fill(1)
  weights.fill(MISSING_WEIGHT, labels.length)
  return { rows: both, labels: Uint8Array.from([...labels, ...labels]), weights }
}

function blank(rows: Float32Array, groupOf: () => string): Float32Array {
  const result = rows.slice()
  for (let start = 0; start < rows.length; start += WIDTH) {
    for (const name of groups[groupOf()]!) result[start + names.indexOf(name)] = Number.NaN
  }
  return result
}

function figures(accounts: Accounts, judged: Judged, { draws, seed }: { draws: number; seed: number }) {
  const { labels } = accounts
  const clusters = [...labels.keys()]
  const scored = { scores: judged.probabilities, labels }
  const called: Scored = { scores: judged.calls, labels }
  const f1 = (s: Scored) => f1At(s, 0.5)
  const f1Interval = bootstrapInterval({
    clusters,
    draws,
    seed,
    statistic: (rows) => f1(pickScored(called, rows)),
  })
  return {
    metrics: {
      ...measure(scored, { clusters, draws, seed }),
      f1: { value: f1(called), ...f1Interval } as Measured,
    },
    foldAuc: judged.foldAuc,
    foldRounds: judged.rounds,
    missingGroupAuc: Object.fromEntries(
      Object.entries(judged.missing).map(([group, scores]) => [group, rocAuc({ scores, labels })]),
    ),
    baselines: { oneFeature: bestSingleFeature(accounts, { draws, seed }) },
  }
}

/** The best that a single column can do, its direction chosen with hindsight in its favour. */
function bestSingleFeature({ rows, labels }: Accounts, { draws, seed }: { draws: number; seed: number }) {
  const candidates = names.map((feature, f) => {
    const column = Float64Array.from(labels, (_, r) => rows[r * WIDTH + f]!)
    const auc = rocAuc({ scores: column, labels })
    return { feature, auc: Math.max(auc, 1 - auc), scores: auc < 0.5 ? column.map((x) => -x) : column }
  })
  const best = candidates.reduce((a, b) => (b.auc > a.auc ? b : a))
  const { auc, ap } = measure({ scores: best.scores, labels }, { clusters: [...labels.keys()], draws, seed })
  return { feature: best.feature, auc, ap }
}

/** Column quantiles of each class, then edge cases: nothing but one transaction, and everything else missing. */
function goldenRows({ rows, labels }: Accounts): number[][] {
  const golden: number[][] = []
  for (const label of [0, 1]) {
    for (const share of [0.1, 0.5, 0.9]) {
      golden.push(
        names.map((_, f) => {
          const column = [...labels.keys()]
            .filter((r) => labels[r] === label)
            .map((r) => rows[r * WIDTH + f]!)
          return column.sort((a, b) => a - b)[Math.floor(share * (column.length - 1))]!
        }),
      )
    }
  }
  const count = names.indexOf('transactionCount')
  golden.push(names.map((_, f) => (f === count ? 1 : 0)))
  golden.push(names.map((_, f) => (f === count ? 3 : Number.NaN)))
  return golden
}
