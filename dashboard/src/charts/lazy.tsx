/** The charts, loaded after the numbers: recharts is the largest part of the page and nothing waits for it. */
import { Skeleton } from '@mantine/core'
import { type ComponentType, lazy, Suspense } from 'react'
import type { HealthBucket, RiskPoint } from '../data/types'
import { Boundary } from '../parts/boundary'
import { Empty } from '../parts/panel'

export const chartHeight = 230
export const axisTick = { fontSize: 11, fill: 'currentColor' }

const Histogram = lazy(async () => ({ default: (await import('./health-histogram')).HealthHistogram }))
const Risk = lazy(async () => ({ default: (await import('./risk-history')).RiskHistory }))
const Scores = lazy(async () => ({ default: (await import('./score-history')).ScoreHistory }))

export const HealthHistogramChart = later<{ buckets: HealthBucket[] }>(Histogram)
export const RiskHistoryChart = later<{ points: RiskPoint[]; measure: RiskMeasure }>(Risk)
export const ScoreHistoryChart = later<{ points: { height: string; timestamp: string; value: number }[] }>(
  Scores,
)

export type RiskMeasure = 'atRiskDebtUsd' | 'meanScore'

function later<Props extends object>(Chart: ComponentType<Props>) {
  return (props: Props) => (
    <Boundary fallback={<Empty>The chart could not be drawn; the numbers beside it are not affected.</Empty>}>
      <Suspense fallback={<Skeleton height={chartHeight} />}>
        <Chart {...props} />
      </Suspense>
    </Boundary>
  )
}
