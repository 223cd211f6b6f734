/** Tables on the terminal, and the two statistics that every bench needs. */
import { quantileOfSorted } from '../src/math/statistics'

/** Prints rows as columns: the first to the left, the others to the right. */
export function printTable(rows: readonly (readonly string[])[]): void {
  const widths: number[] = []
  for (const row of rows) {
    row.forEach((cell, i) => {
      widths[i] = Math.max(widths[i] ?? 0, cell.length)
    })
  }
  for (const row of rows) {
    const cells = row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)))
    console.log(cells.join('  ').trimEnd())
  }
}

/** @param share 0 to 1; values need not be sorted */
export function quantile(values: readonly number[], share: number): number {
  return quantileOfSorted(
    [...values].sort((a, b) => a - b),
    share,
  )
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5)
}

/** A number cut to so many digits behind the point, for the JSON line. */
export function round(value: number, digits = 0): number {
  return Number(value.toFixed(digits))
}

export function thousands(value: number): string {
  return Math.round(value).toLocaleString('en')
}
