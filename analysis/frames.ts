/** Arrow files as DataFrames, and DataFrames as rows for plots and Markdown. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { tableFromIPC } from 'apache-arrow'
import { DataFrame } from 'danfojs-node'

export type Row = Record<string, string | number>

const EXPORTS = join(__dirname, 'exports')

/** Reads an exported table. int64 columns become numbers: what is exported here fits. Throws when it was not exported. */
export function readFrame(name: string): DataFrame {
  const file = join(EXPORTS, `${name}.arrow`)
  if (!existsSync(file)) throw new Error(`${file} is missing; npm run studies exports it first`)
  const table = tableFromIPC(readFileSync(file))
  const columns = Object.fromEntries(
    table.schema.fields.map((field) => {
      const values = Array.from(table.getChild(field.name) ?? [])
      return [field.name, values.map((value) => (typeof value === 'bigint' ? Number(value) : value))]
    }),
  )
  return new DataFrame(columns)
}

/** The rows of a frame. */
export function rowsOf(frame: DataFrame): Row[] {
  const names = frame.columns as string[]
  return (frame.values as (string | number)[][]).map((values) =>
    Object.fromEntries(names.map((name, i) => [name, values[i]!])),
  )
}

/** Which of equally filled bins each value is in: 0 is the lowest. danfojs has no quantiles. */
export function rankBins(values: readonly number[], bins: number): number[] {
  const order = values.map((_, i) => i).sort((a, b) => values[a]! - values[b]!)
  const bin = new Array<number>(values.length).fill(0)
  order.forEach((row, rank) => {
    bin[row] = Math.min(bins - 1, Math.floor((rank * bins) / values.length))
  })
  return bin
}

/** A Markdown table. Numbers get four significant digits. */
export function markdown(rows: readonly Row[]): string {
  const names = Object.keys(rows[0] ?? {})
  const cell = (value: string | number | undefined) =>
    typeof value === 'number' && !Number.isInteger(value) ? value.toPrecision(4) : String(value)
  return [
    `| ${names.join(' | ')} |`,
    `|${names.map(() => '---').join('|')}|`,
    ...rows.map((row) => `| ${names.map((name) => cell(row[name])).join(' | ')} |`),
  ].join('\n')
}
