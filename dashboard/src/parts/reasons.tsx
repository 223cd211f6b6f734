/** Why a score or an alert is what it is: inputs with their values, and a bar for what each added or took away. */
import type { Reason } from '../data/types'
import { featureLabel, featureValue, reasonsMethodWords } from '../format/feature'
import { plain } from '../format/number'

/** Contributions as diverging bars, on one scale; right raises the risk, left lowers it. */
export function ReasonsTable({ reasons, label }: { reasons: readonly Reason[]; label: string }) {
  if (reasons.length === 0) return <p className="soft">No reasons were stored with it.</p>
  const largest = Math.max(...reasons.map((reason) => Math.abs(reason.contribution ?? 0)), Number.MIN_VALUE)
  return (
    <table className="rows reasons" aria-label={label}>
      <thead>
        <tr>
          <th scope="col">Input</th>
          <th scope="col" className="num">
            Value
          </th>
          <th scope="col">
            <div className="scale">
              <span>lowers risk</span>
              <span>raises risk</span>
            </div>
          </th>
          <th scope="col" className="num">
            Contribution
          </th>
        </tr>
      </thead>
      <tbody>
        {reasons.map((reason) => (
          <tr key={reason.feature}>
            <td data-label="Input" title={reason.feature}>
              {featureLabel(reason.feature)}
            </td>
            <td data-label="Value" className="num">
              {featureValue(reason.feature, reason.value)}
            </td>
            <td>{reason.contribution !== null && <Bar share={reason.contribution / largest} />}</td>
            <td data-label="Contribution" className="num">
              {contributionText(reason.contribution)}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function contributionText(contribution: number | null): string {
  if (contribution === null) return '—'
  return `${contribution > 0 ? '+' : ''}${plain(contribution)}`
}

function Bar({ share }: { share: number }) {
  const width = `${Math.min(1, Math.abs(share)) * 50}%`
  const style = share >= 0 ? { left: '50%', width } : { right: '50%', width }
  return (
    <div className="bar" aria-hidden="true">
      <span className={share >= 0 ? 'fill-danger' : 'fill-calm'} style={style} />
    </div>
  )
}

/** Reasons of an alert: what the detector measured, then what moved the model's score where it used one. */
export function AlertReasons({ reasons }: { reasons: unknown }) {
  const known = Array.isArray(reasons) ? reasons.filter(isReason).slice(0, 40) : []
  const measured = known.filter((reason) => reason.contribution === null)
  const moved = known.filter((reason) => reason.contribution !== null)
  const method: unknown = moved[0]?.method
  if (known.length === 0) return <p className="soft">None were given.</p>
  return (
    <>
      {measured.length > 0 && (
        <dl className="facts">
          {measured.map((reason) => (
            <div key={reason.feature} style={{ display: 'contents' }}>
              <dt title={reason.feature}>{featureLabel(reason.feature)}</dt>
              <dd>{featureValue(reason.feature, reason.value)}</dd>
            </div>
          ))}
        </dl>
      )}
      {moved.length > 0 && <ReasonsTable reasons={moved} label="Reasons of the model’s score" />}
      {typeof method === 'string' && (
        <p className="soft" style={{ fontSize: '0.85rem', margin: '8px 0 0' }}>
          {reasonsMethodWords(method)}
        </p>
      )}
    </>
  )
}

function isReason(entry: unknown): entry is Reason {
  if (typeof entry !== 'object' || entry === null) return false
  const { feature, value, contribution } = entry as Record<string, unknown>
  return (
    typeof feature === 'string' &&
    (value === null || typeof value === 'number' || typeof value === 'string') &&
    (contribution === null || typeof contribution === 'number')
  )
}
