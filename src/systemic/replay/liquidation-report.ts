/** The backtests on published liquidation sets that hold no positions, and their words. */
import { shareInterval } from '../../math/share-interval'
import { type FrontierFit, judgeFrontier, type PriceDay } from './frontier'
import { type HealthRecord, type LiquidationRecord, type PriceBook, priceAt } from './liquidation-records'
import { dollars, figure, markdownTable, percent, span, utc } from './markdown'
import { type Halving, halvings, judgeSeizures, type SeizureFit, seizureRows } from './seizure'
import type { Point } from './series'

const DAY_SEC = 86_400
const PRICE_TOLERANCES = [0.01, 0.02, 0.05]
const ORACLE_TOLERANCES = [0.001, 0.01, 0.05]

export interface LiquidationSets {
  aaveV1: readonly LiquidationRecord[]
  aaveV2: readonly LiquidationRecord[]
  arbitrum: readonly HealthRecord[]
  prices: PriceBook
}

export interface LiquidationReport {
  sets: { name: string; n: number; users: number; fromSec: number; toSec: number; priced: number }[]
  seizures: { name: string; fit: SeizureFit }[]
  halvings: { name: string; found: Halving }[]
  frontiers: { name: string; unit: string; fit: FrontierFit }[]
  health: { name: string; n: number; hits: number }[]
}

export function runLiquidationReport({
  aaveV1,
  aaveV2,
  arbitrum,
  prices,
}: LiquidationSets): LiquidationReport {
  const marketValue = (record: LiquidationRecord) => {
    const collateral = priceAt(prices, record.collateral, record.timeSec)
    const debt = priceAt(prices, record.debt, record.timeSec)
    if (collateral === undefined || debt === undefined) return undefined
    return { collateral: record.collateralUnits * collateral, debt: record.debtUnits * debt }
  }
  const oracleValue = ({ collateralUsd, debtUsd }: LiquidationRecord) =>
    collateralUsd === null || debtUsd === null ? undefined : { collateral: collateralUsd, debt: debtUsd }
  const sets = [
    ['Aave V1', aaveV1],
    ['Aave V2', aaveV2],
  ] as const
  const judged = (name: string, rows: ReturnType<typeof seizureRows>, tolerances: readonly number[]) => {
    const middle = rows[Math.floor(rows.length / 2)]?.timeSec ?? 0
    return { name, fit: judgeSeizures(rows, middle, tolerances) }
  }
  return {
    sets: sets.map(([name, records]) => ({
      name,
      n: records.length,
      users: new Set(records.map(({ user }) => user)).size,
      fromSec: records[0]!.timeSec,
      toSec: records[records.length - 1]!.timeSec,
      priced: seizureRows(records, marketValue).length,
    })),
    seizures: [
      judged('Aave V2, the protocol’s prices', seizureRows(aaveV2, oracleValue), ORACLE_TOLERANCES),
      judged('Aave V2, hourly market prices', seizureRows(aaveV2, marketValue), PRICE_TOLERANCES),
      judged('Aave V1, hourly market prices', seizureRows(aaveV1, marketValue), PRICE_TOLERANCES),
    ],
    halvings: sets.map(([name, records]) => ({ name, found: halvings(records) })),
    frontiers: [
      ...sets.map(([name, records]) => {
        const days = records.flatMap((record) => {
          const value = marketValue(record)
          const isEther = record.collateral === 'ETH' || record.collateral === 'WETH'
          return isEther && value !== undefined ? [{ timeSec: record.timeSec, value: value.debt }] : []
        })
        return { name: `${name}, ether collateral`, unit: 'USD', fit: frontierOf(days, prices) }
      }),
      {
        name: 'Arbitrum, all',
        unit: 'calls',
        fit: frontierOf(
          arbitrum.map(({ timeSec }) => ({ timeSec, value: 1 })),
          prices,
        ),
      },
    ],
    health: healthRows(arbitrum),
  }
}

/** Sums by day from the first to the last event, beside the day's ether prices. */
function frontierOf(amounts: readonly Point[], prices: PriceBook): FrontierFit {
  const first = Math.floor(Math.min(...amounts.map(({ timeSec }) => timeSec)) / DAY_SEC)
  const last = Math.floor(Math.max(...amounts.map(({ timeSec }) => timeSec)) / DAY_SEC)
  const volumes = new Array<number>(last - first + 1).fill(0)
  for (const { timeSec, value } of amounts) volumes[Math.floor(timeSec / DAY_SEC) - first]! += value
  const days: PriceDay[] = []
  const kept: number[] = []
  volumes.forEach((volume, day) => {
    const hours = Array.from({ length: 25 }, (_, hour) =>
      priceAt(prices, 'ETH', (first + day) * DAY_SEC + hour * 3_600),
    ).filter((price) => price !== undefined)
    if (hours.length < 20) return
    days.push({ open: hours[0]!, low: Math.min(...hours), close: hours[hours.length - 1]! })
    kept.push(volume)
  })
  return judgeFrontier(days, kept)
}

function healthRows(records: readonly HealthRecord[]): LiquidationReport['health'] {
  const aave = records.flatMap(({ healthBefore, healthAfter }) =>
    healthBefore === null || healthAfter === null ? [] : [{ before: healthBefore, after: healthAfter }],
  )
  const compound = records.flatMap(({ shortfallBefore, shortfallAfter }) =>
    shortfallBefore === null || shortfallAfter === null
      ? []
      : [{ before: shortfallBefore, after: shortfallAfter }],
  )
  const inPart = aave.filter(({ before }) => before < 1 && before > 0.95)
  return [
    {
      name: 'Aave: health below 1 at the start of the block',
      n: aave.length,
      hits: aave.filter(({ before }) => before < 1).length,
    },
    {
      name: 'Aave: health within 0.95 … 1, where only half may be repaid',
      n: aave.length,
      hits: inPart.length,
    },
    {
      name: 'of those: health higher after the block',
      n: inPart.length,
      hits: inPart.filter(({ before, after }) => after > before).length,
    },
    {
      name: 'Compound forks: a shortfall at the start of the block',
      n: compound.length,
      hits: compound.filter(({ before }) => before > 0n).length,
    },
    {
      name: 'Compound forks: a smaller shortfall after the block',
      n: compound.length,
      hits: compound.filter(({ before, after }) => after < before).length,
    },
  ]
}

export function liquidationMarkdown(report: LiquidationReport): string {
  return [
    '**What there is**',
    markdownTable(
      ['set', 'liquidations', 'users', 'from', 'to', 'both sides priced'],
      report.sets.map((set) => [
        set.name,
        dollars(set.n),
        dollars(set.users),
        utc(set.fromSec).slice(0, 10),
        utc(set.toSec).slice(0, 10),
        percent(set.priced / set.n),
      ]),
    ),
    '**Seized for repaid**: bonuses learnt from the first half of the rows, held against the second.',
    seizureTable(report),
    `Bonuses learnt from the protocol’s prices: ${report.seizures[0]!.fit.bonuses.map(
      ({ collateral, bonus, n }) => `${collateral} ${figure(bonus, 3)} (${n})`,
    ).join(', ')}.`,
    '**Half at a time**: calls on one user and pair within an hour of each other.',
    markdownTable(
      ['set', 'pairs of calls', 'second is half of the first', '95 %', 'more than half'],
      report.halvings.map(({ name, found: { n, halves, above } }) => [
        name,
        dollars(n),
        percent(halves / n),
        span(shareInterval(halves, n)),
        percent(above / n),
      ]),
    ),
    '**Health around the call** (Arbitrum: Aave V3, forks of Compound)',
    markdownTable(
      ['statement', 'N', 'holds', '95 %'],
      report.health.map(({ name, n, hits }) => [
        name,
        dollars(n),
        percent(hits / n),
        span(shareInterval(hits, n), 3),
      ]),
    ),
    '**Volume by day, given ether’s price**: frontier model against the day’s fall, later days only, intervals by weeks.',
    frontierTable(report),
  ].join('\n\n')
}

function seizureTable({ seizures }: LiquidationReport): string {
  const rows = seizures.flatMap(({ name, fit }) =>
    fit.within.map(({ tolerance, share, interval }) => [
      name,
      dollars(fit.n),
      `± ${percent(tolerance)}`,
      percent(share),
      span(interval, 3),
      percent(fit.medianError, 2),
      dollars(fit.unknown),
    ]),
  )
  return markdownTable(
    ['set and prices', 'N', 'within', 'share', '95 %', 'median error', 'no bonus known'],
    rows,
  )
}

function frontierTable({ frontiers }: LiquidationReport): string {
  const rows = frontiers.map(({ name, unit, fit }) => [
    `${name} (${unit})`,
    `${fit.trainDays} + ${fit.testDays}`,
    `${figure(fit.model.rho)} (${span(fit.model.rhoInterval)})`,
    `${figure(fit.baseline.rho)} (${span(fit.baseline.rhoInterval)})`,
    `${figure(fit.rhoGain)} (${span(fit.rhoGainInterval)})`,
    `${figure(fit.model.r2)} (${span(fit.model.r2Interval)})`,
    `${figure(fit.baseline.r2)} (${span(fit.baseline.r2Interval)})`,
  ])
  return markdownTable(['set', 'days', 'ρ model', 'ρ baseline', 'gain', 'R² model', 'R² baseline'], rows)
}
