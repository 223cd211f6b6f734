/** The markets of the November 2025 depeg, in the order in which they ran dry: nothing left to withdraw. */
import { DataFrame } from 'danfojs-node'
import { type Row, readFrame, rowsOf } from '../frames'
import type { Study } from '../study'

const DRY = 0.999
/** A market that never held this much is left out: its utilisation is that of dust. */
const LEAST_SUPPLY_USD = 1_000
const CELL_SEC = 6 * 3600

export function marketStress(): Study {
  const hours = readFrame('market-stress')
  const dry = (hours.column('utilization').values as number[]).map((value) => (value >= DRY ? 1 : 0))
  hours.addColumn('dry', dry, { inplace: true })
  const rows = rowsOf(hours)
  const firstDry = new Map<string, number>()
  for (const row of rows) {
    const market = String(row.market)
    const at = Number(row.timeSec)
    if (row.dry === 1 && at < (firstDry.get(market) ?? Number.POSITIVE_INFINITY)) firstDry.set(market, at)
  }
  const grouped = hours.groupby(['market']).agg({ dry: ['sum', 'count'], supplyUsd: 'max' })
  const table = rowsOf(grouped)
    .map((row) => {
      const at = firstDry.get(String(row.market))
      return {
        market: String(row.market),
        peakSupplyUsd: Math.round(Number(row.supplyUsd_max)),
        hours: Number(row.dry_count),
        hoursDry: Number(row.dry_sum),
        firstDry: at === undefined ? 'never' : new Date(at * 1000).toISOString().slice(0, 16),
      }
    })
    .filter(({ peakSupplyUsd }) => peakSupplyUsd >= LEAST_SUPPLY_USD)
    .sort((a, b) =>
      a.firstDry < b.firstDry ? -1 : a.firstDry > b.firstDry ? 1 : b.peakSupplyUsd - a.peakSupplyUsd,
    )
  const shown = new Set(table.map(({ market }) => market))
  return {
    name: 'market-stress',
    question: 'In which order did the markets of the November 2025 depeg run dry?',
    table,
    plot: {
      title: 'Utilisation of Morpho markets, November 2025',
      width: 640,
      height: { step: 18 },
      background: 'white',
      data: { values: cells(rows.filter((row) => shown.has(String(row.market)))) },
      mark: 'rect',
      encoding: {
        x: { field: 'time', type: 'temporal', title: null },
        x2: { field: 'end' },
        y: { field: 'market', type: 'nominal', title: null, sort: table.map(({ market }) => market) },
        color: {
          field: 'utilization',
          type: 'quantitative',
          title: 'utilisation',
          scale: { scheme: 'yelloworangered', domain: [0, 1] },
        },
      },
    },
  }
}

/** Mean utilisation a market and six hours: a cell an hour would be a picture of megabytes. */
function cells(rows: readonly Row[]): Row[] {
  const coarse = new DataFrame(
    rows.map((row) => ({
      market: row.market,
      cellSec: Math.floor(Number(row.timeSec) / CELL_SEC) * CELL_SEC,
      utilization: row.utilization,
    })),
  )
  return rowsOf(coarse.groupby(['market', 'cellSec']).agg({ utilization: 'mean' })).map((row) => ({
    market: String(row.market),
    time: Number(row.cellSec) * 1000,
    end: (Number(row.cellSec) + CELL_SEC) * 1000,
    utilization: Number(row.utilization_mean),
  }))
}
