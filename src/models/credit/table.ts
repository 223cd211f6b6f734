/** A CSV file, gzipped or not, whose cells know where they stand, so that an error can say so. */
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { parse } from 'csv-parse/sync'
import { PlimsollError } from '../../errors'

export type Cell = {
  text: string
  /** A finite number. @throws PlimsollError with exit code 2 */
  number(): number
  /** Seconds since the epoch of a UTC time `YYYY-MM-DD HH:MM[:SS[.mmm]]`. @throws PlimsollError with exit code 2 */
  utcSec(): number
}

/** A row is asked for a column by name; @throws PlimsollError when the file has none of that name. */
export type Row = (column: string) => Cell

export type Table = {
  /** Folder and name, for messages and manifests. */
  file: string
  sha256: string
  columns: readonly string[]
  rows: readonly Row[]
}

/** `name` in `folder`, as `.csv.gz` or `.csv`. @throws PlimsollError with exit code 2 when neither exists */
export function readTable(folder: string, name: string): Table {
  const path = [join(folder, `${name}.csv.gz`), join(folder, `${name}.csv`)].find((file) => existsSync(file))
  if (path !== undefined) return readTableFile(path)
  throw new PlimsollError(`no ${name}.csv.gz or ${name}.csv in ${folder}`, {
    hint: 'the folder needs the files of ../shared/data/lending/maker-eth-b',
    exitCode: 2,
  })
}

/** A file by its path. @throws PlimsollError with exit code 2 when it cannot be read or is no CSV */
export function readTableFile(path: string): Table {
  const file = join(basename(dirname(path)), basename(path)).replaceAll('\\', '/')
  try {
    const bytes = readFileSync(path)
    const text = path.endsWith('.gz') ? gunzipSync(bytes) : bytes
    const lines: string[][] = parse(text, { bom: true, skip_empty_lines: true, relax_column_count: true })
    const columns = (lines[0] ?? []).map((column) => column.trim())
    const rows = lines.slice(1).map((cells, i) => rowOf(cells, { columns, file, line: i + 2 }))
    return { file, sha256: createHash('sha256').update(bytes).digest('hex'), columns, rows }
  } catch (cause) {
    if (cause instanceof PlimsollError) throw cause
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new PlimsollError(`cannot read ${path}: ${why}`, { cause, exitCode: 2 })
  }
}

function rowOf(cells: readonly string[], place: { columns: string[]; file: string; line: number }): Row {
  const { columns, file, line } = place
  return (column) => {
    const at = columns.indexOf(column)
    if (at < 0) {
      throw new PlimsollError(`${file} has no column "${column}"; it has ${columns.join(', ')}`, {
        exitCode: 2,
      })
    }
    const text = (cells[at] ?? '').trim()
    const fault = (what: string) =>
      new PlimsollError(`${file}, line ${line}, ${column}: "${text}" is not ${what}`, { exitCode: 2 })
    return {
      text,
      number: () => {
        const value = text === '' ? Number.NaN : Number(text)
        if (!Number.isFinite(value)) throw fault('a number')
        return value
      },
      utcSec: () => {
        const sec = utcSec(text)
        if (sec === undefined) throw fault('a UTC time like 2021-06-01 12:00:00')
        return sec
      },
    }
  }
}

/** Seconds since the epoch, or undefined when the text is no date, or a date that does not exist. */
export function utcSec(text: string): number | undefined {
  const match =
    /^(\d{4})-(\d{1,2})-(\d{1,2})(?:[ T](\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?(?: ?(?:UTC|Z))?)?$/.exec(
      text,
    )
  if (!match) return undefined
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match
    .slice(1)
    .map((x) => Number(x ?? 0))
  const time = new Date(Date.UTC(year, month - 1, day, hour, minute, second))
  if (time.getUTCMonth() !== month - 1 || time.getUTCDate() !== day || hour > 23) return undefined
  return time.getTime() / 1000
}
