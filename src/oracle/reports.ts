/**
 * Reports as rows. A row's id is its feed, its round and the attempt at that round: one (feed, round) has one live
 * report, and another only when that one was dropped before anybody signed it.
 * Rows that share a bundle id are one submission; a row without one is a submission by itself.
 */
import { type Hex, zeroHash } from 'viem'
import { z } from 'zod'
import type { Pool, PoolClient } from '../db/pool'
import { sql } from '../db/query'
import type { OracleTarget, Report, Submission } from './report'

/** Block that a value was computed at. */
export interface AsOfBlock {
  chainId: bigint
  height: bigint
  hash: Hex
}

export type LiveStatus = 'proposed' | 'signed' | 'sent'

/** One live report with where it is stored. */
export interface LiveReport {
  id: string
  /** Id of its oracle_feed row. */
  feedRow: string
  subjectChainId: bigint
  status: LiveStatus
  digest: Hex
  asOf: AsOfBlock
  report: Report
}

/** All live reports that one set of signatures covers, ascending by feed id. */
export interface LiveSubmission {
  submission: Submission
  parts: readonly LiveReport[]
  digest: Hex
}

const hex = z.string().regex(/^0x[0-9a-f]+$/) as unknown as z.ZodType<Hex>
const rowShape = z.object({
  id: z.string(),
  feed_row: z.string(),
  feed_id: hex,
  subject_chain_id: z.coerce.bigint(),
  status: z.enum(['proposed', 'signed', 'sent']),
  round: z.coerce.bigint(),
  value: z.coerce.bigint(),
  previous_value: z.coerce.bigint(),
  confidence_bps: z.number().int(),
  model_hash: hex,
  bundle_id: hex,
  observed_at: z.coerce.bigint(),
  expires_at: z.coerce.bigint(),
  digest: hex,
  as_of: z.record(z.string(), z.object({ height: z.coerce.bigint(), hash: hex })),
})

/** Id of a feed's row. */
export function feedRowId(target: OracleTarget, feedId: Hex): string {
  return `${target.chainId}:${target.contract.toLowerCase()}:${feedId}`
}

/** What a feed and a round are called in ids of rows. */
export function roundRowId(feedRow: string, round: bigint): string {
  return `${feedRow}:${round}`
}

/** Whether an id is one that a report for this feed and round can have: `<feed row>:<round>:<attempt>`. */
export function isReportRowId(id: string, feedRow: string, round: bigint): boolean {
  const start = `${roundRowId(feedRow, round)}:`
  return id.startsWith(start) && /^\d+$/.test(id.slice(start.length))
}

/** Submissions on their way, oldest first. Throws on a row that does not have the shape the publisher writes. */
export async function readLive(pool: Pool, target: OracleTarget): Promise<LiveSubmission[]> {
  const { rows } = await pool.query(sql('oracle-live-reports'), [
    target.chainId,
    target.contract.toLowerCase(),
  ])
  const groups = new Map<string, LiveReport[]>()
  for (const row of rows) {
    const live = fromRow(rowShape.parse(row))
    const key = live.report.bundleId === zeroHash ? live.id : live.report.bundleId
    groups.set(key, [...(groups.get(key) ?? []), live])
  }
  return [...groups.values()].map(toSubmission)
}

function fromRow(row: z.infer<typeof rowShape>): LiveReport {
  const [asOf, ...others] = Object.entries(row.as_of)
  if (asOf === undefined || others.length > 0)
    throw new Error(`report ${row.id} must be as of exactly one chain`)
  return {
    id: row.id,
    feedRow: row.feed_row,
    subjectChainId: row.subject_chain_id,
    status: row.status,
    digest: row.digest,
    asOf: { chainId: BigInt(asOf[0]), ...asOf[1] },
    report: {
      feedId: row.feed_id,
      round: row.round,
      observedAt: row.observed_at,
      expiresAt: row.expires_at,
      value: row.value,
      previousValue: row.previous_value,
      confidenceBps: row.confidence_bps,
      modelHash: row.model_hash,
      bundleId: row.bundle_id,
    },
  }
}

function toSubmission(unsorted: readonly LiveReport[]): LiveSubmission {
  const parts = [...unsorted].sort((a, b) => (BigInt(a.report.feedId) < BigInt(b.report.feedId) ? -1 : 1))
  const first = parts[0]
  if (first === undefined) throw new Error('a submission holds at least one report')
  const submission = { bundleId: first.report.bundleId, reports: parts.map((part) => part.report) }
  return { submission, parts, digest: first.digest }
}

/** Inserts all reports of a submission as `proposed`. Fails while one of the rounds has another live report. */
export async function insertProposal(
  tx: PoolClient,
  target: OracleTarget,
  proposal: {
    submission: Submission
    digest: Hex
    asOf: ReadonlyMap<Hex, AsOfBlock>
    reasons: ReadonlyMap<Hex, string>
  },
): Promise<void> {
  for (const report of proposal.submission.reports) {
    const asOf = proposal.asOf.get(report.feedId)
    if (asOf === undefined) throw new Error(`feed ${report.feedId} has a report but no block`)
    const feedRow = feedRowId(target, report.feedId)
    await tx.query(sql('oracle-insert-report'), [
      feedRow,
      target.chainId,
      report.round,
      report.value,
      report.previousValue,
      report.confidenceBps,
      report.modelHash,
      report.bundleId,
      report.observedAt,
      report.expiresAt,
      JSON.stringify({ [String(asOf.chainId)]: { height: String(asOf.height), hash: asOf.hash } }),
      proposal.digest,
      proposal.reasons.get(report.feedId) ?? null,
    ])
  }
}

/** Where reports go; `confirmed` and `dropped` are ends, but see `fromConfirmed`. */
export interface StatusChange {
  status: LiveStatus | 'confirmed' | 'dropped'
  txHash?: Hex
  blockNumber?: bigint
  reason?: string
  /** Also moves confirmed reports: a reorganisation took their transaction away. */
  fromConfirmed?: boolean
}

/** Moves reports on; resolves to the ids that changed. */
export async function setReportStatus(
  db: Pool | PoolClient,
  ids: readonly string[],
  change: StatusChange,
): Promise<string[]> {
  const { status, txHash, blockNumber, reason, fromConfirmed } = change
  const values = [ids, status, txHash ?? null, blockNumber ?? null, fromConfirmed ?? false, reason ?? null]
  const { rows } = await db.query<{ id: string }>(sql('oracle-set-report-status'), values)
  return rows.map((row) => row.id)
}
