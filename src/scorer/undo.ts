/** Undoes what was derived from blocks that a reorg orphaned, so that the rest is as if they had never been. */
import { undoAlerts } from '../alerts/lifecycle'
import type { PoolClient } from '../db/pool'
import { sql } from '../db/query'
import { POSITION_MODEL } from '../features/score-positions'
import { SYSTEMIC_MODEL } from '../systemic/market-score'

/** Models that are asked about every subject in every round. */
export const EVERY_ROUND: readonly string[] = [POSITION_MODEL, SYSTEMIC_MODEL]

export interface Undone {
  scoresDeleted: number
  alertsRetracted: number
}

/** Leaves current, of those models, what the last round said; -1 where there is no round. */
export async function lapseScores(tx: PoolClient, chainId: number, lastHeight: number): Promise<void> {
  for (const name of EVERY_ROUND) await tx.query(sql('scorer-scores-lapse'), [chainId, name, lastHeight])
}

/**
 * Leaves scores, sums of rounds and alerts as they stood when `remainingHeight` was the last block. Position health is the caller's to
 * compute again, because it keeps no history.
 */
export async function undoDerived(tx: PoolClient, chainId: number, remainingHeight: number): Promise<Undone> {
  const scores = await tx.query<{ deleted: number }>(sql('scorer-scores-undo'), [chainId, remainingHeight])
  await tx.query(sql('scorer-shadows-undo'), [chainId, remainingHeight + 1, null])
  await tx.query(sql('scorer-risk-rounds-undo'), [chainId, remainingHeight])
  const last = await tx.query<{ height: string | null }>(sql('scorer-last-risk-round'), [chainId])
  await lapseScores(tx, chainId, Number(last.rows[0]?.height ?? -1))
  await tx.query(sql('scorer-stress-orphan'), [chainId, remainingHeight])
  const alertsRetracted = await undoAlerts(tx, chainId, remainingHeight)
  return { scoresDeleted: scores.rows[0]?.deleted ?? 0, alertsRetracted }
}
