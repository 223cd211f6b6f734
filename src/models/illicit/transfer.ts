/**
 * How well a model of the native-coin columns holds on accounts unlike those it learnt from. There is no second labelled
 * collection here, so parts of this one stand in for it, none of them read by the model that is judged:
 *
 * - `unseenLicit`: one cluster of licit accounts is left out of training and judged against the illicit of a held-out
 *   fold: other people sampled other licit activity. `unseenIllicit`: the same the other way round.
 * - `redefined`: held-out folds whose columns another collector defined (drift.ts).
 * - `matched`: held-out folds, licit accounts weighted to the illicit ones' distribution of count and span, copies left
 *   out: what remains when activity alone tells nothing.
 */
import { rocAuc } from '../../math/statistics'
import type { LabelledRows } from '../learn/boost'
import { selectRows } from '../learn/evaluate'
import { type Forest, forestMargins } from '../learn/forest'
import { clusterRows } from './clusters'
import type { Accounts } from './dataset'
import { redefine } from './drift'
import { placeOf, WIDTH, withoutTokens } from './groups'
import { plainInputs } from './inputs'

export type Train = (rows: LabelledRows, seed: number) => Forest

export type TransferOptions = {
  fold: Uint8Array
  clusterings: readonly { k: number; seed: number }[]
  log: (line: string) => void
}

const JUDGED_FOLDS = 3
const COLLECTORS = 4
const LEAST_CLUSTER = 60

/** AUC of each stand-in, means over clusters and collectors. Copies (weight below 1) are never judged. */
export function transferFigures(
  accounts: Accounts,
  trainers: Record<string, Train>,
  options: TransferOptions,
) {
  const figures = Object.entries(trainers).map(([name, train]) => {
    const inFolds = foldFigures(accounts, train, options)
    const across = clusterFigures(accounts, train, options)
    options.log(`transfer ${name}: ${JSON.stringify({ ...inFolds, ...across })}`)
    return [name, { ...inFolds, ...across }]
  })
  return Object.fromEntries(figures)
}

function foldFigures(accounts: Accounts, train: Train, { fold }: TransferOptions) {
  const judged = [...accounts.labels.keys()].filter((i) => fold[i]! < JUDGED_FOLDS)
  const clean = new Float64Array(accounts.labels.length)
  const drifted = Array.from({ length: COLLECTORS }, () => new Float64Array(accounts.labels.length))
  for (let k = 0; k < JUDGED_FOLDS; k++) {
    const forest = train(
      selectRows(accounts, WIDTH, (i) => fold[i] !== k),
      k,
    )
    const members = judged.filter((i) => fold[i] === k)
    const rows = selectRows(accounts, WIDTH, (i) => fold[i] === k).rows
    forestMargins(forest, withoutTokens(rows)).forEach((margin, i) => {
      clean[members[i]!] = margin
    })
    drifted.forEach((scores, c) => {
      forestMargins(forest, redefine(rows, 100 + c)).forEach((margin, i) => {
        scores[members[i]!] = margin
      })
    })
  }
  const weights = matching(accounts)
  const own = judged.filter((i) => accounts.weights[i] === 1)
  const auc = (scores: Float64Array, rows: number[]) =>
    rocAuc({ scores: rows.map((i) => scores[i]!), labels: rows.map((i) => accounts.labels[i]!) })
  const mean = (values: number[]) => values.reduce((sum, v) => sum + v, 0) / values.length
  return {
    redefined: mean(drifted.map((scores) => auc(scores, judged))),
    matched: weightedAuc(clean, accounts.labels, weights, own),
    matchedRedefined: mean(drifted.map((scores) => weightedAuc(scores, accounts.labels, weights, own))),
  }
}

/** Weight of each licit row so that (log₂ count, log₁₀ span) is distributed as among the illicit; at most 10. */
function matching({ rows, labels }: Accounts): Float64Array {
  const [count, span] = [placeOf('transactionCount'), placeOf('spanMin')]
  const cell = (r: number) =>
    `${Math.floor(Math.log2(rows[r * WIDTH + count]! + 1))}:${Math.floor(Math.log10(rows[r * WIDTH + span]! + 1))}`
  const tally = [new Map<string, number>(), new Map<string, number>()]
  labels.forEach((label, r) => {
    tally[label]!.set(cell(r), (tally[label]!.get(cell(r)) ?? 0) + 1)
  })
  const illicit = labels.reduce((sum, label) => sum + label, 0)
  return Float64Array.from(labels, (label, r) => {
    if (label === 1) return 1
    const share = (tally[1]!.get(cell(r)) ?? 0) / illicit
    return Math.min(10, share / (tally[0]!.get(cell(r))! / (labels.length - illicit)))
  })
}

/** AUC of weighted rows, ties counted half. */
export function weightedAuc(
  scores: Float64Array,
  labels: Uint8Array,
  weights: Float64Array,
  rows: readonly number[],
): number {
  const order = [...rows].sort((a, b) => scores[a]! - scores[b]!)
  let [below, won, positive] = [0, 0, 0]
  for (let i = 0; i < order.length; ) {
    let [tiedNegative, tiedPositive] = [0, 0]
    const score = scores[order[i]!]
    for (; i < order.length && scores[order[i]!] === score; i++) {
      if (labels[order[i]!] === 1) tiedPositive += weights[order[i]!]!
      else tiedNegative += weights[order[i]!]!
    }
    won += tiedPositive * (below + tiedNegative / 2)
    below += tiedNegative
    positive += tiedPositive
  }
  return won / (positive * below)
}

function clusterFigures(accounts: Accounts, train: Train, { fold, clusterings }: TransferOptions) {
  const columns = plainInputs.map((input) => placeOf(input.name))
  const lost: number[][] = [[], []]
  for (const { k, seed } of clusterings) {
    const sides = [0, 1].map((label) => {
      const members = [...accounts.labels.keys()].filter((i) => accounts.labels[i] === label)
      const cluster = clusterRows({ rows: accounts.rows, width: WIDTH, members, columns, k, seed })
      return Array.from({ length: k }, (_, c) => new Set(members.filter((_, i) => cluster[i] === c)))
    })
    for (const label of [0, 1]) {
      for (const left of sides[label]!) {
        const judged = [...left].filter((i) => accounts.weights[i] === 1)
        if (judged.length < LEAST_CLUSTER) continue
        const others = [...accounts.labels.keys()].filter(
          (i) => accounts.labels[i] !== label && fold[i] === 0 && accounts.weights[i] === 1,
        )
        const forest = train(
          selectRows(accounts, WIDTH, (i) => !left.has(i) && fold[i] !== 0),
          seed,
        )
        const test = new Set([...judged, ...others])
        const { rows, labels } = selectRows(accounts, WIDTH, (i) => test.has(i))
        lost[label]!.push(rocAuc({ scores: forestMargins(forest, withoutTokens(rows)), labels }))
      }
    }
  }
  const mean = (values: number[]) => values.reduce((sum, v) => sum + v, 0) / values.length
  return {
    unseenLicit: mean(lost[0]!),
    unseenLicitWorst: Math.min(...lost[0]!),
    unseenIllicit: mean(lost[1]!),
    unseenIllicitWorst: Math.min(...lost[1]!),
  }
}
