/** Groups of inputs that go missing together, and rows with a group taken out, derived inputs included. */
import { seededRandom } from '../../math/statistics'
import type { Expression } from '../derive'
import type { LabelledRows } from '../learn/boost'
import { fineInputs, shareInputs } from './derived-inputs'
import { plainInputs, tokenInputs } from './inputs'
import { illicitSpec } from './spec'

export const names = illicitSpec.inputs.map((input) => input.name)
export const WIDTH = names.length

/** Place of an input in a row. Throws on a name that is none. */
export function placeOf(name: string): number {
  const at = names.indexOf(name)
  if (at < 0) throw new Error(`illicit has no input ${name}`)
  return at
}

/** Raw inputs by group. */
export const groups: Record<string, readonly string[]> = {
  timing: ['avgSentGapMin', 'avgReceivedGapMin', 'spanMin'],
  counterparties: ['uniqueSendersCount', 'uniqueRecipientsCount'],
  received: ['minReceivedEth', 'maxReceivedEth', 'avgReceivedEth', 'totalReceivedEth'],
  sent: ['minSentEth', 'maxSentEth', 'avgSentEth', 'totalSentEth'],
  created: ['createdCount'],
}

/** Every token column: what an account from a chain without them, or from another collector, comes without. */
export const tokenGroup = placesWithout(tokenInputs.map((input) => input.name))

const places: Record<string, readonly number[]> = Object.fromEntries(
  Object.entries(groups).map(([group, members]) => [group, placesWithout(members)]),
)

/** Places of these inputs and of all that follows from them. */
function placesWithout(members: readonly string[]): number[] {
  const gone = new Set(members)
  for (const { name, derived } of [...plainInputs, ...shareInputs, ...fineInputs]) {
    // A count of all transactions is a column of its own; its expression is only for files without it.
    if (derived && name !== 'transactionCount' && columnsOf(derived).some((column) => gone.has(column)))
      gone.add(name)
  }
  return [...gone].map((name) => names.indexOf(name))
}

function columnsOf(expression: Expression): string[] {
  if (typeof expression === 'number') return []
  if (typeof expression === 'string') return [expression]
  return [...columnsOf(expression[1]), ...columnsOf(expression[2])]
}

/** A copy of the rows in which a group is missing everywhere. */
export function withoutGroup(rows: Float32Array, group: string): Float32Array {
  return blank(rows, () => places[group]!)
}

/** A copy of the rows without token columns. */
export function withoutTokens(rows: Float32Array): Float32Array {
  return blank(rows, () => tokenGroup)
}

const MISSING_WEIGHT = 0.25

/** The rows, and again each with one random group missing, at a quarter of its weight. */
export function withMissingGroups(all: LabelledRows, seed: number): LabelledRows {
  const random = seededRandom(seed)
  const every = Object.values(places)
  const count = all.labels.length
  const rows = new Float32Array(all.rows.length * 2)
  rows.set(all.rows)
  rows.set(
    blank(all.rows, () => every[Math.floor(random() * every.length)]!),
    all.rows.length,
  )
  const weights = Float64Array.from(
    { length: count * 2 },
    (_, i) => (all.weights?.[i % count] ?? 1) * (i < count ? 1 : MISSING_WEIGHT),
  )
  return { rows, labels: Uint8Array.from([...all.labels, ...all.labels]), weights }
}

function blank(rows: Float32Array, placesOfRow: () => readonly number[]): Float32Array {
  const result = rows.slice()
  for (let start = 0; start < rows.length; start += WIDTH) {
    for (const at of placesOfRow()) result[start + at] = Number.NaN
  }
  return result
}
