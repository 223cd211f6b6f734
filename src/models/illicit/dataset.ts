/**
 * The labelled accounts as rows of `illicitSpec`, cleaned. What is removed, and why:
 * accounts without any transaction (all 529 are illicit: an artefact of how the set was collected), repeated
 * addresses, repeated feature rows (the same life under several addresses would sit in two folds), and rows that carry
 * both labels. Two accounts with the same plain columns are one life, whatever their tokens. Order and `Index` reveal the
 * label, so neither is read. ERC-20 columns are missing only in illicit rows, and 0 only in licit ones: one collector
 * wrote nothing where the other wrote 0. Missing is therefore read as 0, so that it says nothing by itself.
 *
 * Many licit accounts are copies of each other: 2,000 wallets of a few entities received exactly 101 or 2,001 ether. Each
 * row's `weights` entry is 1/√(its copies / 3), at most 1, copies being rows with the same total received and the same
 * remainder to the last digits.
 */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { parse } from 'csv-parse/sync'
import { deriveInputs } from '../derive'
import { tokenInputs } from './inputs'
import { illicitSpec } from './spec'

const tokenColumns = new Set(tokenInputs.map((input) => input.name))
const plainWidth = 18

export type Accounts = {
  /** Row-major float32, in spec order. */
  rows: Float32Array
  labels: Uint8Array
  /** Weight of each row in training. */
  weights: Float64Array
  /** Rows with one number are likely wallets of one entity: equal in total received and remainder. */
  entities: Int32Array
  /** What was read and what was dropped. */
  counts: {
    read: number
    withoutTransactions: number
    repeatedAddresses: number
    repeatedRows: number
    contradictingRows: number
    kept: number
    illicit: number
    entities: number
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
    const plain = new Uint8Array(row.buffer, 0, plainWidth * 4)
    const key = createHash('sha256').update(plain).digest('hex')
    const seen = found.get(key)
    if (Number(cell(record, headerOf('transactionCount'))) === 0) counts.withoutTransactions++
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
  const { weights, entities } = copiesOf(rows, labels.length)
  return {
    rows,
    labels,
    weights,
    entities,
    counts: { ...counts, contradictingRows, kept: clear.length, illicit, entities: new Set(entities).size },
    fileSha256,
  }
}

function cell(record: Record<string, string>, column: string): string {
  const text = record[column]
  if (text === undefined) throw new Error(`account file has no column "${column}"`)
  return text
}

function headerOf(name: string): string {
  const header = illicitSpec.inputs.find((input) => input.name === name)?.aliases?.[0]
  if (header === undefined) throw new Error(`input ${name} has no column in the account file`)
  return header
}

function rowOf(record: Record<string, string>): Float32Array {
  const row = illicitSpec.inputs.map(({ name, aliases }) => {
    if (aliases === undefined) return Number.NaN
    const text = cell(record, aliases[0]!)
    if (text === '') return tokenColumns.has(name) ? 0 : Number.NaN
    return Number(text)
  })
  deriveInputs(illicitSpec, row)
  return Float32Array.from(row)
}

function copiesOf(rows: Float32Array, count: number): { weights: Float64Array; entities: Int32Array } {
  const width = illicitSpec.inputs.length
  const column = (name: string) => illicitSpec.inputs.findIndex((input) => input.name === name)
  const keyOf = (name: string, digits: number) => {
    const at = column(name)
    return Array.from({ length: count }, (_, r) => rows[r * width + at]!.toFixed(digits))
  }
  const received = keyOf('totalReceivedEth', 4)
  const remainder = keyOf('netEth', 6)
  const tally = (keys: readonly string[]) => {
    const times = new Map<string, number>()
    for (const key of keys) times.set(key, (times.get(key) ?? 0) + 1)
    return times
  }
  const [byReceived, byRemainder] = [tally(received), tally(remainder)]
  const weights = Float64Array.from({ length: count }, (_, r) => {
    const copies = Math.min(byReceived.get(received[r]!)!, byRemainder.get(remainder[r]!)!)
    return 1 / Math.sqrt(Math.max(1, copies / 3))
  })
  const numbers = new Map<string, number>()
  const entities = Int32Array.from({ length: count }, (_, r) => {
    // A total that few share is no sign of a common owner; each such account stands for itself.
    const key = byReceived.get(received[r]!)! >= 15 ? received[r]! : `${r}`
    if (!numbers.has(key)) numbers.set(key, numbers.size)
    return numbers.get(key)!
  })
  return { weights, entities }
}
