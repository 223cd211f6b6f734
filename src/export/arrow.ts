/** Feature tables → an Arrow IPC file, a record batch at a time, as fast as the disk takes them. */
import { createWriteStream } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { type Field, RecordBatch, RecordBatchFileWriter, Schema, type Table } from 'apache-arrow'
import type { FeatureTable } from '../features/types'

/** Writes all tables under one schema that carries the metadata. Rejects with the error of the source or the disk. */
export async function writeArrow(
  path: string,
  tables: AsyncIterable<FeatureTable>,
  metadata: ReadonlyMap<string, string>,
): Promise<void> {
  const source = Readable.from(batchesOf(tables, metadata), { objectMode: true, highWaterMark: 1 })
  await pipeline(source, RecordBatchFileWriter.throughNode({ autoDestroy: true }), createWriteStream(path))
}

async function* batchesOf(
  tables: AsyncIterable<FeatureTable>,
  metadata: ReadonlyMap<string, string>,
): AsyncGenerator<RecordBatch> {
  let schema: Schema | undefined
  for await (const { table } of tables) {
    schema ??= new Schema(table.schema.fields as Field[], new Map(metadata))
    for (const batch of (table as Table).batches) yield new RecordBatch(schema, batch.data)
  }
}
