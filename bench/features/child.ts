/** One side of the features bench in a process of its own, so that its memory is its own: `child.ts SIDE {json}`. */
import { createHash } from 'node:crypto'
import { computeDuckdb, loadDuckdb, readDuckdb } from './duckdb'
import { computeOurs } from './ours'
import { makeTransfers } from './transfers'

export interface ChildOptions {
  accounts: number
  transfers: number
  seed: number
  repeats: number
  threads: number
}

/** What a child prints last. */
export interface ChildResult {
  wallSec: number[]
  cpuSec: number[]
  /** SHA-256 of the float32 features of every 37th account. */
  digest: string
}

/** Accounts whose features are compared to the bit: one in so many. */
const SAMPLE = 37

type Columns = Record<string, ArrayLike<number>>

/** @param row place of an account in the columns; undefined: it has no transfer */
function digestOf(columns: Columns, accounts: number, row: (account: number) => number | undefined): string {
  const hash = createHash('sha256')
  for (const [name, values] of Object.entries(columns)) {
    const isShare = /Hhi|Share/.test(name)
    const sample = new Float32Array(Math.ceil(accounts / SAMPLE))
    for (let i = 0; i < sample.length; i++) {
      const at = row(i * SAMPLE)
      const value = at === undefined ? (isShare ? Number.NaN : 0) : values[at]!
      sample[i] = Number.isNaN(value) ? Number.NaN : value
    }
    hash.update(name).update(sample)
  }
  return hash.digest('hex')
}

async function timed(repeats: number, work: () => unknown): Promise<Pick<ChildResult, 'wallSec' | 'cpuSec'>> {
  const [wallSec, cpuSec] = [[] as number[], [] as number[]]
  for (let turn = 0; turn < repeats; turn++) {
    const before = process.cpuUsage()
    const start = performance.now()
    await work()
    wallSec.push((performance.now() - start) / 1000)
    const { user, system } = process.cpuUsage(before)
    cpuSec.push((user + system) / 1e6)
  }
  return { wallSec, cpuSec }
}

async function runOurs({ accounts, transfers, seed, repeats }: ChildOptions): Promise<ChildResult> {
  const columns = makeTransfers({ accounts, transfers, seed })
  let features: Columns = {}
  const times = await timed(repeats, () => {
    features = computeOurs(columns, accounts)
  })
  return { ...times, digest: digestOf(features, accounts, (account) => account) }
}

async function runDuckdb({
  accounts,
  transfers,
  seed,
  repeats,
  threads,
}: ChildOptions): Promise<ChildResult> {
  const connection = await loadDuckdb(makeTransfers({ accounts, transfers, seed }), threads)
  const times = await timed(repeats, () => computeDuckdb(connection))
  const found = await readDuckdb(connection, SAMPLE)
  const rows = new Map(found.accounts.map((account, row) => [account, row]))
  return { ...times, digest: digestOf(found.columns, accounts, (account) => rows.get(account)) }
}

async function main([side, json]: readonly string[]): Promise<void> {
  const options = JSON.parse(json ?? '') as ChildOptions
  const result = side === 'ours' ? await runOurs(options) : await runDuckdb(options)
  console.log(`result ${JSON.stringify(result)}`)
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error)
  process.exit(1)
})
