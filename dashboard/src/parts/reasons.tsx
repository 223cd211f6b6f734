/** Why a score is what it is: each input with its value and a bar for what it added or took away. */
import type { Reason } from '../data/types'
import { featureLabel, featureValue } from '../format/feature'
import { plain } from '../format/number'
import { chainText, words } from '../format/text'

/** Contributions as diverging bars, on one scale; right raises the risk, left lowers it. */
export function ReasonsTable({ reasons }: { reasons: readonly Reason[] }) {
  if (reasons.length === 0) return <p className="soft">No reasons were stored with this score.</p>
  const largest = Math.max(...reasons.map((reason) => Math.abs(reason.contribution)), Number.MIN_VALUE)
  return (
    <table className="rows reasons" aria-label="Reasons for the score">
      <thead>
        <tr>
          <th scope="col">Input</th>
          <th scope="col" className="num">
            Value
          </th>
          <th scope="col">Lowers risk · raises risk</th>
          <th scope="col" className="num">
            Contribution
          </th>
        </tr>
      </thead>
      <tbody>
        {reasons.map((reason) => (
          <tr key={reason.feature}>
            <td data-label="Input" title={reason.feature}>
              {chainText(featureLabel(reason.feature), 60)}
            </td>
            <td data-label="Value" className="num">
              {featureValue(reason.feature, reason.value)}
            </td>
            <td>
              <Bar share={reason.contribution / largest} />
            </td>
            <td data-label="Contribution" className="num">
              {reason.contribution > 0 ? '+' : ''}
              {plain(reason.contribution).replace('-', '−')}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
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

/** Reasons of an alert, whose shape its detector chooses: contributions, sentences, or names with values. */
export function ReasonsView({ reasons }: { reasons: unknown }) {
  if (isReasons(reasons)) return <ReasonsTable reasons={reasons} />
  const lines = reasonLines(reasons)
  if (lines.length === 0) return <p className="soft">None were given.</p>
  return (
    <ul className="clip" style={{ margin: 0, paddingLeft: 18 }}>
      {lines.map((line) => (
        <li key={line}>{chainText(line, 300)}</li>
      ))}
    </ul>
  )
}

function isReasons(reasons: unknown): reasons is Reason[] {
  return (
    Array.isArray(reasons) &&
    reasons.length > 0 &&
    reasons.every((each) => typeof each?.feature === 'string' && typeof each?.contribution === 'number')
  )
}

function reasonLines(reasons: unknown): string[] {
  const entries = Array.isArray(reasons)
    ? reasons
    : typeof reasons === 'object' && reasons !== null
      ? [reasons]
      : []
  return entries.slice(0, 30).flatMap((entry: unknown) => {
    if (typeof entry === 'string') return [entry]
    if (typeof entry !== 'object' || entry === null) return [String(entry)]
    const { text, feature, value } = entry as Record<string, unknown>
    if (typeof text === 'string') return [text]
    if (typeof feature === 'string') return [`${featureLabel(feature)}: ${shown(value)}`]
    return Object.entries(entry).map(([name, each]) => `${words(name)}: ${shown(each)}`)
  })
}

function shown(value: unknown): string {
  if (typeof value === 'number') return plain(value)
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? 'unknown')
}
