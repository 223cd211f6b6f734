/**
 * The labelled accounts as rows of `illicitSpec`, cleaned. What is removed, and why:
 * accounts without any transaction (all 529 are illicit: an artefact of how the set was collected), repeated
 * addresses, repeated feature rows (the same life under several addresses would sit in two folds), and rows that carry
 * both labels. Order and `Index` reveal the label, so neither is read; ERC-20 columns are missing only in illicit rows,
 * so they are not read either.
 */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { parse } from 'csv-parse/sync'
import { illicitSpec } from './spec'

/** Where each input of the spec stands in the file; `netEth` is computed. */
const columns: Record<string, string> = {
  avgSentGapMin: 'Avg min between sent tnx',
  avgReceivedGapMin: 'Avg min between received tnx',
  spanMin: 'Time Diff between first and last (Mins)',
  sentCount: 'Sent tnx',
  receivedCount: 'Received Tnx',
  createdCount: 'Number of Created Contracts',
  uniqueSendersCount: 'Unique Received From Addresses',
  uniqueRecipientsCount: 'Unique Sent To Addresses',
  minReceivedEth: 'min value received',
  maxReceivedEth: 'max value received',
  avgReceivedEth: 'avg val received',
  minSentEth: 'min val sent',
  maxSentEth: 'max val sent',
  avgSentEth: 'avg val sent',
  transactionCount: 'total transactions (including tnx to create contract',
  totalSentEth: 'total Ether sent',
  totalReceivedEth: 'total ether received',
}

export type Accounts = {
  /** Row-major float32, in spec order. */
  rows: Float32Array
  labels: Uint8Array
  /** What was read and what was dropped. */
  counts: {
    read: number
    withoutTransactions: number
    repeatedAddresses: number
    repeatedRows: number
    contradictingRows: number
    kept: number
    illicit: number
  }
  fileSha256: string
}

/** Reads and cleans the gzipped CSV. Rows come in the order of a hash of their features. Throws on a missing column. */
export function readAccounts(path: string): Accounts {
  const file = readFileSync(path)
  const records: Record<string, string>[] = parse(gunzipSync(file), {
    columns: (header: string[]) => header.map((name) => name.trim()),
  })
  const counts = { read: records.length, withoutTransactions: 0, repeatedAddresses: 0, repeatedRows: 0 }
  const addresses = new Set<string>()
  const found = new Map<string, { row: Float32Array; labels: Set<number> }>()
  for (const record of records) {
    const row = rowOf(record)
    const address = cell(record, 'Address').toLowerCase()
    const key = createHash('sha256').update(new Uint8Array(row.buffer)).digest('hex')
    const seen = found.get(key)
    if (cell(record, columns.transactionCount!) === '0') counts.withoutTransactions++
    else if (addresses.has(address)) counts.repeatedAddresses++
    else if (seen) {
      counts.repeatedRows++
      seen.labels.add(Number(cell(record, 'FLAG')))
    } else found.set(key, { row, labels: new Set([Number(cell(record, 'FLAG'))]) })
    addresses.add(address)
  }
  const clear = [...found.entries()]
    .filter(([, { labels }]) => labels.size === 1)
    .sort((a, b) => (a[0] < b[0] ? -1 : 1))
  const width = illicitSpec.inputs.length
  const rows = new Float32Array(clear.length * width)
  clear.forEach(([, { row }], i) => {
    rows.set(row, i * width)
  })
  const labels = Uint8Array.from(clear, ([, account]) => [...account.labels][0]!)
  const contradictingRows = found.size - clear.length
  const illicit = labels.reduce((sum, label) => sum + label, 0)
  const fileSha256 = createHash('sha256').update(file).digest('hex')
  return { rows, labels, counts: { ...counts, contradictingRows, kept: clear.length, illicit }, fileSha256 }
}

function cell(record: Record<string, string>, column: string): string {
  const text = record[column]
  if (text === undefined) throw new Error(`account file has no column "${column}"`)
  return text
}

function rowOf(record: Record<string, string>): Float32Array {
  const values = illicitSpec.inputs.map(({ name }) => {
    if (name === 'netEth') {
      return Number(cell(record, columns.totalReceivedEth!)) - Number(cell(record, columns.totalSentEth!))
    }
    const text = cell(record, columns[name]!)
    return text === '' ? Number.NaN : Number(text)
  })
  return Float32Array.from(values)
}
