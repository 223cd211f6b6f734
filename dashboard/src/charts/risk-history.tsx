/** Debt at risk or mean score over time, one line a chain. Chains are scored at their own moments, so gaps are joined. */
import { LineChart } from '@mantine/charts'
import '@mantine/charts/styles.css'
import type { RiskPoint } from '../data/types'
import { score, usd } from '../format/number'
import { chainText } from '../format/text'
import { absoluteMs, clock } from '../format/time'
import { useChains } from '../parts/chains'
import { axisTick, chartHeight, type RiskMeasure } from './lazy'

const colors = ['var(--bar-warning)', 'var(--bar-watch)', 'var(--bar-calm)', 'var(--bar-danger)']

export function RiskHistory({ points, measure }: { points: RiskPoint[]; measure: RiskMeasure }) {
  const chains = useChains()
  const ids = [...new Set(points.map((point) => point.chainId))].sort((a, b) => a - b)
  const nameOf = (id: number) => {
    const chain = chains.find((each) => each.chainId === id)
    return chain === undefined ? `Chain ${id}` : chainText(chain.name)
  }
  const rows = toRows(points, measure, nameOf)
  const first = rows[0]?.timeMs ?? 0
  const spanMs = (rows.at(-1)?.timeMs ?? 0) - first
  const format = measure === 'meanScore' ? (value: number) => score(value) : (value: number) => usd(value)
  return (
    <LineChart
      h={chartHeight}
      data={rows}
      dataKey="timeMs"
      series={ids.map((id, index) => ({ name: nameOf(id), color: colors[index % colors.length] ?? 'gray' }))}
      curveType="stepAfter"
      withDots={rows.length < 3}
      connectNulls
      strokeWidth={2}
      valueFormatter={format}
      xAxisProps={{
        type: 'number',
        scale: 'time',
        domain: ['dataMin', 'dataMax'],
        tickFormatter: (ms: number) => clock(ms, spanMs),
        minTickGap: 40,
        tick: axisTick,
      }}
      xAxisLabel="Block time, UTC"
      yAxisProps={{ width: 62, domain: [0, 'auto'] }}
      tooltipProps={{ labelFormatter: (ms) => absoluteMs(Number(ms)) }}
      withLegend={ids.length > 1}
      legendProps={{ verticalAlign: 'top', height: 34, itemSorter: null }}
      tickLine="none"
      gridAxis="x"
      lineProps={{ isAnimationActive: false }}
    />
  )
}

type Row = Record<string, number> & { timeMs: number }

/** One row a moment, one column a chain. */
function toRows(points: RiskPoint[], measure: RiskMeasure, nameOf: (id: number) => string): Row[] {
  const rows = new Map<number, Row>()
  for (const point of points) {
    const timeMs = Date.parse(point.time)
    const value = point[measure]
    if (value === null || !Number.isFinite(timeMs)) continue
    const row: Row = rows.get(timeMs) ?? { timeMs }
    row[nameOf(point.chainId)] = value
    rows.set(timeMs, row)
  }
  return [...rows.values()].sort((a, b) => a.timeMs - b.timeMs)
}
