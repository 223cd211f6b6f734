/** An exposure graph as a person reads it: how much is really there, what is behind it, who matters. */
import type { Concentration, ExposureGraph, ExposureNode } from '../systemic/exposure/types'

const MOST_ROWS = 10

/** Lines for a terminal. */
export function exposureText(graph: ExposureGraph): string {
  return [
    ...headLines(graph),
    '',
    ...behindLines(graph),
    ...relianceLines(graph),
    ...importantLines(graph),
    ...concentrationLines(graph),
    ...overlapLines(graph),
    ...leftOutLines(graph),
  ]
    .join('\n')
    .trimEnd()
}

function headLines({ asOf, nodes, edges, totals, byProtocol }: ExposureGraph): string[] {
  const blocks = Object.entries(asOf).map(([chainId, { height }]) => `chain ${chainId} at block ${height}`)
  const parts = [
    `${usd(totals.lentUsd)} of deposits are lent out`,
    `${usd(totals.recountedUsd)} are promises of what another venue holds`,
    ...(totals.circularUsd > 0 ? [`${usd(totals.circularUsd)} promise each other`] : []),
  ]
  return [
    `${nodes.length} nodes, ${edges.length} edges, ${blocks.join(', ')}`,
    `locked ${usd(totals.valueLockedUsd)}, redeemable ${usd(totals.redeemableUsd)}: ${parts.join(', ')}`,
    ...byProtocol.map(
      ({ protocol, valueLockedUsd, redeemableUsd, borrowedUsd }) =>
        `  ${protocol.padEnd(14)} locked ${usd(valueLockedUsd)}, redeemable ${usd(redeemableUsd)}, owed ${usd(borrowedUsd)}`,
    ),
  ]
}

function behindLines({ behind }: ExposureGraph): string[] {
  return table(
    'What is behind it once all promises are looked through',
    behind.map(
      ({ symbol, usd: dollars, share }) => `${symbol.padEnd(10)} ${usd(dollars)}, ${percent(share)}`,
    ),
  )
}

function relianceLines({ edges, nodes }: ExposureGraph): string[] {
  const label = new Map(nodes.map(({ id, label }) => [id, label]))
  const found = edges.filter(({ kind, from }) => kind === 'relies' && from.startsWith('protocol:'))
  return table(
    'Who lives on whose promises',
    found.map(({ from, to, usd: dollars }) => `${label.get(from)} on ${label.get(to)}: ${usd(dollars)}`),
  )
}

function importantLines({ nodes, debtRankMissing }: ExposureGraph): string[] {
  const title = 'Whose failure costs others most (DebtRank: share of all wealth)'
  if (debtRankMissing !== null) return [`${title}: ${debtRankMissing}`, '']
  const ranked = nodes
    .filter(({ id, debtRank }) => (debtRank ?? 0) > 0 && !id.startsWith('others:'))
    .sort((a, b) => b.debtRank! - a.debtRank!)
  return table(title, ranked.map(nodeLine))
}

function nodeLine({ kind, label, debtRank, chainId }: ExposureNode): string {
  return `${percent(debtRank!).padStart(6)}  ${kind} ${label}${chainId === null ? '' : `, chain ${chainId}`}`
}

function concentrationLines({ concentration, nodes }: ExposureGraph): string[] {
  const label = new Map(nodes.map(({ id, label }) => [id, label]))
  const line = ({ scope, id, borrowers, suppliers }: Concentration) => {
    const spread = ({ count, hhi, top10Share }: Concentration['borrowers']) =>
      `${count}, HHI ${hhi.toFixed(3)}, top ten ${percent(top10Share)}`
    const name = scope === 'market' ? (label.get(id) ?? id) : id
    return `${name}: borrowers ${spread(borrowers)}; suppliers ${spread(suppliers)}`
  }
  const owed = concentration.filter(({ scope, borrowers }) => scope === 'all' || borrowers.count > 0)
  return table('Concentration', owed.map(line))
}

function overlapLines({ overlaps }: ExposureGraph): string[] {
  if (overlaps.length === 0) return []
  return table(
    'Lending pools with the same things behind their loans',
    overlaps.map(
      ({ a, b, sharedUsd, similarity }) => `${a} and ${b}: ${usd(sharedUsd)}, ${percent(similarity)} alike`,
    ),
  )
}

function leftOutLines({ cycles, unpriced, withheld, unusedPools }: ExposureGraph): string[] {
  return [
    ...cycles.map(({ assetIds, usd: dollars }) => `in a circle: ${assetIds.join(' → ')}, ${usd(dollars)}`),
    ...unpriced.map(({ symbol, assetId, reason }) => `unpriced: ${symbol} (${assetId}): ${reason}`),
    ...withheld.map(({ positions, reason }) => `left out: ${positions} positions: ${reason}`),
    ...unusedPools.slice(0, MOST_ROWS).map(({ id, reason }) => `exchange pool left out: ${id}: ${reason}`),
    ...(unusedPools.length > MOST_ROWS ? [`… and ${unusedPools.length - MOST_ROWS} more`] : []),
  ]
}

function table(title: string, rows: readonly string[]): string[] {
  const more = rows.length > MOST_ROWS ? [`  … and ${rows.length - MOST_ROWS} more`] : []
  return [
    rows.length === 0 ? `${title}: nothing` : title,
    ...rows.slice(0, MOST_ROWS).map((row) => `  ${row}`),
    ...more,
    '',
  ]
}

function usd(dollars: number): string {
  return `$${dollars.toLocaleString('en-US', { maximumFractionDigits: 0 })}`
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`
}
