/**
 * Features of every account of a made chain: 1M accounts, 20M native-coin transfers, the 18 columns of `account` and the
 * four concentrations of `counterparties`; ours beside DuckDB, each in a process of its own.
 *
 * Both begin with the transfers as columns in memory, accounts as codes, and end with float32 columns in memory. DuckDB has
 * as many threads as there are cores, we have one. Medians of three runs count. One account in 37 is compared: every
 * feature must be equal to the bit, sums of wei beyond 2⁵³ among them. Rows are transfers.
 */
import { cpus } from 'node:os'
import { join } from 'node:path'
import { startChild } from './children'
import type { ChildOptions, ChildResult } from './features/child'
import { watchMemory } from './memory'
import type { BenchOptions } from './options'
import { median, printTable, round, thousands } from './print'

const SIZE = { accounts: 1_000_000, transfers: 20_000_000, repeats: 3 }
const QUICK = { accounts: 100_000, transfers: 2_000_000, repeats: 1 }
const TIMEOUT_MS = 900_000

export interface FeaturesResult {
  rowsPerSec: number
  /** DuckDB's time over ours: above 1 we are faster. */
  timesDuckdb: number
  peakMb: number
  duckdbPeakMb: number
  exact: boolean
}

async function measure(
  side: 'ours' | 'duckdb',
  options: ChildOptions,
): Promise<ChildResult & { peakMb: number }> {
  const file = join(__dirname, 'features', 'child.ts')
  const child = startChild(process.execPath, ['--import', 'tsx', file, side, JSON.stringify(options)])
  const memory = watchMemory(child.process.pid!)
  try {
    const [, json] = await child.line(/^result (.*)$/m, TIMEOUT_MS)
    return { ...(JSON.parse(json ?? '') as ChildResult), peakMb: memory.stop() }
  } finally {
    memory.stop()
    await child.kill()
  }
}

/** Measures, prints a table, and returns the figures. @throws Error when a side fails or takes too long */
export async function run({ quick, seed }: BenchOptions): Promise<FeaturesResult> {
  const options: ChildOptions = { ...(quick ? QUICK : SIZE), seed, threads: cpus().length }
  const ours = await measure('ours', options)
  const duckdb = await measure('duckdb', options)
  const [wallSec, theirSec] = [median(ours.wallSec), median(duckdb.wallSec)]
  const line = (name: string, { wallSec: wall, cpuSec, peakMb }: typeof ours) => [
    name,
    `${median(wall).toFixed(2)} s`,
    `${median(cpuSec).toFixed(2)} s`,
    thousands(options.transfers / median(wall)),
    thousands(options.accounts / median(wall)),
    `${peakMb.toFixed(0)} MB`,
    `${(median(wall) / wallSec).toFixed(2)}×`,
  ]
  printTable([
    [`${thousands(options.accounts)} accounts`, 'wall', 'cpu', 'rows/s', 'accounts/s', 'peak', 'time / ours'],
    line('plimsoll, 1 thread', ours),
    line(`duckdb, ${options.threads} threads`, duckdb),
  ])
  return {
    rowsPerSec: round(options.transfers / wallSec),
    timesDuckdb: round(theirSec / wallSec, 2),
    peakMb: round(ours.peakMb),
    duckdbPeakMb: round(duckdb.peakMb),
    exact: ours.digest === duckdb.digest,
  }
}
