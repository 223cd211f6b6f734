/**
 * The labelled accounts as rows of `illicitSpec`: what public-accounts.ts leaves of the collection, without the lives that
 * carry both labels.
 *
 * Many licit accounts are copies of each other: 2,000 wallets of a few entities received exactly 101 or 2,001 ether. Each
 * row's `weights` entry is 1/√(its copies / 3), at most 1, copies being rows with the same total received and the same
 * remainder to the last digits.
 */
import { type PublicAccounts, readPublicAccounts } from '../public-accounts'
import { illicitSpec } from './spec'

export type Accounts = {
  /** Row-major float32, in spec order. */
  rows: Float32Array
  labels: Uint8Array
  /** Weight of each row in training. */
  weights: Float64Array
  /** Rows with one number are likely wallets of one entity: equal in total received and remainder. */
  entities: Int32Array
  /** What was read and what was dropped. */
  counts: PublicAccounts['counts'] & Record<'contradictingRows' | 'kept' | 'illicit' | 'entities', number>
  fileSha256: string
}

/** Reads and cleans the gzipped CSV. Rows come in the order of a hash of their features. Throws on a missing column. */
export function readAccounts(path: string): Accounts {
  const { lives, counts, fileSha256 } = readPublicAccounts(path, illicitSpec)
  const clear = lives.filter((life) => new Set(life.labels).size === 1)
  const width = illicitSpec.inputs.length
  const rows = new Float32Array(clear.length * width)
  clear.forEach(({ row }, i) => {
    rows.set(row, i * width)
  })
  const labels = Uint8Array.from(clear, (life) => life.labels[0]!)
  const { weights, entities } = copiesOf(rows, labels.length)
  return {
    rows,
    labels,
    weights,
    entities,
    counts: {
      ...counts,
      contradictingRows: lives.length - clear.length,
      kept: clear.length,
      illicit: labels.reduce((sum, label) => sum + label, 0),
      entities: new Set(entities).size,
    },
    fileSha256,
  }
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
