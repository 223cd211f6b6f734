/**
 * Unlabelled accounts as rows of `noveltySpec`: what public-accounts.ts leaves of the collection, without lives of which
 * something is missing. `flags` are the labels, kept apart: training never sees them, and metrics.json only says how
 * novelty relates to them.
 */
import { type PublicAccounts, readPublicAccounts } from '../public-accounts'
import { noveltySpec } from './spec'

export type Activities = {
  /** Row-major float32 [accounts, F], in spec order. */
  rows: Float32Array
  /** 1 where the account was reported; never read by training. */
  flags: Uint8Array
  counts: PublicAccounts['counts'] & Record<'incompleteRows' | 'kept', number>
  fileSha256: string
}

/** Reads and cleans the gzipped CSV; rows come in the order of a hash of their features. Throws on a missing column. */
export function readActivities(path: string): Activities {
  const { lives, counts, fileSha256 } = readPublicAccounts(path, noveltySpec)
  const kept = lives.filter(({ row }) => !row.some(Number.isNaN))
  const width = noveltySpec.inputs.length
  const rows = new Float32Array(kept.length * width)
  kept.forEach(({ row }, i) => {
    rows.set(row, i * width)
  })
  return {
    rows,
    flags: Uint8Array.from(kept, ({ labels }) => labels[0]!),
    counts: { ...counts, incompleteRows: lives.length - kept.length, kept: kept.length },
    fileSha256,
  }
}
