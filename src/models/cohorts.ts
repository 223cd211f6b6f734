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

/** Levels of every row by cohort, parallel to the rows that are judged. */
export type Cohorts = Readonly<Record<string, readonly string[]>>

/** Figures by cohort and level. */
export function cohortAudit(scored: Scored, cohorts: Cohorts): Record<string, Record<string, CohortFigures>> {
  return byLevel(cohorts, scored.labels.length, (rows) => figuresOf(pickScored(scored, rows)))
}

/** What `figures` says of the rows of each level, levels from low to high. Throws when a cohort has another length. */
export function byLevel<Figures>(
  cohorts: Cohorts,
  count: number,
  figures: (rows: Int32Array) => Figures,
): Record<string, Record<string, Figures>> {
  return Object.fromEntries(
    Object.entries(cohorts).map(([name, levels]) => {
      if (levels.length !== count) {
        throw new Error(`cohort ${name} has ${levels.length} levels for ${count} rows`)
      }
      const parts = [...new Set(levels)].sort(byLowerLimit).map((level): [string, Figures] => {
        const rows = Int32Array.from(levels.keys()).filter((row) => levels[row] === level)
        return [level, figures(rows)]
      })
      return [name, Object.fromEntries(parts)]
    }),
  )
}

/** `<1` first, then by the first number; names that hold none in the order of the alphabet. */
function byLowerLimit(a: string, b: string): number {
  const least = (level: string) =>
    level.startsWith('<') ? Number.NEGATIVE_INFINITY : Number.parseFloat(level.replace('≥', ''))
  const [x, y] = [least(a), least(b)]
  if (x !== y && !Number.isNaN(x) && !Number.isNaN(y)) return x < y ? -1 : 1
  return a < b ? -1 : 1
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

/** The level of every row by one number of it. */
export function levelsOf(values: ArrayLike<number>, limits: readonly number[]): string[] {
  return Array.from(values, (value) => levelOf(value, limits))
}

/** Level of a number among ascending limits: `<1`, `1–100`, `≥100` for limits [1, 100]; `unknown` for NaN. */
export function levelOf(value: number, limits: readonly number[]): string {
  if (Number.isNaN(value)) return 'unknown'
  const at = limits.findIndex((limit) => value < limit)
  if (at === -1) return `≥${limits.at(-1)}`
  return at === 0 ? `<${limits[0]}` : `${limits[at - 1]}–${limits[at]}`
}
