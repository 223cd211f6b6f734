/** The November 2025 replay in several runs, and its words: Markdown for docs/systemic.md, one JSON line for machines. */
import { agreementOf } from './agreement'
import { firstLiquidation } from './following-oracle'
import { dollars, figure, markdownTable, percent, span, utc } from './markdown'
import {
  LEAST_HIT_USD,
  type MarketRow,
  type MorphoMoments,
  type MorphoReplay,
  replayMorpho,
  type VaultRow,
} from './morpho'
import type { MorphoHistory } from './morpho-history'
import { lastAt, valueAt } from './series'

const at = (date: string) => Date.parse(`${date}T00:00:00Z`) / 1000

/** The state is read the day before xUSD's issuer stopped redemptions; losses twelve days later, when prices are gone. */
const MOMENTS: MorphoMoments = {
  stateSec: at('2025-11-03'),
  outcomeSec: at('2025-11-15'),
  endSec: at('2026-01-31'),
}
const VANTAGES = [
  '2025-10-20',
  '2025-10-28',
  '2025-10-31',
  '2025-11-01',
  '2025-11-03',
  '2025-11-04',
  '2025-11-05',
]

export interface MorphoReport {
  blind: MorphoReplay
  informed: MorphoReplay
  vantages: { date: string; replay: MorphoReplay }[]
  followed: FollowedRow[]
  unpriced: UnpricedRow[]
  /** Net, between the state and the outcome, by vault. */
  reallocated: { name: string; units: number }[]
}

interface FollowedRow {
  name: string
  debtUsd: number
  timeSec: number | null
  priceUsd: number | null
  badDebtUsd: number
}

interface UnpricedRow {
  name: string
  utilization: number
  collateralUnits: number
  mostDebtUsd: number
}

export function runMorphoReport(history: MorphoHistory): MorphoReport {
  const informed = (collateral: string) => {
    const prices = history.prices.get(collateral) ?? []
    const [before, after] = [valueAt(prices, MOMENTS.stateSec), valueAt(prices, MOMENTS.outcomeSec)]
    return before === undefined || after === undefined ? 0 : after / before
  }
  const blind = replayMorpho(history, MOMENTS, () => 0)
  return {
    blind,
    informed: replayMorpho(history, MOMENTS, informed),
    vantages: VANTAGES.map((date) => ({
      date,
      replay: replayMorpho(history, { ...MOMENTS, stateSec: at(date) }, () => 0),
    })),
    followed: followedRows(history, blind),
    unpriced: unpricedRows(history, blind),
    reallocated: reallocatedBy(history),
  }
}

function reallocatedBy({ vaults, reallocations }: MorphoHistory): { name: string; units: number }[] {
  return vaults
    .map(({ id, name, chain }) => {
      const moves = reallocations.filter(
        ({ vault, timeSec }) => vault === id && timeSec > MOMENTS.stateSec && timeSec <= MOMENTS.outcomeSec,
      )
      return { name: `${name} (${chain})`, units: moves.reduce((sum, move) => sum + move.units, 0) }
    })
    .filter(({ units }) => Math.abs(units) >= LEAST_HIT_USD)
    .sort((a, b) => b.units - a.units)
}

/** Had oracles followed the market: markets of any size. */
function followedRows(history: MorphoHistory, { markets }: MorphoReplay): FollowedRow[] {
  return history.markets.flatMap((market, i) => {
    if (markets[i]!.supplyUsd < LEAST_HIT_USD || market.isFixedPrice) return []
    const debtUsd = lastAt(market.states, MOMENTS.stateSec)?.borrowUsd ?? 0
    const collateralUnits = valueAt(market.collateralUnits, MOMENTS.stateSec) ?? market.collateralUnitsLater
    const prices = history.prices.get(market.collateral) ?? []
    const found = firstLiquidation(
      { collateralUnits, debtUsd, terms: market.terms },
      prices,
      MOMENTS.stateSec,
    )
    return [
      {
        name: market.name,
        debtUsd,
        timeSec: found?.timeSec ?? null,
        priceUsd: found?.priceUsd ?? null,
        badDebtUsd: found?.badDebtUsd ?? 0,
      },
    ]
  })
}

/** Markets whose loan has no price: no dollars are claimed, but what the collateral would have allowed to borrow is. */
function unpricedRows(history: MorphoHistory, { markets }: MorphoReplay): UnpricedRow[] {
  return history.markets.flatMap((market, i) => {
    if (!markets[i]!.isUnpriced) return []
    const price = valueAt(history.prices.get(market.collateral) ?? [], MOMENTS.stateSec) ?? 0
    return [
      {
        name: market.name,
        utilization: markets[i]!.utilization,
        collateralUnits: market.collateralUnitsLater,
        mostDebtUsd: market.collateralUnitsLater * price * market.terms.threshold,
      },
    ]
  })
}

export function morphoMarkdown(report: MorphoReport): string {
  const { blind, informed } = report
  return [
    `State of ${utc(MOMENTS.stateSec)} UTC, losses by market at ${utc(MOMENTS.outcomeSec)}, share prices until ${utc(
      MOMENTS.endSec,
    ).slice(0, 10)}. ${blind.markets.length} markets, ${blind.vaults.length} vaults. US dollars.`,
    '**Bad debt by market**, blind (collateral worth nothing) and informed (collateral at its price of the outcome).',
    marketTable(blind.markets, informed.markets),
    `Over the ${blind.badDebt.n} priced markets of ${LEAST_HIT_USD} or more: ${amounts(blind)} blind, ${amounts(informed)} informed.`,
    '**Vaults** that were predicted to lose or did. "Stuck" is what they still had in lost markets two days before the outcome.',
    vaultTable(blind.vaults),
    hitText(blind),
    reallocatedText(report.reallocated),
    '**How early one could have known**: the blind forecast from the state of other days.',
    vantageTable(report),
    '**Order of contagion** (τ-b, one-sided permutation p; smaller idle share predicts fuller earlier).',
    orderTable(blind),
    '**Had oracles followed the market**, with a buyer at each hour’s price:',
    followedTable(report.followed),
    unpricedText(report.unpriced),
  ].join('\n\n')
}

function amounts({ badDebt }: MorphoReplay): string {
  return `predicted ${dollars(badDebt.predicted)}, happened ${dollars(badDebt.happened)}, Σ|error| ${dollars(
    badDebt.absoluteError,
  )}, ρ ${figure(badDebt.rankCorrelation)}`
}

function marketTable(blind: readonly MarketRow[], informed: readonly MarketRow[]): string {
  const rows = blind.flatMap((row, i) =>
    row.supplyUsd < 1
      ? []
      : [
          [
            row.name,
            dollars(row.supplyUsd),
            percent(row.utilization),
            dollars(row.uncoveredUsd),
            dollars(row.drainUsd),
            dollars(informed[i]!.predictedUsd),
            dollars(row.happenedUsd),
            dollars(row.recordedUsd),
            Number.isFinite(row.fullAfterSec) ? `${row.fullAfterSec / 3600} h` : '–',
          ],
        ],
  )
  return markdownTable(
    [
      'market',
      'supply',
      'utilization',
      'blind: uncovered',
      'blind: drain',
      'informed',
      'happened',
      'recorded later',
      'full after',
    ],
    rows,
  )
}

function vaultTable(vaults: readonly VaultRow[]): string {
  const rows = vaults
    .filter((row) => row.isPredicted || row.isHit)
    .sort((a, b) => b.predictedUsd - a.predictedUsd)
    .map((row) => [
      `${row.name} (${row.chain})`,
      dollars(row.assetsUsd),
      dollars(row.predictedUsd),
      dollars(row.stuckUsd),
      percent(row.predictedShare),
      percent(row.stayersShare),
      percent(row.sharePriceFall),
      row.isHit ? 'yes' : 'no',
    ])
  return markdownTable(
    [
      'vault',
      'assets',
      'predicted loss',
      'stuck',
      'of all assets',
      'of those who stayed',
      'share price fell',
      'hit',
    ],
    rows,
  )
}

function hitText({ hits, vaults, vaultLosses }: MorphoReplay): string {
  const naive = agreementOf({ predicted: vaults.length, happened: hits.happened, both: hits.happened })
  return `Precision ${hits.both}/${hits.predicted} = ${figure(hits.precision)} (95 % ${span(
    hits.precisionInterval,
  )}), recall ${hits.both}/${hits.happened} = ${figure(hits.recall)} (${span(hits.recallInterval)}); naming every vault of the tables would have a precision of ${figure(naive.precision)}. Losses of the ${
    vaultLosses.n
  } vaults: predicted ${dollars(vaultLosses.predicted)}, stuck ${dollars(vaultLosses.happened)}, Σ|error| ${dollars(
    vaultLosses.absoluteError,
  )}, ρ ${figure(vaultLosses.rankCorrelation)}.`
}

function reallocatedText(rows: MorphoReport['reallocated']): string {
  const text = rows.map(({ name, units }) => `${name} ${units > 0 ? '+' : '−'}${dollars(Math.abs(units))}`)
  return `Public allocators moved into markets at risk after the state, net: ${text.join(', ') || 'nothing'}.`
}

function vantageTable({ vantages }: MorphoReport): string {
  return markdownTable(
    ['state of', 'predicted', 'hit', 'both', 'precision', 'recall', 'predicted losses', 'stuck', 'ρ'],
    vantages.map(({ date, replay: { hits, vaultLosses } }) => [
      date,
      ...[hits.predicted, hits.happened, hits.both].map(String),
      figure(hits.precision),
      figure(hits.recall),
      dollars(vaultLosses.predicted),
      dollars(vaultLosses.happened),
      figure(vaultLosses.rankCorrelation),
    ]),
  )
}

function orderTable({ marketOrder, runOrder, secondRound }: MorphoReplay): string {
  const rows = [
    ['markets filling up, by idle share', marketOrder],
    ['vaults losing a fifth of their assets, by predicted loss', runOrder],
    ['outflow of vaults not at risk, by shared markets', secondRound.order],
  ] as const
  return markdownTable(
    ['order', 'N', 'τ', 'p'],
    rows.map(([name, { n, tau, pValue }]) => [name, String(n), figure(tau), figure(pValue)]),
  )
}

function followedTable(rows: readonly FollowedRow[]): string {
  return markdownTable(
    ['market', 'debt', 'liquidated', 'at a price of', 'bad debt'],
    rows.map((row) => [
      row.name,
      dollars(row.debtUsd),
      row.timeSec === null ? '–' : utc(row.timeSec),
      figure(row.priceUsd, 4),
      dollars(row.badDebtUsd),
    ]),
  )
}

function unpricedText(rows: readonly UnpricedRow[]): string {
  if (rows.length === 0) return 'No market was without a price.'
  const text = rows.map(
    (row) =>
      `${row.name} at ${percent(row.utilization)} utilization, where ${dollars(
        row.collateralUnits,
      )} units of collateral would have carried at most ${dollars(row.mostDebtUsd)} of debt`,
  )
  return `Without a price of the loan, and so in no sum above: ${text.join('; ')}.`
}
