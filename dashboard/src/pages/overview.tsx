/** The first page: what is at risk now. The headline answers in a sentence; everything below says how it comes about. */
import { SegmentedControl } from '@mantine/core'
import { useState } from 'react'
import { HealthHistogramChart, RiskHistoryChart, type RiskMeasure } from '../charts/lazy'
import type { Overview } from '../data/types'
import { useOverview } from '../data/use-data'
import { usd } from '../format/number'
import { AlertFeed } from '../parts/alert-feed'
import { ChainStrip } from '../parts/chains'
import { Headline } from '../parts/headline'
import { CoverageNotice } from '../parts/notices'
import { OracleFeeds } from '../parts/oracle-feeds'
import { Empty, Loading, Panel } from '../parts/panel'
import { PositionsTable } from '../parts/positions-table'
import { PriceFall } from '../parts/price-fall'
import { RestsOn } from '../parts/rests-on'
import { href } from '../route'

export function OverviewPage() {
  const { data, isPending } = useOverview()
  if (data === undefined) return isPending ? <OverviewLoading /> : null
  if (data.chains.length === 0) {
    return (
      <section className="panel">
        <h1>Nothing indexed yet</h1>
        <p>
          No chain has delivered a block. The page fills by itself as soon as a processor writes its first
          batch; if it stays empty, look at the processor’s line in the terminal where Plimsoll runs.
        </p>
      </section>
    )
  }
  return <OverviewContent overview={data} />
}

function OverviewContent({ overview }: { overview: Overview }) {
  const { chains, totals, riskiest, alerts, oracle, healthBuckets } = overview
  return (
    <>
      <ChainStrip chains={chains} />
      <CoverageNotice chains={chains} scores={totals.scores} />
      <Headline totals={totals} buckets={healthBuckets} />
      <div className="columns">
        <div className="stack">
          <Panel
            title="Riskiest positions"
            note="lowest health factor first"
            end={<a href={href(['positions'])}>All positions</a>}
          >
            {riskiest.length === 0 ? (
              <Empty>No lending positions yet: they appear when somebody supplies or borrows.</Empty>
            ) : (
              <PositionsTable rows={riskiest} label="Riskiest positions" />
            )}
          </Panel>
          <div className="pair">
            <Panel title="Positions by health factor" note="liquidatable below 1">
              {totals.positions === 0 ? (
                <Empty>No positions yet.</Empty>
              ) : (
                <HealthHistogramChart buckets={healthBuckets} />
              )}
            </Panel>
            <RiskPanel overview={overview} />
          </div>
          <RestsOn />
        </div>
        <div className="stack">
          <Panel title="Alerts" note="as they happen" end={<a href={href(['alerts'])}>All alerts</a>}>
            <AlertFeed initial={alerts} />
          </Panel>
          <PriceFall />
          <Panel title="Oracle" note="signed values on chain">
            <OracleFeeds feeds={oracle} />
          </Panel>
        </div>
      </div>
    </>
  )
}

function RiskPanel({ overview }: { overview: Overview }) {
  const [measure, setMeasure] = useState<RiskMeasure>('atRiskDebtUsd')
  const points = overview.riskHistory.filter((point) => point[measure] !== null)
  const last = measure === 'atRiskDebtUsd' ? usd(overview.totals.debtAtRiskUsd) : undefined
  return (
    <Panel
      title="Risk over time"
      note={last === undefined ? 'mean of current scores' : `${last} now`}
      end={
        <SegmentedControl
          size="xs"
          value={measure}
          onChange={(value) => setMeasure(value as RiskMeasure)}
          aria-label="Measure"
          data={[
            { value: 'atRiskDebtUsd', label: 'Debt at risk' },
            { value: 'meanScore', label: 'Mean score' },
          ]}
        />
      }
    >
      {points.length === 0 ? (
        <Empty>No history yet: a point is added with each scoring round.</Empty>
      ) : (
        <RiskHistoryChart points={overview.riskHistory} measure={measure} />
      )}
    </Panel>
  )
}

function OverviewLoading() {
  return (
    <>
      <div className="panel">
        <Loading rows={3} height={34} />
      </div>
      <div className="columns">
        <div className="panel">
          <Loading rows={8} />
        </div>
        <div className="panel">
          <Loading rows={6} />
        </div>
      </div>
    </>
  )
}
