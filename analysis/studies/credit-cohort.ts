/** Vaults by distance to liquidation, month by month: the same distance does not carry the same risk in every market. */
import { rankBins, readFrame, rowsOf } from '../frames'
import type { Study } from '../study'

const BINS = 4
const NAMES = ['nearest quarter', 'second quarter', 'third quarter', 'farthest quarter']

export function creditCohort(): Study {
  const snapshots = readFrame('credit-cohort')
  const month = (snapshots.column('timeSec').values as number[]).map((sec) =>
    new Date(sec * 1000).toISOString().slice(0, 7),
  )
  const distance = snapshots.column('distance').values as number[]
  snapshots.addColumn('month', month, { inplace: true })
  snapshots.addColumn('distanceBin', rankBins(distance, BINS), { inplace: true })
  const grouped = snapshots
    .groupby(['month', 'distanceBin'])
    .agg({ label: ['mean', 'count'], distance: 'mean' })
  const table = rowsOf(grouped)
    .map((row) => ({
      month: String(row.month),
      bin: Number(row.distanceBin),
      distance: NAMES[Number(row.distanceBin)]!,
      snapshots: Number(row.label_count),
      meanDistance: Number(row.distance_mean),
      liquidatedShare: Number(row.label_mean),
    }))
    .sort((a, b) => (a.month < b.month ? -1 : a.month > b.month ? 1 : a.bin - b.bin))
    .map(({ bin: _, ...row }) => row)
  return {
    name: 'credit-cohort',
    question: 'Which vaults were liquidated within 30 days, by distance to liquidation and month?',
    table,
    plot: {
      title: 'ETH-B vaults liquidated within 30 days',
      width: 420,
      height: 280,
      background: 'white',
      data: { values: [...table] },
      mark: { type: 'bar' },
      encoding: {
        x: { field: 'month', type: 'ordinal', title: 'month of the snapshot' },
        xOffset: { field: 'distance', sort: NAMES },
        y: {
          field: 'liquidatedShare',
          type: 'quantitative',
          title: 'share liquidated',
          axis: { format: '%' },
        },
        color: { field: 'distance', type: 'nominal', sort: NAMES, title: 'distance, in deviations' },
      },
    },
  }
}
