/** A stress test's parts as an Arrow table: a row for the whole and for each market, asset and protocol. */
import { writeFileSync } from 'node:fs'
import { tableFromArrays, tableToIPC } from 'apache-arrow'
import { messageOf, PlimsollError } from '../errors'
import type { StressPart, StressResult } from '../systemic/stress/types'

/** Writes the file. Throws PlimsollError where the name does not end in .arrow or cannot be written. */
export function writeStressArrow(result: StressResult, file: string): void {
  if (!file.endsWith('.arrow')) throw new PlimsollError(`${file} does not end in .arrow`, { exitCode: 2 })
  try {
    writeFileSync(file, stressArrow(result))
  } catch (error) {
    throw new PlimsollError(`${file} cannot be written: ${messageOf(error)}`, { exitCode: 2 })
  }
}

/** Columns kind, id, label, expectedBadDebtUsd, expectedLiquidatedUsd, worstBadDebtUsd, and three for each level. */
export function stressArrow(result: StressResult): Uint8Array {
  const rows: { kind: string; part: StressPart }[] = [
    { kind: 'total', part: result.total },
    ...result.byMarket.map((part) => ({ kind: 'market', part })),
    ...result.byAsset.map((part) => ({ kind: 'asset', part })),
    ...result.byProtocol.map((part) => ({ kind: 'protocol', part })),
  ]
  const numbers = (of: (part: StressPart) => number) => Float64Array.from(rows, ({ part }) => of(part))
  const levels = result.request.levels.flatMap((level, k) => [
    [`badDebtVarUsd_${level}`, numbers(({ risk }) => risk[k]!.badDebtVarUsd)] as const,
    [`badDebtEsUsd_${level}`, numbers(({ risk }) => risk[k]!.badDebtEsUsd)] as const,
    [`liquidationsAtRiskUsd_${level}`, numbers(({ risk }) => risk[k]!.liquidationsAtRiskUsd)] as const,
  ])
  const table = tableFromArrays({
    kind: rows.map(({ kind }) => kind),
    id: rows.map(({ part }) => part.id),
    label: rows.map(({ part }) => part.label),
    expectedBadDebtUsd: numbers((part) => part.expectedBadDebtUsd),
    expectedLiquidatedUsd: numbers((part) => part.expectedLiquidatedUsd),
    worstBadDebtUsd: numbers((part) => part.worstBadDebtUsd),
    ...Object.fromEntries(levels),
  })
  return tableToIPC(table, 'file')
}
