/**
 * Unlabelled accounts as rows of `noveltySpec`: the Kaggle collection without its labels. Accounts without transactions,
 * repeated addresses and repeated rows are dropped. `flags` are the labels, kept apart: training never sees them, and
 * metrics.json only says how novelty relates to them.
 */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { parse } from 'csv-parse/sync'
import { noveltySpec } from './spec'

/** Where each input stands in the file; `netEth` is computed. */
const columns: Readonly<Record<string, string>> = {
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

export type Activities = {
  /** Row-major float32 [accounts, F], in spec order. */
  rows: Float32Array
  /** 1 where the account was reported; never read by training. */
  flags: Uint8Array
  counts: {
    read: number
    withoutTransactions: number
    repeatedAddresses: number
    repeatedRows: number
    incompleteRows: number
    kept: number
  }
  fileSha256: string
}

/** Reads and cleans the gzipped CSV; rows come in the order of a hash of their features. Throws on a missing column. */
export function readActivities(path: string): Activities {
  const file = readFileSync(path)
  const records: Record<string, string>[] = parse(gunzipSync(file), {
    columns: (header: string[]) => header.map((name) => name.trim()),
  })
  const counts = {
    read: records.length,
    withoutTransactions: 0,
    repeatedAddresses: 0,
    repeatedRows: 0,
    incompleteRows: 0,
    kept: 0,
  }
  const addresses = new Set<string>()
  const found = new Map<string, { row: Float32Array; flag: number }>()
  for (const record of records) {
    const row = Float32Array.from(noveltySpec.inputs, ({ name }) => quantityOf(record, name))
    const address = cell(record, 'Address').toLowerCase()
    const key = createHash('sha256').update(new Uint8Array(row.buffer)).digest('hex')
    if (cell(record, columns.transactionCount!) === '0') counts.withoutTransactions++
    else if (addresses.has(address)) counts.repeatedAddresses++
    else if (found.has(key)) counts.repeatedRows++
    else if (row.some(Number.isNaN)) counts.incompleteRows++
    else found.set(key, { row, flag: Number(cell(record, 'FLAG')) })
    addresses.add(address)
  }
  const kept = [...found].sort((a, b) => (a[0] < b[0] ? -1 : 1)).map(([, account]) => account)
  const width = noveltySpec.inputs.length
  const rows = new Float32Array(kept.length * width)
  kept.forEach(({ row }, i) => {
    rows.set(row, i * width)
  })
  counts.kept = kept.length
  const flags = Uint8Array.from(kept, ({ flag }) => flag)
  return { rows, flags, counts, fileSha256: createHash('sha256').update(file).digest('hex') }
}

function cell(record: Record<string, string>, column: string): string {
  const text = record[column]
  if (text === undefined) throw new Error(`account file has no column "${column}"`)
  return text
}

function quantityOf(record: Record<string, string>, name: string): number {
  if (name === 'netEth') return quantityOf(record, 'totalReceivedEth') - quantityOf(record, 'totalSentEth')
  const text = cell(record, columns[name]!)
  return text === '' ? Number.NaN : Number(text)
}
