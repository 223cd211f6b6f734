/** Reads the status view's figures from Postgres, one query for the chains and one for the oracle. */
import type { Pool } from '../db/pool'
import { sql } from '../db/query'
import type { ChainLine, StatusView } from './view'

interface ChainRow {
  name: string
  head_height: string
  head_timestamp: Date
  finalized_height: string
  rows_last_10s: string
  scores: string
  open_alerts: string
  quarantined: string
}

interface OracleRow {
  subject_id: string
  metric: string
  round: string
  value: string
  decimals: number
  created_at: Date
}

const WINDOW_SEC = 10

/** @param nowMs wall clock, for lags and ages */
export async function readStatus(pool: Pool, nowMs: number): Promise<Pick<StatusView, 'chains' | 'oracle'>> {
  const chains = await pool.query<ChainRow>(sql('status'))
  const oracle = await pool.query<OracleRow>(sql('status-oracle'))
  return {
    chains: chains.rows.map((row) => chainLine(row, nowMs)),
    oracle: oracleLine(oracle.rows[0], nowMs),
  }
}

function chainLine(row: ChainRow, nowMs: number): ChainLine {
  return {
    name: row.name,
    headHeight: Number(row.head_height),
    finalizedHeight: Number(row.finalized_height),
    lagSec: (nowMs - row.head_timestamp.getTime()) / 1000,
    rowsPerSec: Number(row.rows_last_10s) / WINDOW_SEC,
    scores: Number(row.scores),
    openAlerts: Number(row.open_alerts),
    quarantined: Number(row.quarantined),
  }
}

function oracleLine(row: OracleRow | undefined, nowMs: number): StatusView['oracle'] {
  if (!row) return undefined
  return {
    subject: row.subject_id,
    metric: row.metric,
    round: Number(row.round),
    value: Number(row.value) / 10 ** row.decimals,
    ageSec: (nowMs - row.created_at.getTime()) / 1000,
  }
}
