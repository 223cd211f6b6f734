/**
 * All debt laid end to end, worst health factor first, with the Plimsoll mark where it crosses 1: what lies left of
 * the mark floats below the line. Lengths are shares of debt in USD.
 */
import type { HealthBucket } from '../data/types'
import { percent, usd } from '../format/number'
import { bucketTone, type Tone } from '../format/risk'
import { PlimsollMark } from './icons'

const bands: readonly { tone: Tone; name: string }[] = [
  { tone: 'danger', name: 'Liquidatable, under 1' },
  { tone: 'warning', name: 'At risk, 1 to 1.1' },
  { tone: 'watch', name: 'Watch, 1.1 to 1.5' },
  { tone: 'calm', name: 'Healthy, above 1.5' },
]

export function LoadLine({ buckets }: { buckets: readonly HealthBucket[] }) {
  const debts = bands.map((band) => ({
    ...band,
    debtUsd: buckets
      .filter((bucket) => bucketTone(bucket) === band.tone)
      .reduce((sum, bucket) => sum + bucket.debtUsd, 0),
  }))
  const totalUsd = debts.reduce((sum, band) => sum + band.debtUsd, 0)
  if (totalUsd <= 0) return null
  const mark = ((debts[0]?.debtUsd ?? 0) / totalUsd) * 100
  return (
    <figure style={{ margin: 0 }} aria-label="Debt by health factor">
      <div className="loadline" aria-hidden="true">
        <span className="loadline-mark" style={{ left: `clamp(14px, ${mark}%, calc(100% - 14px))` }}>
          <PlimsollMark size={56} />
        </span>
        <span
          className="loadline-caption"
          style={
            mark < 70
              ? { left: `calc(max(14px, ${mark}%) + 32px)` }
              : { right: `calc(${100 - mark}% + 32px)` }
          }
        >
          load line: health factor 1
        </span>
        <div className="loadline-bar">
          {debts
            .filter((band) => band.debtUsd > 0)
            .map((band) => (
              <span
                key={band.tone}
                className={`fill-${band.tone}`}
                style={{ flex: `${band.debtUsd} 0 0px` }}
              />
            ))}
        </div>
      </div>
      <ul className="loadline-key">
        {debts.map((band) => (
          <li key={band.tone}>
            <span className={`swatch fill-${band.tone}`} aria-hidden="true" />
            <span className="soft">{band.name}: </span>
            {usd(band.debtUsd)} <span className="soft">({percent(band.debtUsd / totalUsd)})</span>
          </li>
        ))}
      </ul>
    </figure>
  )
}
