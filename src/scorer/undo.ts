/** Undoes what was derived from blocks that a reorg orphaned, so that the rest is as if they had never been. */
import { undoAlerts } from '../alerts/lifecycle'
import type { PoolClient } from '../db/pool'
import { sql } from '../db/query'
import { POSITION_MODEL } from '../features/score-positions'

export interface Undone {
  scoresDeleted: number
  alertsRetracted: number
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
  await tx.query(sql('scorer-scores-lapse'), [chainId, POSITION_MODEL, Number(last.rows[0]?.height ?? -1)])
  const alertsRetracted = await undoAlerts(tx, chainId, remainingHeight)
  return { scoresDeleted: scores.rows[0]?.deleted ?? 0, alertsRetracted }
}
