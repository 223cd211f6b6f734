/**
 * Several chains at once over one PostgreSQL on two cores: a processor and a replay chain each, all started together.
 * Aggregate rows a second from the start to the last chain's head, and how far the slowest chain is when the fastest has
 * arrived: 1 is even, 0 is starved (or too short a chain: a batch is the smallest step). The yardstick is one chain alone in
 * the same run.
 */
import { execFileSync } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { openPool, type Pool } from '../src/db/pool'
import type { BenchOptions } from './options'
import { startOurs } from './ours'
import { type BenchServer, startServer } from './postgres'
import { printTable, round, thousands } from './print'
import { benchChain } from './spec'
import { type Size, startReplay } from './yardsticks'

const BLOCKS = 20_000
const QUICK_BLOCKS = 5_000
const LOGS = 10
const CORES = 2
const COUNTS = [1, 2, 6] as const
const FIRST_CHAIN_ID = 31337
const POLL_MS = 50
const TIMEOUT_MS = 600_000

interface Together {
  rowsPerSec: number
  wallSec: number
  /** Progress of the slowest chain when the fastest was done, 0 to 1. */
  slowestShare: number
}

/** Keeps this process and all that it starts on two cores, where there are more and the system can. */
function stayOnTwoCores(): void {
  if (availableParallelism() <= CORES) return
  try {
    execFileSync('taskset', ['-a', '-c', '-p', `0-${CORES - 1}`, String(process.pid)], { stdio: 'ignore' })
  } catch {
    console.log(`taskset is missing: this runs on ${availableParallelism()} cores, not ${CORES}`)
  }
}

/** Waits until all chains are at their head; returns the slowest one's share when the first was. */
async function watch(pool: Pool, count: number, { blocks }: Size, check: () => void): Promise<number> {
  let slowestShare: number | undefined
  for (const deadline = Date.now() + TIMEOUT_MS; Date.now() < deadline; await sleep(POLL_MS)) {
    check()
    const { rows } = await pool.query<{ height: string }>('SELECT head_height AS height FROM chain')
    const heights = rows.map(({ height }) => Math.max(0, Number(height)))
    while (heights.length < count) heights.push(0)
    if (Math.max(...heights) >= blocks) slowestShare ??= Math.min(...heights) / blocks
    if (slowestShare !== undefined && Math.min(...heights) >= blocks) return slowestShare
  }
  throw new Error(`${count} chains were not done within ${TIMEOUT_MS / 1000} s`)
}

async function checkRows(pool: Pool, count: number, { blocks, logs }: Size): Promise<void> {
  const { rows } = await pool.query<{ n: string }>(
    'SELECT count(*) AS n FROM token_transfer GROUP BY chain_id',
  )
  const wrong = rows.filter(({ n }) => Number(n) !== blocks * logs)
  if (rows.length !== count || wrong.length > 0) {
    throw new Error(
      `${count} chains left ${rows.map(({ n }) => n).join(', ')} rows, not ${blocks * logs} each`,
    )
  }
}

async function runTogether(server: BenchServer, count: number, size: Size): Promise<Together> {
  const chainIds = Array.from({ length: count }, (_, i) => FIRST_CHAIN_ID + i)
  const name = `chains_${count}`
  const databaseUrl = await server.ourDatabase(name, chainIds)
  const pool = openPool(databaseUrl, { application: 'bench-chains', max: 1 })
  const stops: (() => Promise<unknown>)[] = [() => pool.end(), () => server.dropDatabase(name)]
  try {
    const replays = []
    for (const chainId of chainIds) {
      const replay = await startReplay({ ...size, chainId })
      stops.unshift(() => replay.stop())
      replays.push({ chainId, url: replay.url })
    }
    const startedAt = performance.now()
    const children = replays.map(({ chainId, url }) =>
      startOurs({ chain: benchChain({ id: chainId }), databaseUrl, rpcUrl: url, fromBlock: 0 }),
    )
    for (const child of children) stops.unshift(() => child.kill())
    const slowestShare = await watch(pool, count, size, () => {
      const ended = children.find((child) => child.ended())
      if (ended) throw new Error(`a processor ended:\n${ended.output().slice(-3_000)}`)
    })
    const wallSec = (performance.now() - startedAt) / 1000
    await checkRows(pool, count, size)
    return { rowsPerSec: (count * size.blocks * size.logs) / wallSec, wallSec, slowestShare }
  } finally {
    for (const stop of stops) await stop()
  }
}

/** Measures, prints a table, and returns the figures. @throws Error when a chain does not reach its head */
export async function run(options: BenchOptions): Promise<Record<string, number>> {
  stayOnTwoCores()
  const size = { blocks: options.blocks ?? (options.quick ? QUICK_BLOCKS : BLOCKS), logs: LOGS }
  const server = await startServer()
  const results = new Map<number, Together>()
  try {
    for (const count of COUNTS) results.set(count, await runTogether(server, count, size))
  } finally {
    await server.remove()
  }
  const alone = results.get(1)?.rowsPerSec ?? Number.NaN
  printTable([
    [`chains of ${thousands(size.blocks)} blocks`, 'wall', 'rows/s in all', 'of one alone', 'slowest share'],
    ...[...results].map(([count, { rowsPerSec, wallSec, slowestShare }]) => [
      String(count),
      `${wallSec.toFixed(1)} s`,
      thousands(rowsPerSec),
      `${(rowsPerSec / alone).toFixed(2)}×`,
      slowestShare.toFixed(2),
    ]),
  ])
  const figures: Record<string, number> = {}
  for (const [count, { rowsPerSec, slowestShare }] of results) {
    if (count === 1) continue
    figures[`rowsPerSec${count}`] = round(rowsPerSec)
    figures[`slowestShare${count}`] = round(slowestShare, 2)
  }
  return figures
}
