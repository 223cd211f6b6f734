/**
 * Do recorded liquidations follow the rules? What was seized for what was repaid must be the bonus:
 *
 *   collateral value / debt value = bonus of the collateral        (rules/liquidation.ts: seized = repaid · bonus / price)
 *
 * The bonus of a collateral is learnt from the first part of the set (the most frequent ratio, to half a percent) and
 * held against the rest, so that it is not fitted to what it explains. And each call may repay half of the debt: debts are
 * not in the sets, but calls that follow one another each take half of what is left, which shows as ratios of one half.
 */
import { shareInterval } from '../../math/share-interval'
import type { Interval } from '../../math/statistics'
import type { LiquidationRecord } from './liquidation-records'

export interface SeizureRow {
  timeSec: number
  collateral: string
  /** Value seized for one repaid. */
  ratio: number
}

export interface SeizureFit {
  /** Rows of the later part whose collateral has a bonus. */
  n: number
  within: { tolerance: number; share: number; interval: Interval }[]
  /** Median of |ratio/bonus − 1|. */
  medianError: number
  bonuses: { collateral: string; bonus: number; n: number }[]
  /** Later rows of a collateral that the first part did not hold often enough, or with wrong prices. */
  unknown: number
}

const GRID = 200
const LEAST_ROWS = 10
/** A most frequent ratio outside is no bonus: the set's own prices of that asset are wrong. */
const [LEAST_BONUS, MOST_BONUS] = [1, 1.25]

/** Ratio of values by `valuesOf`, rows without a value left out; zero repayments too. */
export function seizureRows(
  records: readonly LiquidationRecord[],
  valuesOf: (record: LiquidationRecord) => { collateral: number; debt: number } | undefined,
): SeizureRow[] {
  return records.flatMap((record) => {
    const value = valuesOf(record)
    if (value === undefined || !(value.debt > 0) || !(value.collateral > 0)) return []
    const ratio = value.collateral / value.debt
    return [{ timeSec: record.timeSec, collateral: record.collateral, ratio }]
  })
}

/** Learns bonuses before a moment and judges what comes after it. */
export function judgeSeizures(
  rows: readonly SeizureRow[],
  splitSec: number,
  tolerances: readonly number[],
): SeizureFit {
  const bonuses = learnBonuses(rows.filter((row) => row.timeSec < splitSec))
  const later = rows.filter((row) => row.timeSec >= splitSec)
  const errors = later.flatMap((row) => {
    const bonus = bonuses.get(row.collateral)?.bonus
    return bonus === undefined ? [] : [Math.abs(row.ratio / bonus - 1)]
  })
  errors.sort((a, b) => a - b)
  return {
    n: errors.length,
    within: tolerances.map((tolerance) => {
      const hits = errors.filter((error) => error <= tolerance).length
      return { tolerance, share: hits / errors.length, interval: shareInterval(hits, errors.length) }
    }),
    medianError: errors[Math.floor(errors.length / 2)] ?? Number.NaN,
    bonuses: [...bonuses].map(([collateral, one]) => ({ collateral, ...one })),
    unknown: later.length - errors.length,
  }
}

/** The most frequent ratio of each collateral, rounded to half a percent. */
function learnBonuses(rows: readonly SeizureRow[]): Map<string, { bonus: number; n: number }> {
  const byCollateral = new Map<string, Map<number, number>>()
  for (const { collateral, ratio } of rows) {
    const counts = byCollateral.get(collateral) ?? new Map<number, number>()
    const step = Math.round(ratio * GRID)
    counts.set(step, (counts.get(step) ?? 0) + 1)
    byCollateral.set(collateral, counts)
  }
  const found = new Map<string, { bonus: number; n: number }>()
  for (const [collateral, counts] of byCollateral) {
    const n = [...counts.values()].reduce((sum, count) => sum + count, 0)
    const [step] = [...counts].sort((a, b) => b[1] - a[1] || a[0] - b[0])[0]!
    const isBonus = step / GRID >= LEAST_BONUS && step / GRID <= MOST_BONUS
    if (n >= LEAST_ROWS && isBonus) found.set(collateral, { bonus: step / GRID, n })
  }
  return found
}

export interface Halving {
  /** Pairs of calls on one user and one pair of assets within an hour. */
  n: number
  /** Second repaid half of the first, within 1 %. */
  halves: number
  /** Second repaid more than half of the first: the first took less than its limit, or the debt was several. */
  above: number
}

/** Calls that follow one another within an hour. */
export function halvings(records: readonly LiquidationRecord[]): Halving {
  const last = new Map<string, LiquidationRecord>()
  const ratios: number[] = []
  for (const record of records) {
    const key = `${record.user}|${record.collateral}|${record.debt}`
    const before = last.get(key)
    if (before !== undefined && before.debtUnits > 0 && record.timeSec - before.timeSec <= 3_600)
      ratios.push(record.debtUnits / before.debtUnits)
    last.set(key, record)
  }
  return {
    n: ratios.length,
    halves: ratios.filter((ratio) => Math.abs(ratio - 0.5) <= 0.005).length,
    above: ratios.filter((ratio) => ratio > 0.505).length,
  }
}
