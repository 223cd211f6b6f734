/**
 * Bias audit: how well a model does in each part of its evaluation set (chain, account age, size), beside the whole. A part
 * in which a class is absent has no AUC, and one with few rows says how few. Pure.
 */
import { calibrationError, pickScored, rocAuc, type Scored } from '../math/statistics'

export interface CohortFigures {
  rows: number
  positives: number
  /** null where a class is absent. */
  auc: number | null
  /** Mean score, and share of positives: their difference is the bias of the part. */
  predicted: number
  observed: number
  /** null below 50 rows, where ten bins would measure chance. */
  ece: number | null
}

const LEAST_ROWS = 50

/** Figures by cohort and level. `cohorts`: name → level of each row, parallel to the scores. */
export function cohortAudit(
  scored: Scored,
  cohorts: Readonly<Record<string, readonly string[]>>,
): Record<string, Record<string, CohortFigures>> {
  return Object.fromEntries(
    Object.entries(cohorts).map(([name, levels]) => {
      if (levels.length !== scored.labels.length) {
        throw new Error(`cohort ${name} has ${levels.length} levels for ${scored.labels.length} rows`)
      }
      const parts = [...new Set(levels)].sort().map((level): [string, CohortFigures] => {
        const rows = Int32Array.from(levels.keys()).filter((row) => levels[row] === level)
        return [level, figuresOf(pickScored(scored, rows))]
      })
      return [name, Object.fromEntries(parts)]
    }),
  )
}

function figuresOf(part: Scored): CohortFigures {
  const rows = part.labels.length
  const sum = (values: ArrayLike<number>) => Array.from(values).reduce((total, value) => total + value, 0)
  const positives = sum(part.labels)
  return {
    rows,
    positives,
    auc: positives === 0 || positives === rows ? null : rocAuc(part),
    predicted: sum(part.scores) / rows,
    observed: positives / rows,
    ece: rows < LEAST_ROWS ? null : calibrationError(part),
  }
}

/** Level of a number among ascending limits: `<1`, `1–100`, `≥100` for limits [1, 100]; `unknown` for NaN. */
export function levelOf(value: number, limits: readonly number[]): string {
  if (Number.isNaN(value)) return 'unknown'
  const at = limits.findIndex((limit) => value < limit)
  if (at === -1) return `≥${limits.at(-1)}`
  return at === 0 ? `<${limits[0]}` : `${limits[at - 1]}–${limits[at]}`
}
