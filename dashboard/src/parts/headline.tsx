/** The answer in five seconds: one sentence, five readings, and all debt laid out along the load line. */
import type { HealthBucket, Totals } from '../data/types'
import { count, percent, usd, usdExact } from '../format/number'
import type { Tone } from '../format/risk'
import { LoadLine } from './load-line'

export function Headline({ totals, buckets }: { totals: Totals; buckets: readonly HealthBucket[] }) {
  const share = totals.debtUsd > 0 ? totals.debtAtRiskUsd / totals.debtUsd : 0
  return (
    <section className="panel headline" aria-label="At risk now">
      <h1>{sentence(totals)}</h1>
      <span className="soft">
        {totals.debtUsd > 0
          ? `${usd(totals.debtAtRiskUsd)} of ${usd(totals.debtUsd)} debt (${percent(share)}) has a health factor under 1.1.`
          : 'Nobody owes anything in the markets that are indexed.'}
      </span>
      {totals.debtUsd > 0 && <LoadLine buckets={buckets} />}
      <dl className="readings">
        <Reading
          name="Debt at risk"
          figure={usd(totals.debtAtRiskUsd)}
          exact={usdExact(totals.debtAtRiskUsd)}
          of={`of ${usd(totals.debtUsd)} owed`}
          tone={totals.debtAtRiskUsd > 0 ? 'warning' : 'calm'}
        />
        <Reading
          name="Positions at risk"
          figure={count(totals.atRisk)}
          of={`of ${count(totals.positions)} with debt, health factor < 1.1`}
          tone={totals.atRisk > 0 ? 'warning' : 'calm'}
        />
        <Reading
          name="Liquidatable now"
          figure={count(totals.liquidatable)}
          of="positions, health factor < 1"
          tone={totals.liquidatable > 0 ? 'danger' : 'calm'}
        />
        <Reading
          name="Bad debt"
          figure={usd(totals.badDebtUsd)}
          exact={usdExact(totals.badDebtUsd)}
          of="not covered by collateral"
          tone={totals.badDebtUsd > 0 ? 'danger' : 'calm'}
        />
        <Reading
          name="Open alerts"
          figure={count(totals.openAlerts)}
          of={`${count(totals.scores)} scores are current`}
          tone={totals.openAlerts > 0 ? 'warning' : 'calm'}
        />
      </dl>
    </section>
  )
}

function sentence({ positions, atRisk, liquidatable }: Totals): string {
  if (liquidatable > 0) return `${positionsWord(liquidatable)} can be liquidated now.`
  if (atRisk > 0) return `${positionsWord(atRisk)} ${atRisk === 1 ? 'is' : 'are'} close to liquidation.`
  return positions > 0 ? 'No position is close to liquidation.' : 'No lending positions yet.'
}

function positionsWord(number: number): string {
  return number === 1 ? 'One position' : `${count(number)} positions`
}

interface ReadingProps {
  name: string
  figure: string
  exact?: string
  of: string
  tone: Tone
}

function Reading({ name, figure, exact, of, tone }: ReadingProps) {
  return (
    <div className="reading">
      <dt>{name}</dt>
      <dd>
        <div className={`figure ${tone === 'calm' ? '' : `tone-${tone}`}`} title={exact}>
          {figure}
        </div>
        <div className="of">{of}</div>
      </dd>
    </div>
  )
}
