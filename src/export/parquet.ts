/**
 * Feature tables → a Parquet file, a row group a table. By hyparquet-writer, which is written in plain JavaScript and
 * writes row groups as they come; parquet-wasm holds a file in memory, and DuckDB brings 70 MB of native code.
 *
 * Columns are required: a missing value is NaN here as everywhere, not null.
 */
import type { Table } from 'apache-arrow'
import { subjectsOf } from '../features/table'
import type { FeatureTable } from '../features/types'

/** Rejects with the error of the source or the disk. */
export async function writeParquet(
  path: string,
  tables: AsyncIterable<FeatureTable>,
  metadata: ReadonlyMap<string, string>,
): Promise<void> {
  const { fileWriter, ParquetWriter } = await import('hyparquet-writer')
  let writer: InstanceType<typeof ParquetWriter> | undefined
  for await (const features of tables) {
    writer ??= new ParquetWriter({
      writer: fileWriter(path),
      schema: [
        { name: 'root', num_children: features.columns.length + 1 },
        { name: 'subjectId', type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'REQUIRED' },
        ...features.columns.map((name) => ({
          name,
          type: 'FLOAT' as const,
          repetition_type: 'REQUIRED' as const,
        })),
      ],
      kvMetadata: [...metadata].map(([key, value]) => ({ key, value })),
      createdBy: 'plimsoll',
    })
    const rows = features.table.numRows
    if (rows > 0) await writer.write({ columnData: columnsOf(features), rowGroupSize: rows })
  }
  await writer?.finish()
}

function columnsOf(features: FeatureTable): { name: string; data: string[] | Float32Array }[] {
  const table: Table = features.table
  return [
    { name: 'subjectId', data: subjectsOf(features) },
    ...features.columns.map((name) => ({ name, data: table.getChild(name)?.toArray() as Float32Array })),
  ]
}
