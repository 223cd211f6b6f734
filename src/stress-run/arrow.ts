/** A stress test's tables in Arrow's IPC file format, for whoever computes further with them. Pure. */
import {
  makeVector,
  RecordBatch,
  Schema,
  Table,
  tableToIPC,
  Utf8,
  type Vector,
  vectorFromArray,
} from 'apache-arrow'
import type { StressPart, StressResult } from '../systemic/stress/types'

export const ARROW_TABLES = ['parts', 'contributions', 'contagion', 'unpriced'] as const
export type ArrowTable = (typeof ARROW_TABLES)[number]

type Columns = Record<string, Vector>

const texts = (values: readonly string[]) => vectorFromArray(values, new Utf8())
const numbers = (values: readonly number[]) => makeVector(Float64Array.from(values))

/**
 * The file's bytes. The schema's metadata has request, blocks and engine, and the id of a run that has one, so that a file
 * tells where it is from.
 */
export function stressArrow(result: StressResult, table: ArrowTable, runId?: string): Uint8Array {
  const built = new Table(TABLES[table](result))
  const { request, asOf, modelSha256, withheld } = result
  const about = { ...(runId !== undefined && { runId }), request, asOf, modelSha256, withheld }
  const metadata = new Map(
    Object.entries(about).map(([name, value]) => [
      `plimsoll.${name}`,
      typeof value === 'string' ? value : JSON.stringify(value),
    ]),
  )
  const schema = new Schema(built.schema.fields, metadata)
  const batches = built.batches.map((batch) => new RecordBatch(schema, batch.data))
  return tableToIPC(new Table(schema, batches), 'file')
}

/** A row for each part and level; what does not depend on the level stands in each of a part's rows. */
function partsTable({ total, byMarket, byAsset, byProtocol }: StressResult): Columns {
  const rows = [
    ...rowsOf('total', [total]),
    ...rowsOf('market', byMarket),
    ...rowsOf('asset', byAsset),
    ...rowsOf('protocol', byProtocol),
  ]
  return {
    part: texts(rows.map(({ kind }) => kind)),
    id: texts(rows.map(({ part }) => part.id)),
    label: texts(rows.map(({ part }) => part.label)),
    expectedBadDebtUsd: numbers(rows.map(({ part }) => part.expectedBadDebtUsd)),
    expectedFirstRoundUsd: numbers(rows.map(({ part }) => part.expectedFirstRoundUsd)),
    expectedLiquidatedUsd: numbers(rows.map(({ part }) => part.expectedLiquidatedUsd)),
    worstBadDebtUsd: numbers(rows.map(({ part }) => part.worstBadDebtUsd)),
    level: numbers(rows.map(({ risk }) => risk.level)),
    badDebtVarUsd: numbers(rows.map(({ risk }) => risk.badDebtVarUsd)),
    badDebtEsUsd: numbers(rows.map(({ risk }) => risk.badDebtEsUsd)),
    liquidationsAtRiskUsd: numbers(rows.map(({ risk }) => risk.liquidationsAtRiskUsd)),
  }
}

function rowsOf(kind: string, parts: readonly StressPart[]) {
  return parts.flatMap((part) => part.risk.map((risk) => ({ kind, part, risk })))
}

function contributionsTable({ topPositions, topParameters }: StressResult): Columns {
  const rows = [
    ...topPositions.map((row) => ({ ...row, kind: 'position' })),
    ...topParameters.map((row) => ({ ...row, kind: 'parameter' })),
  ]
  return {
    kind: texts(rows.map(({ kind }) => kind)),
    id: texts(rows.map(({ id }) => id)),
    label: texts(rows.map(({ label }) => label)),
    marginalBadDebtUsd: numbers(rows.map(({ marginalBadDebtUsd }) => marginalBadDebtUsd)),
  }
}

function contagionTable({ contagion }: StressResult): Columns {
  const rows = contagion.flatMap(({ round, markets }) => markets.map((market) => ({ round, ...market })))
  return {
    round: numbers(rows.map(({ round }) => round)),
    id: texts(rows.map(({ id }) => id)),
    label: texts(rows.map(({ label }) => label)),
    liquidatedUsd: numbers(rows.map(({ liquidatedUsd }) => liquidatedUsd)),
    badDebtUsd: numbers(rows.map(({ badDebtUsd }) => badDebtUsd)),
  }
}

function unpricedTable({ unpriced }: StressResult): Columns {
  return {
    assetId: texts(unpriced.map(({ assetId }) => assetId)),
    symbol: texts(unpriced.map(({ symbol }) => symbol)),
    suppliedUnits: numbers(unpriced.map(({ suppliedUnits }) => suppliedUnits)),
    borrowedUnits: numbers(unpriced.map(({ borrowedUnits }) => borrowedUnits)),
    positions: numbers(unpriced.map(({ positions }) => positions)),
    reason: texts(unpriced.map(({ reason }) => reason)),
  }
}

const TABLES: Record<ArrowTable, (result: StressResult) => Columns> = {
  parts: partsTable,
  contributions: contributionsTable,
  contagion: contagionTable,
  unpriced: unpricedTable,
}
