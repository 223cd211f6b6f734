/**
 * The cohorts by which `novelty` is audited, and what its card draws, both from accounts that nothing was fitted on. Nobody
 * knows who is unusual, so the audit asks two things of each cohort: whether more of it than the promised twentieth counts
 * as most unusual (a cohort that does would weigh more in every alert), and whether planted anomalies stand out in it.
 */
import { rocAuc, type Scored } from '../../math/statistics'
import { byLevel, levelsOf } from '../cohorts'
import { type Curves, curvesOf, rankReliability } from '../curves'
import type { noveltyScores } from './body'
import { KINDS } from './kinds'
import { noveltySpec } from './spec'

const names = noveltySpec.inputs.map((input) => input.name)
const WIDTH = names.length
const UNUSUAL = 0.95

type Cohort = {
  rows: number
  meanNovelty: number
  shareAbove95: number
  /** Of telling the cohort's accounts from the same accounts with an anomaly planted. */
  plantedAuc: number
}

export type Judged = {
  held: Float32Array
  honest: ReturnType<typeof noveltyScores>
  /** Novelty of every held-out account with each anomaly planted, an array a plant. */
  planted: readonly Float64Array[]
}

/** Bias audit and curves. Reliability is that of the rank, precision and recall are of finding what was planted. */
export function noveltyAudit(judged: Judged): {
  cohorts: Record<string, Record<string, Cohort>>
  curves: Curves
} {
  const { held, honest, planted } = judged
  const { values, kinds, contributions } = honest
  const column = (name: string) => Float64Array.from(values, (_, r) => held[r * WIDTH + names.indexOf(name)]!)
  const levels = {
    chain: Array.from(values, () => 'ethereum'),
    kind: Array.from(kinds, (kind) => KINDS[kind]!),
    ageMin: levelsOf(column('spanMin'), [60, 1440, 43_200, 525_600]),
    transactions: levelsOf(column('transactionCount'), [3, 10, 100, 1000]),
    receivedEth: levelsOf(column('totalReceivedEth'), [0.1, 1, 10, 100]),
  }
  const all = Int32Array.from(values.keys())
  return {
    cohorts: byLevel(levels, values.length, (rows) => cohortOf(judged, rows)),
    curves: {
      ...curvesOf({
        scored: plantedScores({ honest: values, planted }, all),
        features: names,
        contributions,
      }),
      reliability: rankReliability(values),
    },
  }
}

function cohortOf({ honest, planted }: Judged, rows: Int32Array): Cohort {
  const own = Float64Array.from(rows, (row) => honest.values[row]!)
  return {
    rows: rows.length,
    meanNovelty: own.reduce((sum, value) => sum + value, 0) / rows.length,
    shareAbove95: own.filter((value) => value > UNUSUAL).length / rows.length,
    plantedAuc: rocAuc(plantedScores({ honest: honest.values, planted }, rows)),
  }
}

/** Some accounts as they are (0), then with each anomaly planted (1). */
export function plantedScores(
  { honest, planted }: { honest: Float64Array; planted: readonly Float64Array[] },
  rows: Int32Array,
): Scored {
  const scores = [honest, ...planted].flatMap((values) => Array.from(rows, (row) => values[row]!))
  return { scores, labels: new Uint8Array(scores.length).fill(1, rows.length) }
}
