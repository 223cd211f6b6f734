/** Arrow tables of features and their rows. Pure. */
import { makeVector, Table, tableFromIPC, tableToIPC, Utf8, type Vector, vectorFromArray } from 'apache-arrow'
import { round32 } from './float'
import type { FeatureTable, Withheld } from './types'

/** One subject's features before rounding, in the group's column order. */
export interface FeatureRow {
  subjectId: string
  values: readonly number[]
}

/**
 * Builds a group's table: rows sorted by subject id, every value rounded to float32 here and nowhere else. Throws when
 * a row has the wrong width or a subject appears twice.
 */
export function featureTable(
  group: string,
  columns: readonly string[],
  rows: readonly FeatureRow[],
  withheld: readonly Withheld[],
): FeatureTable {
  const sorted = [...rows].sort((a, b) => compare(a.subjectId, b.subjectId))
  sorted.forEach((row, i) => {
    if (row.values.length !== columns.length) {
      throw new Error(`${group}: ${row.subjectId} has ${row.values.length} values, not ${columns.length}`)
    }
    if (sorted[i - 1]?.subjectId === row.subjectId) throw new Error(`${group}: ${row.subjectId} twice`)
  })
  const vectors: Record<string, Vector> = {
    subjectId: vectorFromArray(
      sorted.map((row) => row.subjectId),
      new Utf8(),
    ),
  }
  columns.forEach((column, i) => {
    vectors[column] = makeVector(round32(sorted.map((row) => row.values[i]!)))
  })
  return {
    group,
    columns,
    table: new Table(vectors),
    withheld: [...withheld].sort((a, b) => compare(a.subjectId, b.subjectId)),
  }
}

/** Subject ids of the table's rows. */
export function subjectsOf(features: FeatureTable): string[] {
  const column = features.table.getChild('subjectId')
  return column ? Array.from(column, String) : []
}

/** The rows as a model takes them: row-major float32 of the named inputs. Throws when the group lacks an input. */
export function matrixOf(features: FeatureTable, inputs: readonly string[]): Float32Array {
  const rows = features.table.numRows
  const matrix = new Float32Array(rows * inputs.length)
  inputs.forEach((input, column) => {
    const values = features.columns.includes(input) ? features.table.getChild(input)?.toArray() : undefined
    if (!(values instanceof Float32Array)) throw new Error(`group ${features.group} has no input ${input}`)
    for (let row = 0; row < rows; row++) matrix[row * inputs.length + column] = values[row]!
  })
  return matrix
}

/** The table as Arrow IPC bytes (stream format): what exports and byte-for-byte comparisons use. */
export function featureBytes(features: FeatureTable): Uint8Array {
  return tableToIPC(features.table, 'stream')
}

/** Reads `featureBytes` back. */
export function tableFromBytes(bytes: Uint8Array): Table {
  return tableFromIPC(bytes)
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
