/** Risk in a word: health factors, severities, scores. Colour repeats what the word says and never stands alone. */
import type { Severity } from '../data/types'
import { healthFactor, score } from '../format/number'
import { healthBand, severityTone, type Tone } from '../format/risk'
import { words } from '../format/text'

export function Tag({ tone, children }: { tone: Tone; children: string }) {
  return <span className={`tag tone-${tone}`}>{children}</span>
}

export function HealthFactor({ value }: { value: number | null }) {
  const band = healthBand(value)
  return (
    <span className="hf">
      {value !== null && <b className={`tone-${band.tone}`}>{healthFactor(value)}</b>}
      <Tag tone={band.tone}>{band.label}</Tag>
    </span>
  )
}

export function SeverityTag({ severity }: { severity: Severity }) {
  return <Tag tone={severityTone[severity] ?? 'none'}>{words(severity)}</Tag>
}

/** A score from 0 to 1 with a small bar. Null: the model gave none. */
export function ScoreMeter({ value, model }: { value: number | null; model?: string | undefined }) {
  if (value === null) return <span className="soft">none</span>
  const title = `${model === undefined ? 'Score' : `Score of ${model}`}: ${value} of 1, higher is riskier`
  return (
    <span title={title} style={{ whiteSpace: 'nowrap' }}>
      <span className="meter" aria-hidden="true">
        <span style={{ width: `${Math.min(1, Math.max(0, value)) * 100}%` }} />
      </span>
      {score(value)}
    </span>
  )
}
