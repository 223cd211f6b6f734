/**
 * The lifecycle of alerts in the database: open → updated → confirmed, again updated when a later block adds to it, and
 * retracted when a reorg orphans the block that opened it.
 * Every write is set-based and belongs to the scorer's transaction.
 */
import type { PoolClient } from '../db/pool'
import { sql } from '../db/query'
import type { AlertCandidate } from '../detectors/types'
import { type AlertRow, foldCandidates } from './fold'

/** Folds candidates of new blocks into alerts. Returns how many alerts were opened or changed. */
export async function recordCandidates(
  tx: PoolClient,
  chainId: number,
  candidates: readonly AlertCandidate[],
): Promise<number> {
  if (candidates.length === 0) return 0
  const keys = [...new Set(candidates.map((candidate) => candidate.uniqueKey))]
  const existing = await tx.query<{ alert: AlertRow }>(sql('alerts-existing'), [chainId, keys])
  const folded = foldCandidates(
    chainId,
    existing.rows.map((row) => row.alert),
    candidates,
  )
  if (folded.alerts.length === 0) return 0
  await tx.query(sql('alerts-journal'), [chainId, JSON.stringify(folded.journal)])
  await tx.query(sql('alerts-write'), [JSON.stringify(folded.alerts)])
  return folded.alerts.length
}

/** Undoes what blocks above `remainingHeight` did: alerts born there are retracted, others get their old row back. */
export async function undoAlerts(tx: PoolClient, chainId: number, remainingHeight: number): Promise<number> {
  await tx.query(sql('alerts-restore'), [chainId, remainingHeight])
  const retracted = await tx.query(sql('alerts-retract'), [chainId, remainingHeight])
  await tx.query(sql('alerts-forget'), [chainId, remainingHeight])
  return retracted.rowCount ?? 0
}

/** Confirms alerts whose last change is final, and drops the journal of final blocks. */
export async function confirmAlerts(tx: PoolClient, chainId: number, finalizedHeight: number): Promise<void> {
  await tx.query(sql('alerts-confirm'), [chainId, finalizedHeight])
  await tx.query(sql('alerts-journal-prune'), [chainId, finalizedHeight])
}
