/** The ONNX graphs of the network bench on a part of the work, scaled; on whatever PLIMSOLL_PROVIDERS names. */
import { type ExecutionProvider, openGraph } from '../../src/models/session'
import { rowSums, type SparseMatrix } from '../../src/systemic/network'
import { writeClearing } from '../../src/systemic/onnx/clearing'
import { writeDebtRank } from '../../src/systemic/onnx/debt-rank'

/** Rows of the work that a run takes. */
const ROWS = 256

/** As the configuration reads it; the CPU where nothing is named. */
export function providersAsked(): ExecutionProvider[] {
  const named = (process.env.PLIMSOLL_PROVIDERS ?? '').split(',').filter(Boolean)
  return named.length === 0 ? ['cpu'] : (named as ExecutionProvider[])
}

function dense({ size, rowStart, column, value }: SparseMatrix, by?: Float64Array): Float64Array {
  const matrix = new Float64Array(size * size)
  for (let i = 0; i < size; i++)
    for (let k = rowStart[i]!; k < rowStart[i + 1]!; k++)
      matrix[i * size + column[k]!] = value[k]! / (by === undefined ? 1 : by[i]!)
  return matrix
}

export interface GraphRun {
  /** For all rows, scaled from those that were run. */
  sec: number
  /** R, or what is left unpaid, of the rows that were run. */
  values: Float64Array
}

/** DebtRank of the first nodes alone. */
export async function debtRankGraph(impact: SparseMatrix): Promise<GraphRun> {
  const { size } = impact
  const rows = Math.min(ROWS, size)
  const initial = new Float64Array(rows * size)
  for (let k = 0; k < rows; k++) initial[k * size + k] = 1
  const graph = await openGraph<Float64Array>(writeDebtRank(2015, 'double'), providersAsked())
  const feeds = {
    impact: { dims: [size, size], data: dense(impact) },
    initial: { dims: [rows, size], data: initial },
    value: { dims: [size, 1], data: new Float64Array(size).fill(1 / size) },
  }
  const start = performance.now()
  const { lost } = await graph.run(feeds)
  const sec = (performance.now() - start) / 1000
  await graph.close()
  return { sec: (sec * size) / rows, values: lost!.data }
}

/** Clearing of the first scenarios. */
export async function clearingGraph(obligations: SparseMatrix, assets: Float64Array): Promise<GraphRun> {
  const { size } = obligations
  const scenarios = assets.length / size
  const rows = Math.min(ROWS, scenarios)
  const owed = rowSums(obligations)
  const graph = await openGraph<Float64Array>(writeClearing('double'), providersAsked())
  const feeds = {
    shares: { dims: [size, size], data: dense(obligations, owed) },
    owed: { dims: [1, size], data: owed },
    external: { dims: [rows, size], data: assets.slice(0, rows * size) },
    senior: { dims: [1, size], data: new Float64Array(size) },
    costs: { dims: [1, 2], data: Float64Array.of(1, 1) },
  }
  const start = performance.now()
  const { paid } = await graph.run(feeds)
  const sec = (performance.now() - start) / 1000
  await graph.close()
  const values = new Float64Array(rows)
  for (let k = 0; k < rows * size; k++) values[Math.floor(k / size)]! += owed[k % size]! - paid!.data[k]!
  return { sec: (sec * scenarios) / rows, values }
}
