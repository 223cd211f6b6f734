/**
 * Who is known to be what, from lists that other people keep: files named in PLIMSOLL_LABELS, never part of this
 * repository. Pure: text in, book out.
 *
 * Three shapes of file: CSV with a header in which a column's name ends in `address` (and perhaps a column `kind`), JSON
 * lines with `address` and `labels`, and plain text with an address a line. What a file is about, where its rows do not
 * say, follows from its name: `ofac` or `sanction` → sanctioned, `mixer` or `tornado` → mixer, else flagged. Of JSON lines
 * only those count whose labels say something of the kind; explorers label everybody.
 *
 * Lists carry no dates: an address that was listed last week counts as listed at every block. Whoever trains a model on
 * features that use them must keep the labelled accounts themselves, and those listed because of them, out of its tests.
 */
import { parse } from 'csv-parse/sync'
import type { Hex } from '../chains/types'
import { PlimsollError } from '../errors'

export const LABEL_KINDS = ['flagged', 'mixer', 'sanctioned'] as const
export type LabelKind = (typeof LABEL_KINDS)[number]

/** Lower-case addresses by kind; one address may be of several. They count on every chain. */
export type LabelBook = Readonly<Record<LabelKind, ReadonlySet<Hex>>>

export interface LabelFile {
  /** Without its folder; `.gz` has been unpacked. */
  name: string
  text: string
}

const ADDRESS = /^0x[0-9a-f]{40}$/
/** Explorers' own words. */
const WORDS: Readonly<Record<string, LabelKind>> = {
  'phish-hack': 'flagged',
  phishing: 'flagged',
  exploit: 'flagged',
  heist: 'flagged',
  scam: 'flagged',
  hack: 'flagged',
  mixer: 'mixer',
  'tornado-cash': 'mixer',
  'ethereum-mixer': 'mixer',
  blocked: 'flagged',
  'ofac-sanctions-lists': 'sanctioned',
  sanctioned: 'sanctioned',
}

/** One book of all files. @throws PlimsollError on a file that no shape fits, with its name and line */
export function labelBook(files: readonly LabelFile[]): LabelBook {
  const book = { flagged: new Set<Hex>(), mixer: new Set<Hex>(), sanctioned: new Set<Hex>() }
  for (const file of files) {
    for (const { address, kind } of rowsOf(file)) book[kind].add(address)
  }
  return book
}

interface Row {
  address: Hex
  kind: LabelKind
}

function rowsOf(file: LabelFile): Row[] {
  if (/\.(ndjson|jsonl)$/.test(file.name)) return jsonRows(file)
  return file.name.endsWith('.csv') ? csvRows(file) : textRows(file)
}

function kindOfName(name: string): LabelKind {
  if (/ofac|sanction/i.test(name)) return 'sanctioned'
  return /mixer|tornado/i.test(name) ? 'mixer' : 'flagged'
}

function csvRows({ name, text }: LabelFile): Row[] {
  let rows: Record<string, string>[]
  try {
    rows = parse(text, { columns: true, bom: true, relax_column_count: true, skip_empty_lines: true })
  } catch (cause) {
    throw wrong(name, 1, 'is not CSV', cause)
  }
  const column = Object.keys(rows[0] ?? {}).find((key) => /address$/i.test(key))
  if (rows.length > 0 && column === undefined)
    throw wrong(name, 1, 'has no column whose name ends in `address`')
  return rows.map((row, i) => ({
    address: addressOf(row[column ?? ''] ?? '', name, i + 2),
    kind: row.kind === undefined ? kindOfName(name) : kindOf(row.kind, name, i + 2),
  }))
}

function kindOf(text: string, name: string, line: number): LabelKind {
  const kind = LABEL_KINDS.find((known) => known === text)
  if (kind !== undefined) return kind
  throw wrong(name, line, `has kind ${text || '(empty)'}; known: ${LABEL_KINDS.join(', ')}`)
}

function jsonRows({ name, text }: LabelFile): Row[] {
  return text.split('\n').flatMap((line, i) => {
    if (line.trim() === '') return []
    let row: { address?: unknown; labels?: unknown }
    try {
      row = JSON.parse(line)
    } catch (cause) {
      throw wrong(name, i + 1, 'is not JSON', cause)
    }
    // Explorers' lists have rows for sums and for names without an address.
    if (row.address === '' || !Array.isArray(row.labels)) return []
    const kinds = new Set(
      row.labels.map((label) => WORDS[String(label)]).filter((kind) => kind !== undefined),
    )
    return [...kinds].map((kind) => ({ address: addressOf(String(row.address), name, i + 1), kind }))
  })
}

function textRows({ name, text }: LabelFile): Row[] {
  return text.split('\n').flatMap((line, i) => {
    const address = line.trim()
    return address === '' || address.startsWith('#')
      ? []
      : [{ address: addressOf(address, name, i + 1), kind: kindOfName(name) }]
  })
}

function addressOf(text: string, name: string, line: number): Hex {
  const address = text.trim().toLowerCase()
  if (ADDRESS.test(address)) return address as Hex
  throw wrong(name, line, `has ${address.slice(0, 60) || '(nothing)'} where an address is expected`)
}

function wrong(name: string, line: number, what: string, cause?: unknown): PlimsollError {
  return new PlimsollError(`label file ${name}, line ${line}: ${what}`, {
    hint: 'see docs/features.md for the shapes of label files',
    cause,
    exitCode: 2,
  })
}
