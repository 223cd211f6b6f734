/**
 * The public labelled accounts (a Kaggle collection of Ethereum accounts), read and cleaned once for every model that
 * learns from them. Left out are accounts without any transaction (all 529 are illicit: an artefact of how the set was
 * collected), repeated addresses, and repeated lives: two accounts whose native-coin columns are the same, whatever
 * their tokens, would sit in two folds. Order and `Index` reveal the label, so neither is read: lives come in the order
 * of a hash of their features.
 */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { parse } from 'csv-parse/sync'
import { deriveInputs } from './derive'
import { plainInputs, tokenInputs } from './illicit/inputs'
import type { ModelSpec } from './spec'

/** One life: its row in the order of the spec, and the labels of all accounts that had it, in the file's order. */
export type Life = { row: Float32Array; labels: readonly number[] }

export type PublicAccounts = {
  lives: readonly Life[]
  /** What was read and what was left out. */
  counts: { read: number; withoutTransactions: number; repeatedAddresses: number; repeatedRows: number }
  fileSha256: string
}

type FileRow = Readonly<Record<string, string>>

const tokenColumns = new Set(tokenInputs.map((input) => input.name))

/**
 * Reads the gzipped CSV as rows of a spec that begins with `plainInputs`. A missing native-coin value is NaN. Missing
 * token cells occur only in illicit rows and zeros only in licit ones, one collector having written nothing where the
 * other wrote 0; so they are read as 0 and say nothing by themselves. Throws on a missing column.
 */
export function readPublicAccounts(path: string, spec: ModelSpec): PublicAccounts {
  const file = readFileSync(path)
  const records: FileRow[] = parse(gunzipSync(file), {
    columns: (header: string[]) => header.map((name) => name.trim()),
  })
  const counts = { read: records.length, withoutTransactions: 0, repeatedAddresses: 0, repeatedRows: 0 }
  const addresses = new Set<string>()
  const found = new Map<string, { row: Float32Array; labels: number[] }>()
  for (const record of records) {
    const row = rowOf(record, spec)
    const plain = new Uint8Array(row.buffer, 0, plainInputs.length * 4)
    const key = createHash('sha256').update(plain).digest('hex')
    const address = cell(record, 'Address').toLowerCase()
    const seen = found.get(key)
    if (Number(cell(record, headerOf('transactionCount'))) === 0) counts.withoutTransactions++
    else if (addresses.has(address)) counts.repeatedAddresses++
    else if (seen) {
      counts.repeatedRows++
      seen.labels.push(Number(cell(record, 'FLAG')))
    } else found.set(key, { row, labels: [Number(cell(record, 'FLAG'))] })
    addresses.add(address)
  }
  const lives = [...found].sort((a, b) => (a[0] < b[0] ? -1 : 1)).map(([, life]) => life)
  return { lives, counts, fileSha256: createHash('sha256').update(file).digest('hex') }
}

function rowOf(record: FileRow, spec: ModelSpec): Float32Array {
  const row = spec.inputs.map(({ name, aliases }) => {
    if (aliases === undefined) return Number.NaN
    const text = cell(record, aliases[0]!)
    if (text === '') return tokenColumns.has(name) ? 0 : Number.NaN
    return Number(text)
  })
  deriveInputs(spec, row)
  return Float32Array.from(row)
}

function headerOf(name: string): string {
  return plainInputs.find((input) => input.name === name)!.aliases![0]!
}

function cell(record: FileRow, column: string): string {
  const text = record[column]
  if (text === undefined) throw new Error(`account file has no column "${column}"`)
  return text
}
