/**
 * What a version of a model must show before it may score in earnest. A gate is a sentence that holds or a reason why it
 * does not; all of them are asked, and every reason is given. Pure: the rows that the file gave for the golden rows are
 * passed in.
 */
import { createHash } from 'node:crypto'
import { cardTable } from './card'
import type { GoldenRow } from './publish'
import type { ModelSpec } from './spec'

/** A bound on a figure of metrics.json, named by its path: `metrics.auc.low` is the lower end of the interval. */
export type FigureGate = { figure: string; atLeast: number } | { figure: string; atMost: number }

/** Bounds that a model without a line in `figureGates` must keep: better than chance, whole interval. */
const ANY_MODEL: readonly FigureGate[] = [{ figure: 'metrics.auc.low', atLeast: 0.5 }]

/** Bounds by model. They lie below what is measured now: a gate stops a fall, it is no target. */
export const figureGates: Readonly<Record<string, readonly FigureGate[]>> = {
  illicit: [
    { figure: 'metrics.auc.value', atLeast: 0.97 },
    { figure: 'metrics.ap.value', atLeast: 0.9 },
    { figure: 'metrics.ece.value', atMost: 0.03 },
  ],
  credit: [
    { figure: 'metrics.auc.value', atLeast: 0.85 },
    { figure: 'metrics.ece.value', atMost: 0.03 },
  ],
  liquidation: [
    { figure: 'metrics.auc.value', atLeast: 0.8 },
    { figure: 'metrics.ece.value', atMost: 0.03 },
  ],
}

/** A version as the gates see it. */
export interface Candidate {
  name: string
  sha256: string
  bytes: Uint8Array
  spec: ModelSpec
  metrics: Readonly<Record<string, unknown>>
  golden: { rows: readonly GoldenRow[] }
  /** Text of the model card, null without one. */
  card: string | null
  /** What the file gave for the golden rows: values and margins, one a row. */
  computed: { values: ArrayLike<number>; margins: ArrayLike<number> }
}

/** Reasons why a version may not be promoted; empty when it may. */
export function failingGates(candidate: Candidate): string[] {
  return [
    ...fileFaults(candidate),
    ...goldenFaults(candidate),
    ...cardFaults(candidate),
    ...figureFaults(candidate),
  ]
}

function fileFaults({ name, sha256, bytes, metrics, spec }: Candidate): string[] {
  const faults: string[] = []
  const found = createHash('sha256').update(bytes).digest('hex')
  if (found !== sha256) faults.push(`its file has SHA-256 ${found}, not ${sha256}`)
  if (metrics.modelSha256 !== sha256)
    faults.push(`its metrics are of another file: ${String(metrics.modelSha256)}`)
  if (metrics.model !== name) faults.push(`its metrics are of model ${String(metrics.model)}`)
  const features = Array.isArray(metrics.features) ? metrics.features : []
  if (features.join(',') !== spec.inputs.map((input) => input.name).join(',')) {
    faults.push('its metrics name other features than its spec')
  }
  return faults
}

function goldenFaults({ golden, spec, computed }: Candidate): string[] {
  const rows = golden.rows ?? []
  if (rows.length === 0) return ['it has no golden rows']
  const tolerance = spec.exactness === 'bits' ? 0 : spec.exactness.tolerance
  const faults: string[] = []
  rows.forEach((row, i) => {
    for (const part of ['value', 'margin'] as const) {
      const given = row[part] ?? Number.NaN
      const found = computed[part === 'value' ? 'values' : 'margins'][i]!
      if (Object.is(given, found) || Math.abs(given - found) <= tolerance) continue
      faults.push(`golden row ${i}: ${part} is ${found}, recorded ${given}`)
    }
  })
  return faults
}

function cardFaults({ card, metrics }: Candidate): string[] {
  if (card === null) return ['it has no model card']
  return card.includes(cardTable(metrics))
    ? []
    : ['the table of its model card is not the one of its metrics.json']
}

function figureFaults({ name, metrics }: Candidate): string[] {
  return (figureGates[name] ?? ANY_MODEL).flatMap((gate) => {
    const value = figureAt(metrics, gate.figure)
    if (value === undefined) return [`its metrics have no figure ${gate.figure}`]
    if ('atLeast' in gate) {
      return value >= gate.atLeast ? [] : [`${gate.figure} is ${value}, must be at least ${gate.atLeast}`]
    }
    return value <= gate.atMost ? [] : [`${gate.figure} is ${value}, must be at most ${gate.atMost}`]
  })
}

function figureAt(metrics: Readonly<Record<string, unknown>>, path: string): number | undefined {
  let at: unknown = metrics
  for (const key of path.split('.')) at = (at as Record<string, unknown> | null | undefined)?.[key]
  return typeof at === 'number' ? at : undefined
}
