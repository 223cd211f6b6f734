/** One model's score of one account over blocks, on the fixed scale 0 to 1. */
import { AreaChart } from '@mantine/charts'
import '@mantine/charts/styles.css'
import { count, score } from '../format/number'
import { axisTick, chartHeight } from './lazy'

interface ScorePoint {
  height: string
  timestamp: string
  value: number
}

export function ScoreHistory({ points }: { points: ScorePoint[] }) {
  const data = points
    .map((point) => ({ height: Number(point.height), Score: point.value }))
    .sort((a, b) => a.height - b.height)
  return (
    <AreaChart
      h={chartHeight}
      data={data}
      dataKey="height"
      series={[{ name: 'Score', color: 'var(--bar-watch)' }]}
      curveType="stepAfter"
      withDots={data.length < 3}
      valueFormatter={(value) => score(value)}
      xAxisProps={{
        type: 'number',
        domain: ['dataMin', 'dataMax'],
        tickFormatter: (height: number) => count(height),
        allowDecimals: false,
        minTickGap: 40,
        tick: axisTick,
      }}
      xAxisLabel="Block"
      yAxisProps={{ domain: [0, 1], width: 40 }}
      tooltipProps={{ labelFormatter: (height) => `Block ${count(Number(height))}` }}
      tickLine="none"
      gridAxis="x"
      areaProps={{ isAnimationActive: false }}
    />
  )
}
