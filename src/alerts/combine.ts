/**
 * Many weak alerts about one entity → one strong one, as Forta's attack detector combines them. An attack has four
 * stages; each alert carries how unusual it is (0 … 1, smaller is more unusual), and stages are taken as independent:
 *
 *   score = Π over the stages seen of the smallest score of the stage's alerts
 *
 * Three different sources at least, or it stays silent. Then critical where all four stages were seen or the score is
 * below 1e-7, low below 1e-4. Forta's further rules (sources trusted alone, lists against false alarms) are left out.
 * Source of the rule and its constants: forta-network/starter-kits, alert-combiner-py.
 *
 * Worked: preparation 1e-4 and 1e-2, exploitation 5e-4: 1e-4 · 5e-4 = 5e-8, three alerts, critical.
 */
import type { Severity, Stage } from '../detectors/types'
import { PlimsollError } from '../errors'

export const STAGES: readonly Stage[] = ['funding', 'preparation', 'exploitation', 'laundering']
const LEAST_SOURCES = 3
const STRICT_SCORE = 1e-7
const LOOSE_SCORE = 1e-4
/** Stands in for a score that a source could not give: zero would make every product zero. */
const DEFAULT_SCORE = 1e-3

export interface StagedAlert {
  /** Who raised it: a detector's name. Alerts of one source count as one. */
  source: string
  stage: Stage
  /** 0 … 1; null, zero, negative and NaN mean unknown. */
  anomalyScore: number | null
}

export interface CombinedAlert {
  score: number
  /** Smallest score of every stage seen. */
  byStage: Partial<Record<Stage, number>>
  alerts: number
  sources: number
  severity: Extract<Severity, 'critical' | 'low'>
}

/** Alerts of one entity within one window, in any order. undefined where they do not add up to anything. */
export function combineAlerts(alerts: readonly StagedAlert[]): CombinedAlert | undefined {
  const byStage: Partial<Record<Stage, number>> = {}
  for (const { stage, anomalyScore } of alerts) {
    const score = scoreOf(anomalyScore)
    byStage[stage] = Math.min(byStage[stage] ?? 1, score)
  }
  const sources = new Set(alerts.map((alert) => alert.source)).size
  if (sources < LEAST_SOURCES) return undefined
  const score = STAGES.reduce((product, stage) => product * (byStage[stage] ?? 1), 1)
  const seen = STAGES.filter((stage) => byStage[stage] !== undefined).length
  if (seen < STAGES.length && score >= LOOSE_SCORE) return undefined
  const severity = seen === STAGES.length || score < STRICT_SCORE ? 'critical' : 'low'
  return { score, byStage, alerts: alerts.length, sources, severity }
}

function scoreOf(score: number | null): number {
  if (score === null || !(score > 0)) return DEFAULT_SCORE
  if (score > 1)
    throw new PlimsollError(`an anomaly score of ${score}: scores lie within 0 … 1`, { exitCode: 2 })
  return score
}
