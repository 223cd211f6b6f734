/** Feature files of others, read a batch at a time: CSV, or Arrow (IPC file or stream). Memory does not grow with the file. */
import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { type DataType, RecordBatchReader, Type, type Vector } from 'apache-arrow'
import { parse } from 'csv-parse'
import { PlimsollError } from '../errors'
import { deriveInputs } from './derive'
import { finite, mapColumns, numberOf } from './score-columns'
import type { ModelSpec } from './spec'

/** `rows` is row-major [ids.length, inputs], missing values NaN, derived inputs filled in. */
export type FeatureBatch = { ids: string[]; rows: Float64Array }

const BATCH_ROWS = 8192
const MOST_ID_LENGTH = 256

/** Batches of a file; the format follows from its name. Throws PlimsollError that names the column, row and value. */
export function readFeatures(spec: ModelSpec, path: string): AsyncGenerator<FeatureBatch> {
  if (/\.csv$/i.test(path)) return readCsv(spec, path)
  if (/\.(arrow|arrows|feather|ipc)$/i.test(path)) return readArrow(spec, path)
  throw new PlimsollError(`cannot tell the format of ${path}`, {
    hint: 'name it .csv or .arrow',
    exitCode: 2,
  })
}

async function* readCsv(spec: ModelSpec, path: string): AsyncGenerator<FeatureBatch> {
  const file = createReadStream(path)
  const parser = parse({ bom: true, skip_empty_lines: true })
  file.on('error', (error) => parser.destroy(error))
  const lines = file.pipe(parser)
  let columns: ReturnType<typeof mapColumns> | undefined
  let batch = emptyBatch(spec)
  let line = 1
  try {
    for await (const record of lines as AsyncIterable<string[]>) {
      if (columns === undefined) {
        columns = mapColumns(spec, record)
        continue
      }
      line++
      const { id, inputs } = columns
      addRow(spec, batch, {
        id: record[id]!,
        where: `row ${line - 1}`,
        value: (i) =>
          inputs[i]! < 0 ? Number.NaN : numberOf(record[inputs[i]!]!, cellName(line - 1, spec, i)),
      })
      if (batch.ids.length === BATCH_ROWS) {
        yield batch
        batch = emptyBatch(spec)
      }
    }
  } catch (error) {
    throw readable(error, path)
  } finally {
    file.destroy()
  }
  if (batch.ids.length > 0) yield trimmed(spec, batch)
}

async function* readArrow(spec: ModelSpec, path: string): AsyncGenerator<FeatureBatch> {
  const file = await open(path).catch((error: unknown) => {
    throw readable(error, path)
  })
  let row = 0
  try {
    const reader = await RecordBatchReader.from(file)
    for await (const part of await reader.open()) {
      const columns = mapColumns(spec, part.schema.names.map(String))
      const ids = part.getChildAt(columns.id)!
      const vectors = columns.inputs.map((at) => (at < 0 ? undefined : part.getChildAt(at)!))
      vectors.forEach((vector, i) => {
        checkType(vector, spec.inputs[i]!.name)
      })
      for (let start = 0; start < part.numRows; start += BATCH_ROWS) {
        const batch = emptyBatch(spec)
        for (let r = start; r < Math.min(part.numRows, start + BATCH_ROWS); r++) {
          row++
          addRow(spec, batch, {
            id: ids.get(r) === null ? '' : String(ids.get(r)),
            where: `row ${row}`,
            value: (i) => {
              const value: number | bigint | null | undefined = vectors[i]?.get(r)
              return value == null ? Number.NaN : finite(Number(value), cellName(row, spec, i))
            },
          })
        }
        yield trimmed(spec, batch)
      }
    }
  } catch (error) {
    throw readable(error, path)
  } finally {
    await file.close().catch(() => undefined)
  }
}

function checkType(vector: Vector<DataType> | undefined, name: string): void {
  const kind = vector?.type.typeId
  if (kind === undefined || kind === Type.Int || kind === Type.Float || kind === Type.Null) return
  throw new PlimsollError(`column ${name} has Arrow type ${vector!.type}, not a number`, { exitCode: 2 })
}

function emptyBatch(spec: ModelSpec): FeatureBatch {
  return { ids: [], rows: new Float64Array(BATCH_ROWS * spec.inputs.length) }
}

function trimmed(spec: ModelSpec, { ids, rows }: FeatureBatch): FeatureBatch {
  return { ids, rows: rows.subarray(0, ids.length * spec.inputs.length) }
}

function addRow(
  spec: ModelSpec,
  batch: FeatureBatch,
  { id, where, value }: { id: string; where: string; value: (input: number) => number },
): void {
  if (id.trim() === '') throw new PlimsollError(`${where}: the id is empty`, { exitCode: 2 })
  if (id.length > MOST_ID_LENGTH) {
    throw new PlimsollError(
      `${where}: the id has ${id.length} characters, at most ${MOST_ID_LENGTH} are allowed`,
      {
        exitCode: 2,
      },
    )
  }
  const width = spec.inputs.length
  const row = batch.rows.subarray(batch.ids.length * width, (batch.ids.length + 1) * width)
  for (let i = 0; i < width; i++) row[i] = value(i)
  deriveInputs(spec, row)
  // A derived value can overflow although all it follows from fits.
  for (let i = 0; i < width; i++) finite(row[i]!, `${where}, derived column ${spec.inputs[i]!.name}`)
  batch.ids.push(id)
}

function cellName(row: number, spec: ModelSpec, input: number): string {
  return `row ${row}, column ${spec.inputs[input]!.name}`
}

function readable(error: unknown, path: string): PlimsollError {
  if (error instanceof PlimsollError) return error
  const message = error instanceof Error ? error.message : String(error)
  return new PlimsollError(`cannot read ${path}: ${message}`, {
    cause: error,
    exitCode: 2,
    ...(/codec not found/.test(message) && { hint: 'write the file without compression' }),
  })
}
