/** The replay of MakerDAO's ETH-B vaults, and its words. */
import { quantileOfSorted } from '../../math/statistics'
import type { VaultHistory } from '../../models/credit/events'
import type { PriceHistory } from '../../models/credit/prices'
import { feeGrowth, stepAt, vaultStates } from '../../models/credit/vault'
import { makerTerms } from '../rules/terms'
import { judgeVaultDays, type MakerAgreement, type VaultDay, vaultDays } from './maker-replay'
import { dollars, figure, markdownTable, percent, span, utc } from './markdown'

const PRICE_FACTORS = [0.98, 0.99, 1, 1.01, 1.02]
/** Auctions are taken at a discount of about the least increase of a bid. */
const TAKEN_AT = 0.95
/** What a call of the old Cat could auction, 50,000 DAI with the penalty of 13 % in it. */
const LOT_DAI = 50_000 / 1.13

export interface MakerReport {
  fromSec: number
  untilSec: number
  vaults: number
  vaultDays: number
  liquidations: number
  agreements: MakerAgreement[]
  /** At the exchange's price, without the vault that holds most liquidations. */
  withoutLargest: MakerAgreement & { vault: string; rows: number }
  /** Days whose recorded state the protocol would not have allowed, and the agreement with them. */
  incomplete: { vaultDays: number; vaults: number }
  withIncomplete: MakerAgreement
  missed: { vaultDays: number; medianHealth: number }
  /** Days below 1 without a liquidation: their owners acted within the hour, or health was within a hundredth of 1. */
  spared: { vaultDays: number; rescued: number; close: number }
  delayMedianSec: number
  delayWithinHour: number
  delays: number
  badDebtDai: number
  badDebtVaultDays: number
  /** Rows that repaid exactly a lot. */
  lots: { exact: number; below: number; above: number }
}

export function runMakerReport(history: VaultHistory, prices: PriceHistory): MakerReport {
  const growth = feeGrowth(history.feePerYear)
  const ratio = (timeSec: number) => stepAt(history.liquidationRatio, timeSec)
  const all = vaultDays({
    vaults: vaultStates(history.events, growth),
    growth,
    ratio,
    prices,
    terms: (timeSec) =>
      makerTerms({ matRay: BigInt(Math.round(ratio(timeSec) * 1e9)) * 10n ** 18n, takenAt: TAKEN_AT }),
    fromSec: history.fromSec,
    untilSec: history.untilSec,
  })
  const days = all.filter(({ isIncomplete }) => !isIncomplete)
  const calls = history.events.filter(({ kind }) => kind === 'liquidation')
  const [largest, rows] = mostFrequent(calls.map(({ vault }) => vault))
  const delays = days.flatMap(({ delaySec }) => (delaySec === null ? [] : [delaySec])).sort((a, b) => a - b)
  const insolvent = days.filter(({ badDebtDai }) => badDebtDai > 0)
  const missed = days.filter(({ isLiquidated, leastHealth }) => isLiquidated && leastHealth >= 1)
  const spared = days.filter(({ isLiquidated, leastHealth }) => !isLiquidated && leastHealth < 1)
  const lots = calls.map(({ debtDai }) => -debtDai)
  return {
    fromSec: history.fromSec,
    untilSec: history.untilSec,
    vaults: new Set(days.map(({ vault }) => vault)).size,
    vaultDays: days.length,
    incomplete: {
      vaultDays: all.length - days.length,
      vaults: new Set(all.filter(({ isIncomplete }) => isIncomplete).map(({ vault }) => vault)).size,
    },
    withIncomplete: judgeVaultDays(all, 1),
    liquidations: calls.length,
    agreements: PRICE_FACTORS.map((factor) => judgeVaultDays(days, factor)),
    withoutLargest: {
      ...judgeVaultDays(
        days.filter(({ vault }) => vault !== largest),
        1,
      ),
      ...{ vault: largest, rows },
    },
    missed: { vaultDays: missed.length, medianHealth: medianHealth(missed) },
    spared: {
      vaultDays: spared.length,
      rescued: spared.filter(({ isRescued }) => isRescued).length,
      close: spared.filter(({ isRescued, leastHealth }) => !isRescued && leastHealth >= 0.99).length,
    },
    delayMedianSec: quantileOfSorted(delays, 0.5),
    delayWithinHour: delays.filter((delay) => delay >= 0 && delay <= 3_600).length,
    delays: delays.length,
    badDebtDai: insolvent.reduce((sum, { badDebtDai }) => sum + badDebtDai, 0),
    badDebtVaultDays: insolvent.length,
    lots: {
      exact: lots.filter((dai) => Math.abs(dai - LOT_DAI) < 1).length,
      below: lots.filter((dai) => dai <= LOT_DAI - 1).length,
      above: lots.filter((dai) => dai >= LOT_DAI + 1).length,
    },
  }
}

function medianHealth(days: readonly VaultDay[]): number {
  const known = days.map(({ leastHealth }) => leastHealth).filter(Number.isFinite)
  return quantileOfSorted(
    known.sort((a, b) => a - b),
    0.5,
  )
}

function mostFrequent(names: readonly string[]): [string, number] {
  const counts = new Map<string, number>()
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1)
  return [...counts].reduce((a, b) => (b[1] > a[1] ? b : a), ['', 0])
}

export function makerMarkdown(report: MakerReport): string {
  const { withoutLargest, missed, lots, incomplete, spared } = report
  return [
    `${utc(report.fromSec).slice(0, 10)} to ${utc(report.untilSec).slice(0, 10)}: ${report.vaults} vaults, ${dollars(
      report.vaultDays,
    )} vault-days with debt, ${report.liquidations} liquidation rows. Set aside: ${incomplete.vaultDays} vault-days of ${incomplete.vaults} vaults whose recorded withdrawals or loans the protocol would have refused, so that calls are missing. Intervals by drawing whole vaults.`,
    markdownTable(
      [
        'price of the exchange times',
        'predicted',
        'liquidated',
        'both',
        'precision',
        '95 %',
        'recall',
        '95 %',
      ],
      [
        ...report.agreements.map((one) => agreementRow(figure(one.priceFactor), one)),
        agreementRow('1.00, with the days set aside', report.withIncomplete),
        agreementRow(`1.00, without vault ${withoutLargest.vault}`, withoutLargest),
      ],
    ),
    `Vault ${withoutLargest.vault} alone has ${withoutLargest.rows} of the rows. The ${missed.vaultDays} vault-days missed at the exchange’s price had a median least health of ${figure(
      missed.medianHealth,
      3,
    )}. Of the ${spared.vaultDays} vault-days below 1 without a liquidation, the owner paid in or back within the hour on ${spared.rescued}, and on ${spared.close} others health stayed at 0.99 or more. From the first hour below 1 to the first liquidation of the day: median ${dollars(
      report.delayMedianSec / 60,
    )} minutes, ${percent(report.delayWithinHour / report.delays)} of ${report.delays} within the hour.`,
    `Lots: ${lots.exact} rows repaid a full lot of ${dollars(LOT_DAI)} DAI, ${lots.below} less, ${lots.above} more. Bad debt by the rule, auctions taken at ${TAKEN_AT} of the price: ${dollars(
      report.badDebtDai,
    )} DAI on ${report.badDebtVaultDays} vault-days; the set records none.`,
  ].join('\n\n')
}

function agreementRow(name: string, { hits, precision, recall }: MakerAgreement): string[] {
  return [
    name,
    ...[hits.predicted, hits.happened, hits.both].map(dollars),
    figure(hits.precision),
    span(precision),
    figure(hits.recall),
    span(recall),
  ]
}
