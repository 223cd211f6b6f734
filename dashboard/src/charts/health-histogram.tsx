/** How many positions sit at which health factor; the colour repeats the band that the legend names. */
import { BarChart } from '@mantine/charts'
import '@mantine/charts/styles.css'
import type { HealthBucket } from '../data/types'
import { count } from '../format/number'
import { bucketTone, type Tone } from '../format/risk'
import { axisTick, chartHeight } from './lazy'

const bands: readonly { tone: Tone; name: string }[] = [
  { tone: 'danger', name: 'Liquidatable' },
  { tone: 'warning', name: 'At risk' },
  { tone: 'watch', name: 'Watch' },
  { tone: 'calm', name: 'Healthy' },
]

export function HealthHistogram({ buckets }: { buckets: HealthBucket[] }) {
  const data = buckets.map((bucket) => {
    const band = bands.find((each) => each.tone === bucketTone(bucket))
    return { label: bucket.label, ...(band === undefined ? {} : { [band.name]: bucket.positions }) }
  })
  return (
    <BarChart
      h={chartHeight}
      data={data}
      dataKey="label"
      type="stacked"
      series={bands.map(({ name, tone }) => ({ name, color: `var(--bar-${tone})` }))}
      valueFormatter={(value) => `${count(value)} positions`}
      yAxisProps={{ allowDecimals: false, width: 34, tickFormatter: (value: number) => count(value) }}
      xAxisProps={{ interval: 0, tick: axisTick }}
      xAxisLabel="Health factor"
      yAxisLabel=""
      withLegend
      legendProps={{ verticalAlign: 'top', height: 34, itemSorter: null }}
      tickLine="none"
      gridAxis="x"
      barProps={{ isAnimationActive: false }}
      maxBarWidth={44}
    />
  )
}
