/**
 * Candidates → alerts, folded in block order. Pure.
 *
 * Candidates of one key within the cool-down, measured in block time from the last occurrence, are one alert: its
 * count grows, its severity only rises. Later ones open a new alert. The id comes from what was seen and where, so the
 * same blocks give the same alerts in every run. Before a block changes an alert, its old row is journaled.
 */
import { createHash } from 'node:crypto'
import { compareSeverity } from '../detectors/candidate'
import type { AlertCandidate, AlertLabel, Reason, Severity } from '../detectors/types'

export type AlertStatus = 'open' | 'updated' | 'confirmed' | 'retracted'

/** A row of `alert` by its column names, without the wall-clock columns. Heights and counts are plain numbers. */
export interface AlertRow {
  id: string
  account_id: string
  chain_id: number
  detector: string
  alert_id: string
  name: string
  description: string
  severity: Severity
  type: string
  protocol: string | null
  addresses: readonly string[]
  labels: readonly AlertLabel[]
  unique_key: string
  status: AlertStatus
  stage: string | null
  finality: 'instant' | 'final'
  height: number
  block_hash: string
  tx_hash: string | null
  occurrences: number
  probability: number | null
  /** The detector's measured precision; null says unmeasured. */
  precision: null
  reasons: readonly Reason[]
  model_sha256: string | null
  usd_at_risk: number | null
  affected_markets: readonly string[]
  block_timestamp: string
  updated_height: number
  updated_timestamp: string
}

export interface JournalEntry {
  alert_id: string
  height: number
  /** The row before this height changed it; null when this height made it. */
  old: AlertRow | null
}

export interface Folded {
  /** New and changed alerts, as they stand after the last candidate. */
  alerts: AlertRow[]
  journal: JournalEntry[]
}

/**
 * @param existing newest alert of each key that is not retracted
 * @param candidates of one chain, in any order, all above what was folded before
 */
export function foldCandidates(
  chainId: number,
  existing: readonly AlertRow[],
  candidates: readonly AlertCandidate[],
): Folded {
  const newest = new Map(existing.map((alert) => [alert.unique_key, alert]))
  const changed = new Map<string, AlertRow>()
  const journal = new Map<string, JournalEntry>()
  for (const candidate of [...candidates].sort(inBlockOrder)) {
    const known = newest.get(candidate.uniqueKey)
    const sinceSec = known === undefined ? Number.POSITIVE_INFINITY : secondsSince(known, candidate)
    const joins = known !== undefined && sinceSec <= candidate.cooldownSec
    if (joins && isRepetition(known, candidate, sinceSec)) continue
    const alert = joins ? updated(known, candidate) : opened(chainId, candidate)
    const entry = { alert_id: alert.id, height: candidate.height, old: joins ? known : null }
    if (!journal.has(`${alert.id}@${candidate.height}`)) journal.set(`${alert.id}@${candidate.height}`, entry)
    newest.set(candidate.uniqueKey, alert)
    changed.set(alert.id, alert)
  }
  return { alerts: [...changed.values()], journal: [...journal.values()] }
}

/** Total order by place in the chain, then by name, so that the order of arrival never matters. */
function inBlockOrder(a: AlertCandidate, b: AlertCandidate): number {
  return (
    a.height - b.height ||
    a.logIndex - b.logIndex ||
    compareText(a.uniqueKey, b.uniqueKey) ||
    compareText(a.alertId, b.alertId) ||
    compareText(a.txHash ?? '', b.txHash ?? '')
  )
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function secondsSince(alert: AlertRow, candidate: AlertCandidate): number {
  return candidate.blockTimestampSec - Date.parse(alert.updated_timestamp) / 1000
}

/** Says nothing new: within the quiet time and no more severe. */
function isRepetition(alert: AlertRow, candidate: AlertCandidate, sinceSec: number): boolean {
  return sinceSec < candidate.quietSec && compareSeverity(candidate.severity, alert.severity) <= 0
}

function opened(chainId: number, candidate: AlertCandidate): AlertRow {
  const time = isoTime(candidate.blockTimestampSec)
  return {
    id: alertIdOf(chainId, candidate),
    account_id: candidate.accountId,
    chain_id: chainId,
    detector: candidate.detector,
    alert_id: candidate.alertId,
    name: candidate.name,
    description: candidate.description,
    severity: candidate.severity,
    type: candidate.type,
    protocol: candidate.protocol,
    addresses: candidate.addresses,
    labels: candidate.labels,
    unique_key: candidate.uniqueKey,
    status: 'open',
    stage: candidate.stage,
    finality: 'instant',
    height: candidate.height,
    block_hash: candidate.blockHash,
    tx_hash: candidate.txHash,
    occurrences: 1,
    probability: candidate.probability,
    precision: null,
    reasons: candidate.reasons,
    model_sha256: candidate.modelSha256,
    usd_at_risk: candidate.usdAtRisk,
    affected_markets: candidate.affectedMarkets,
    block_timestamp: time,
    updated_height: candidate.height,
    updated_timestamp: time,
  }
}

/**
 * Text, reasons and probability are the latest; severity and money the largest; lists only grow. What it says now rests
 * on the candidate's block, so it is as little final as that block, however final the one that opened it.
 */
function updated(alert: AlertRow, candidate: AlertCandidate): AlertRow {
  const graver = compareSeverity(candidate.severity, alert.severity) > 0
  return {
    ...alert,
    ...(graver
      ? {
          severity: candidate.severity,
          alert_id: candidate.alertId,
          name: candidate.name,
          type: candidate.type,
        }
      : {}),
    description: candidate.description,
    addresses: union(alert.addresses, candidate.addresses),
    status: 'updated',
    finality: 'instant',
    stage: candidate.stage ?? alert.stage,
    occurrences: alert.occurrences + 1,
    probability: candidate.probability,
    reasons: candidate.reasons,
    model_sha256: candidate.modelSha256,
    usd_at_risk: largest(alert.usd_at_risk, candidate.usdAtRisk),
    affected_markets: union(alert.affected_markets, candidate.affectedMarkets),
    updated_height: candidate.height,
    updated_timestamp: isoTime(candidate.blockTimestampSec),
  }
}

function alertIdOf(chainId: number, candidate: AlertCandidate): string {
  const { detector, uniqueKey, height, blockHash, txHash } = candidate
  const content = [chainId, detector, uniqueKey, height, blockHash, txHash ?? '', candidate.logIndex].join(
    '|',
  )
  return `${chainId}:${detector}:${createHash('sha256').update(content).digest('hex').slice(0, 24)}`
}

function union(a: readonly string[], b: readonly string[]): string[] {
  return [...new Set([...a, ...b])]
}

function largest(a: number | null, b: number | null): number | null {
  return a === null ? b : b === null ? a : Math.max(a, b)
}

function isoTime(timestampSec: number): string {
  return new Date(timestampSec * 1000).toISOString()
}
