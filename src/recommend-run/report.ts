/** A run of recommendations as text for a person, and as one line of JSON for a program. */
import type { MarketResult, RecommendResult } from '../systemic/recommend/run'
import type { Bundle, FrontierPoint } from '../systemic/recommend/types'

const usd = (value: number) => `$${Math.round(value).toLocaleString('en-US')}`
const percent = (value: number) => `${(100 * value).toFixed(2)} %`
const CAPS = new Set(['supplyCap', 'borrowCap'])

export function recommendText(result: RecommendResult): string {
  const { scenario, scenarios, positions, seed, behaviour, evaluations, together, omittedMarkets } = result
  const blocks = Object.entries(result.asOf).map(
    ([chainId, { height }]) => `chain ${chainId} at block ${height}`,
  )
  return [
    `${scenario.name}: ${scenario.about}; fitted from ${scenario.fittedFrom}`,
    `${positions} positions, ${scenarios} scenarios, seed ${seed}, ${evaluations} evaluations` +
      `${blocks.length > 0 ? `, ${blocks.join(', ')}` : ''}`,
    `borrowers are taken to be ${behaviour} by a change; both bounds are shown`,
    ...result.markets.flatMap((market) => ['', ...marketLines(market)]),
    '',
    together === null
      ? 'no liquidation terms are proposed'
      : `all bundles at once: expected bad debt ${usd(together.before)} becomes ${usd(together.after)}, saved ` +
        `${usd(together.savedInterval.low)} to ${usd(together.savedInterval.high)}`,
    ...(omittedMarkets > 0 ? [`${omittedMarkets} smaller markets were not judged`] : []),
    ...result.unpriced.map(
      ({ symbol, positions: count, reason }) => `unpriced: ${symbol}, ${count} positions: ${reason}`,
    ),
    ...result.withheld.map(({ reason, positions: count }) => `left out: ${count} positions: ${reason}`),
  ].join('\n')
}

function marketLines(market: MarketResult): string[] {
  const { symbol, protocol, marketId, verdict, reason, bundle, curve, unknown, shadow } = market
  return [
    `${symbol} on ${protocol} (${marketId}): ${verdict}`,
    `  ${reason}`,
    ...(bundle === null ? [] : bundleLines(bundle)),
    `  curve: ${curve.reason}`,
    ...(shadow === null ? [] : [`  shadow run: ${shadow.summary}`]),
    ...unknown.map((line) => `  unknown: ${line}`),
    ...frontierLines(market.frontier),
  ]
}

function bundleLines({
  id,
  changes,
  efficiency,
  badDebtAtCapsUsd,
  checks,
  expectedBadDebtUsd,
  rounds,
}: Bundle): string[] {
  const { before, after } = efficiency
  const failed = checks.filter(({ passed }) => !passed)
  return [
    `  bundle ${id.slice(0, 12)}, all or nothing, in ${rounds} ${rounds === 1 ? 'round' : 'rounds'}:`,
    ...changes.map(({ parameter, from, to, firstStep }) => {
      const shown = (value: number) =>
        CAPS.has(parameter) ? value.toPrecision(8).replace(/\.?0+$/, '') : value.toFixed(4)
      const step = firstStep === to ? '' : ` (first ${shown(firstStep)})`
      return `    ${parameter.padEnd(18)} ${from === null ? 'none' : shown(from)} → ${shown(to)}${step}`
    }),
    `    bad debt ${usd(expectedBadDebtUsd.before)} → ${usd(expectedBadDebtUsd.after)}; ` +
      `with borrowers who use all new room ${usd(expectedBadDebtUsd.relevered)}`,
    `    borrowing power ${usd(before.borrowingPowerUsd)} → ${usd(after.borrowingPowerUsd)}; ` +
      `liquidated ${usd(before.expectedLiquidatedUsd)} → ${usd(after.expectedLiquidatedUsd)}`,
    ...(before.supplierRevenueUsdYear === null || after.supplierRevenueUsdYear === null
      ? []
      : [
          `    suppliers earn ${usd(before.supplierRevenueUsdYear)} → ${usd(after.supplierRevenueUsdYear)} a year`,
        ]),
    ...(badDebtAtCapsUsd === null
      ? []
      : [`    bad debt when full ${usd(badDebtAtCapsUsd.before)} → ${usd(badDebtAtCapsUsd.after)}`]),
    `    checks: ${checks.length - failed.length} of ${checks.length} passed`,
    ...failed.map(({ name, detail }) => `    not passed: ${name}: ${detail}`),
  ]
}

function frontierLines(points: readonly FrontierPoint[]): string[] {
  const rows = points.map((point) => {
    const mark = [point.isCurrent ? 'now' : '', point.isRecommended ? 'proposed' : '']
      .filter(Boolean)
      .join(', ')
    return [
      ...[percent(point.ltv), percent(point.threshold), point.bonus.toFixed(4), usd(point.borrowingPowerUsd)],
      ...[usd(point.expectedBadDebtUsd.relevered), usd(point.expectedBadDebtUsd.unchanged), mark],
    ]
  })
  const head = ['LTV', 'threshold', 'bonus', 'borrowing power', 'bad debt re-levered', 'unchanged', '']
  const widths = head.map((title, c) => Math.max(title.length, ...rows.map((row) => row[c]!.length)))
  return [head, ...rows].map((row) =>
    `  ${row.map((cell, c) => cell.padStart(c === 6 ? 0 : widths[c]!)).join('  ')}`.trimEnd(),
  )
}

/** Numbers as they are; ends the output with --json. */
export function recommendJson(result: RecommendResult): string {
  return JSON.stringify(result)
}
