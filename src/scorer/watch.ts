/**
 * Watching the models that score: how far what they are fed and say has moved from their training, and whether what they
 * said came true. Per chain, for all current scores and for cohorts by account age and size; written whole each time, so
 * that the tables hold the newest measurement.
 */
import { copyRows, inTransaction, type Pool, type PoolClient } from '../db/pool'
import { sql } from '../db/query'
import { POSITION_MODEL } from '../features/score-positions'
import { calibrationError, reliability, rocAuc } from '../math/statistics'
import { levelOf } from '../models/cohorts'
import { type ColumnReference, driftOf, type Reference } from '../models/reference'
import type { ModelSpec } from '../models/spec'
import { vectorOf } from '../models/vector-bytes'

/** Most current scores of a chain and model that are looked at: a PSI over these is sure to about 0.005. */
const MAX_ROWS = 20_000
/** Cohorts with fewer rows say more about chance than about drift. */
const LEAST_ROWS = 50
const HORIZON_DAYS = 30
const DAYS = [30, 365] as const
const AGE_LEVELS = ['<30 days', '30–365 days', '≥365 days'] as const

/** What is a subject's size, by model: an input, or the debt that `position_health` has, and its limits. */
const SIZES: Readonly<Record<string, { of: string; limits: readonly number[] }>> = {
  illicit: { of: 'totalReceivedEth', limits: [1, 100] },
  [POSITION_MODEL]: { of: 'debtUsd', limits: [1_000, 100_000] },
}

interface ServedVersion {
  name: string
  sha256: string
  spec: ModelSpec
  reference: Reference | null
}

interface WatchedScore {
  features: Float32Array
  value: number
  ageDays: number | null
  debtUsd: number | null
}

type DriftRow = readonly unknown[]

const DRIFT_COLUMNS = [
  ...[
    'id',
    'model_name',
    'model_sha256',
    'chain_id',
    'cohort',
    'feature',
    'psi',
    'ks',
    'missing_share',
    'rows',
  ],
  ...['reference_rows', 'measured_at'],
]
const CALIBRATION_COLUMNS = [
  ...[
    'id',
    'model_name',
    'model_sha256',
    'chain_id',
    'horizon_days',
    'rows',
    'positives',
    'predicted',
    'observed',
  ],
  ...['calibration_error', 'auc', 'bins', 'measured_at'],
]

/** Measures every active model on every chain that has scores of it. @returns lines for a terminal */
export async function watchModels(pool: Pool, now: Date = new Date()): Promise<string[]> {
  const lines: string[] = []
  const { rows: versions } = await pool.query<ServedVersion>(sql('watch-versions'))
  const { rows: chains } = await pool.query<{ chain_id: string; name: string }>(sql('watch-chains'))
  for (const version of versions) {
    for (const chain of chains) {
      const chainId = Number(chain.chain_id)
      const drift = await inTransaction(pool, (tx) => watchDrift(tx, { version, chainId, now }))
      lines.push(...drift.map((text) => `${version.name} on ${chain.name}: ${text}`))
      if (version.name !== POSITION_MODEL) continue
      lines.push(
        `${version.name} on ${chain.name}: ${await inTransaction(pool, (tx) => watchCalibration(tx, { version, chainId, now }))}`,
      )
    }
  }
  return lines
}

async function watchDrift(
  tx: PoolClient,
  { version, chainId, now }: { version: ServedVersion; chainId: number; now: Date },
): Promise<string[]> {
  const { name, sha256, reference } = version
  await tx.query(sql('watch-drift-clear'), [name, chainId])
  if (reference === null) return ['its version has no reference of its training']
  const found = await tx.query<Omit<WatchedScore, 'features'> & { features: Buffer }>(sql('watch-scores'), [
    ...[chainId, name, sha256, MAX_ROWS],
  ])
  const rows = found.rows.map((row): WatchedScore => ({ ...row, features: vectorOf(row.features) }))
  if (rows.length === 0) return []
  const measured = [...cohortsOf(version, rows)].flatMap(([cohort, scores]) =>
    driftRows({ version, reference, cohort, scores }),
  )
  const written = measured.map((row): DriftRow => {
    const id = `${name}:${chainId}:${row.cohort}:${row.feature}`
    return [
      ...[id, name, sha256, chainId, row.cohort, row.feature, row.psi, row.ks, row.missing, row.rows],
      ...[reference.rows, now],
    ]
  })
  await copyRows(tx, 'model_drift', DRIFT_COLUMNS, written)
  const worst = measured
    .filter(({ cohort, psi }) => cohort === 'all' && psi !== null)
    .sort((a, b) => b.psi! - a.psi!)
    .slice(0, 3)
  return [
    `${rows.length} scores; farthest from training: ${worst.map(({ feature, psi }) => `${feature} PSI ${psi!.toFixed(3)}`).join(', ')}`,
  ]
}

interface Measured {
  cohort: string
  feature: string
  psi: number | null
  ks: number | null
  missing: number
  rows: number
}

function driftRows({
  version,
  reference,
  cohort,
  scores,
}: {
  version: ServedVersion
  reference: Reference
  cohort: string
  scores: readonly WatchedScore[]
}): Measured[] {
  const one = (feature: string, values: Float64Array, column: ColumnReference | undefined): Measured[] =>
    column === undefined ? [] : [{ cohort, feature, ...driftOf(values, column), rows: scores.length }]
  const inputs = version.spec.inputs.flatMap(({ name }, i) =>
    one(
      name,
      Float64Array.from(scores, (score) => score.features[i]!),
      reference.features[name],
    ),
  )
  const incomplete = scores.filter(({ features }) => features.some((value) => Number.isNaN(value))).length
  const any = {
    cohort,
    feature: 'anyInput',
    psi: null,
    ks: null,
    missing: incomplete / scores.length,
    rows: scores.length,
  }
  return [
    ...inputs,
    ...one(
      'score',
      Float64Array.from(scores, (score) => score.value),
      reference.score,
    ),
    any,
  ]
}

/** All scores, and those of each age and size with enough rows. */
function cohortsOf(
  { name, spec }: ServedVersion,
  scores: readonly WatchedScore[],
): Map<string, WatchedScore[]> {
  const cohorts = new Map<string, WatchedScore[]>([['all', [...scores]]])
  const size = SIZES[name]
  const input = spec.inputs.findIndex((one) => one.name === size?.of)
  const add = (cohort: string, score: WatchedScore) => {
    const known = cohorts.get(cohort)
    if (known) known.push(score)
    else cohorts.set(cohort, [score])
  }
  for (const score of scores) {
    add(`age:${ageLevel(score.ageDays)}`, score)
    if (size === undefined) continue
    add(
      `size:${levelOf((input === -1 ? score.debtUsd : score.features[input]) ?? Number.NaN, size.limits)}`,
      score,
    )
  }
  return new Map([...cohorts].filter(([cohort, rows]) => cohort === 'all' || rows.length >= LEAST_ROWS))
}

function ageLevel(days: number | null): string {
  if (days === null) return 'unknown'
  return AGE_LEVELS[DAYS.filter((limit) => days >= limit).length]!
}

/** Scores that are 30 days old by the chain's own clock, against the liquidations since. */
async function watchCalibration(
  tx: PoolClient,
  { version, chainId, now }: { version: ServedVersion; chainId: number; now: Date },
): Promise<string> {
  const { name, sha256 } = version
  const id = `${name}:${chainId}:${HORIZON_DAYS}`
  await tx.query(sql('watch-calibration-clear'), [id])
  const { rows } = await tx.query<{ value: number; hit: boolean }>(sql('watch-matured'), [
    chainId,
    name,
    sha256,
    HORIZON_DAYS,
    MAX_ROWS,
  ])
  if (rows.length === 0) return `no score is ${HORIZON_DAYS} days old yet`
  const scored = { scores: rows.map((row) => row.value), labels: rows.map((row) => (row.hit ? 1 : 0)) }
  const positives = scored.labels.filter((label) => label === 1).length
  const predicted = scored.scores.reduce((sum, value) => sum + value, 0) / rows.length
  const error = calibrationError(scored)
  const auc = positives === 0 || positives === rows.length ? null : rocAuc(scored)
  await copyRows(tx, 'model_calibration', CALIBRATION_COLUMNS, [
    [
      ...[
        id,
        name,
        sha256,
        chainId,
        HORIZON_DAYS,
        rows.length,
        positives,
        predicted,
        positives / rows.length,
      ],
      ...[error, auc, JSON.stringify(reliability(scored)), now],
    ],
  ])
  return `${rows.length} matured scores, predicted ${predicted.toFixed(4)}, observed ${(positives / rows.length).toFixed(4)}, calibration error ${error.toFixed(4)}`
}
