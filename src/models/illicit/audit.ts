/** Bias audit of `illicit` by cohort, and the rows its file is checked with. */
import { pickScored, rocAuc, type Scored } from '../../math/statistics'
import type { Accounts } from './dataset'
import { names, placeOf, WIDTH, withoutTokens } from './groups'

const limits: Record<string, { input: string; limits: readonly number[]; unit: string }> = {
  age: { input: 'spanMin', limits: [60, 1440, 43_200, 525_600], unit: 'min' },
  activity: { input: 'transactionCount', limits: [3, 10, 100, 1000], unit: 'transactions' },
  size: { input: 'totalReceivedEth', limits: [0.1, 1, 10, 100], unit: 'ETH received' },
}

type Cohort = { rows: number; illicit: number; auc: number | null; predicted: number; observed: number }

/** Rows, AUC and mean score beside the share of illicit, by age, activity and size. AUC null where a class is absent. */
export function cohorts({ rows }: Accounts, scored: Scored): Record<string, Record<string, Cohort>> {
  return Object.fromEntries(
    Object.entries(limits).map(([name, { input, limits: cuts, unit }]) => {
      const at = placeOf(input)
      const level = (r: number) => cuts.filter((cut) => rows[r * WIDTH + at]! >= cut).length
      const levels = [...cuts.keys(), cuts.length].map((wanted): [string, Cohort] => {
        const members = Int32Array.from(scored.labels, (_, r) => r).filter((r) => level(r) === wanted)
        const from = wanted === 0 ? '0' : `${cuts[wanted - 1]}`
        const label = wanted === cuts.length ? `${from}+ ${unit}` : `${from} to ${cuts[wanted]} ${unit}`
        return [label, cohortOf(pickScored(scored, members))]
      })
      return [name, Object.fromEntries(levels)]
    }),
  )
}

function cohortOf(part: Scored): Cohort {
  const rows = part.labels.length
  const sum = (values: ArrayLike<number>) => Array.from(values).reduce((total, x) => total + x, 0)
  const illicit = sum(part.labels)
  const auc = illicit === 0 || illicit === rows ? null : rocAuc(part)
  const [predicted, observed] = rows === 0 ? [0, 0] : [sum(part.scores) / rows, illicit / rows]
  return { rows, illicit, auc, predicted, observed }
}

/** Column quantiles of each class, with tokens and without; then one transaction and nothing else, and all missing. */
export function goldenRows({ rows, labels }: Accounts): number[][] {
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
  golden.push(...golden.map((row) => [...withoutTokens(Float32Array.from(row))]))
  const count = placeOf('transactionCount')
  golden.push(names.map((_, f) => (f === count ? 1 : 0)))
  golden.push(names.map((_, f) => (f === count ? 3 : Number.NaN)))
  return golden
}
