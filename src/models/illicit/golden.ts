/** The rows that the file of `illicit` is checked with: no real account's, but quantiles and edge cases. */
import type { Accounts } from './dataset'
import { names, placeOf, WIDTH, withoutTokens } from './groups'

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
