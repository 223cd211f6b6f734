/** A stress test's result as a person reads it: what breaks, who loses, how much, in which order. */
import type { StressPart, StressResult } from '../systemic/stress/types'

const MOST_ROWS = 10

/** Lines for a terminal. */
export function reportText(result: StressResult): string {
  const { request, scenario } = result
  return [
    `${request.scenario}: ${scenario.about}`,
    `${request.scenarios} draws, seed ${request.seed}; liquidators ${
      request.exit === 'pool' ? 'sell at once' : 'keep what they seize'
    }, gas $${request.gasUsd}; parameters: ${scenario.fittedFrom}`,
    ...stateLines(result),
    '',
    ...totalLines(result),
    '',
    ...breaks(result),
    ...contributions('Who loses (expected bad debt that leaving one out takes away)', result.topPositions),
    ...contributions('Which threshold, a point tighter, takes away most', result.topParameters),
    ...orderLines(result),
    ...leftOutLines(result),
    `model ${result.modelSha256.slice(0, 16)}, ${(result.elapsedMs / 1000).toFixed(2)} s`,
  ].join('\n')
}

function stateLines({ asOf, positions, debtUsd, collateralUsd, scenario }: StressResult): string[] {
  const blocks = Object.entries(asOf).map(([chainId, { height }]) => `chain ${chainId} at block ${height}`)
  const moved = scenario.central
    .slice(0, MOST_ROWS)
    .map(({ symbol, multiplier }) => `${symbol} ${percent(multiplier)}`)
  return [
    `${positions} positions owe ${usd(debtUsd)} against ${usd(collateralUsd)}${blocks.length ? `, ${blocks.join(', ')}` : ''}`,
    ...(moved.length === 0 ? [] : [`prices in the middle of the draws: ${moved.join(', ')}`]),
  ]
}

function totalLines(result: StressResult): string[] {
  const { total, settledShare, presentBadDebtUsd, positions, expectedUnhealthy, mostUnhealthy } = result
  const unsettled =
    settledShare < 1 ? `; ${percentOf(1 - settledShare)} of draws were cut off before they came to rest` : ''
  return [
    `liquidatable at the drawn prices: ${count(expectedUnhealthy)} of ${positions} positions, at most ${mostUnhealthy}; were all sold out at those prices, ${usd(total.expectedFirstRoundUsd)} would be lost`,
    `bad debt expected ${usd(total.expectedBadDebtUsd)} (${usd(presentBadDebtUsd)} is there already), at worst ${usd(total.worstBadDebtUsd)}; liquidations expected ${usd(total.expectedLiquidatedUsd)}${unsettled}`,
    ...total.risk.map(
      ({ level, badDebtVarUsd, badDebtEsUsd, liquidationsAtRiskUsd }) =>
        `  ${percentOf(level)}: bad debt at risk ${usd(badDebtVarUsd)}, shortfall beyond ${usd(badDebtEsUsd)}, liquidations at risk ${usd(liquidationsAtRiskUsd)}`,
    ),
  ]
}

function breaks({ byMarket, byAsset, byProtocol }: StressResult): string[] {
  return [
    ...partTable('What breaks, by market of the debt', byMarket),
    ...(byAsset.length > 1 ? partTable('By asset owed', byAsset) : []),
    ...(byProtocol.length > 1 ? partTable('By protocol', byProtocol) : []),
  ]
}

function partTable(title: string, parts: readonly StressPart[]): string[] {
  const struck = parts.filter((part) => part.expectedBadDebtUsd > 0 || part.expectedLiquidatedUsd > 0)
  if (struck.length === 0) return [`${title}: nothing`, '']
  const last = (part: StressPart) => part.risk[part.risk.length - 1]!
  const rows = struck
    .slice(0, MOST_ROWS)
    .map((part) => [
      part.label,
      usd(part.expectedBadDebtUsd),
      usd(last(part).badDebtVarUsd),
      usd(last(part).badDebtEsUsd),
      usd(part.expectedLiquidatedUsd),
      usd(last(part).liquidationsAtRiskUsd),
    ])
  const level = percentOf(last(struck[0]!).level)
  const head = ['', 'bad debt', `VaR ${level}`, `ES ${level}`, 'liquidated', `LaR ${level}`]
  return [title, ...table([head, ...rows]), ...more(struck.length), '']
}

function contributions(title: string, list: StressResult['topPositions']): string[] {
  const shown = list.filter(({ marginalBadDebtUsd }) => marginalBadDebtUsd !== 0).slice(0, MOST_ROWS)
  if (shown.length === 0) return []
  return [title, ...table(shown.map(({ label, marginalBadDebtUsd }) => [label, usd(marginalBadDebtUsd)])), '']
}

function orderLines({ contagion }: StressResult): string[] {
  if (contagion.length === 0) return ['Nothing is liquidated on the path that is told.', '']
  const lines = contagion.slice(0, MOST_ROWS).map(({ round, markets, prices }) => {
    const struck = markets
      .slice(0, 4)
      .map(({ label, liquidatedUsd, badDebtUsd }) => {
        if (liquidatedUsd === 0) return `${label} is left with bad debt ${usd(badDebtUsd)}`
        return `${label} ${usd(liquidatedUsd)}${badDebtUsd > 0 ? ` (bad debt ${usd(badDebtUsd)})` : ''}`
      })
      .join(', ')
    const moved = prices.slice(0, 4).map(({ symbol, multiplier }) => `${symbol} ${percent(multiplier)}`)
    return `  ${round}. ${struck}${moved.length === 0 ? '' : `; then ${moved.join(', ')}`}`
  })
  return ['In which order', ...lines, ...more(contagion.length), '']
}

function leftOutLines({ unpriced, withheld, withoutDepth, unusedPools }: StressResult): string[] {
  const lines = [
    ...unpriced.map(
      ({ symbol, suppliedUnits, borrowedUnits, positions, reason }) =>
        `  unpriced: ${symbol}, ${suppliedUnits} supplied and ${borrowedUnits} borrowed by ${positions} positions: ${reason}`,
    ),
    ...withheld.map(({ reason, positions }) => `  withheld: ${positions} positions: ${reason}`),
    ...unusedPools.map(({ id, reason }) => `  pool not used: ${id}: ${reason}`),
    ...(withoutDepth.length === 0
      ? []
      : [`  no exchange pool is known for ${withoutDepth.length} assets: sales do not move their prices`]),
  ]
  return lines.length === 0 ? [] : ['Left out', ...lines.slice(0, 2 * MOST_ROWS), '']
}

function more(count: number): string[] {
  return count > MOST_ROWS ? [`  … and ${count - MOST_ROWS} more`] : []
}

/** First column to the left, numbers to the right. */
function table(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]!.map((_, k) => Math.max(...rows.map((row) => row[k]!.length)))
  return rows.map((row) =>
    `  ${row.map((cell, k) => (k === 0 ? cell.padEnd(widths[k]!) : cell.padStart(widths[k]!))).join('  ')}`.trimEnd(),
  )
}

const DOLLARS = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 })

function usd(value: number): string {
  const text = DOLLARS.format(Math.abs(value))
  return value <= -0.5 ? `−$${text}` : `$${text}`
}

/** A mean of counts. */
function count(mean: number): string {
  return String(Number(mean.toFixed(1)))
}

function percentOf(share: number): string {
  return `${Number((share * 100).toFixed(2))} %`
}

/** A multiplier as a move: 0.7 is −30 %. */
function percent(multiplier: number): string {
  const moved = (multiplier - 1) * 100
  return `${moved > 0 ? '+' : '−'}${Math.abs(moved).toFixed(1)} %`
}
