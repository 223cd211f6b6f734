/**
 * Latency at the tip, and forks. A chain of our own (bench/chain) announces blocks over WebSocket; latency runs from the
 * moment before a head is sent to the moment its batch's NOTIFY arrives at a client of PostgreSQL, by when its rows are
 * visible to everyone. Both moments are read from the machine's monotonic clock. A block is mined when the one before is
 * in, after a random pause.
 *
 * Then rounds of random reorgs of depth 1 to 30, a third of them two at once: after each, blocks, transfers and balances
 * must equal the truth row by row. Beside it Squid over the same chain, whose rows are asked for every 2 ms.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { listen, openPool, type Pool } from '../src/db/pool'
import { seededRandom } from '../src/math/statistics'
import { type BenchChain, startBenchChain } from './chain/client'
import { compareWithTruth } from './chain/truth'
import type { Child } from './children'
import type { BenchOptions } from './options'
import { startOurs, untilHead } from './ours'
import { type BenchServer, startServer } from './postgres'
import { printTable, quantile, round } from './print'
import { benchChain } from './spec'
import { startYardstick } from './yardsticks'

const CHAIN = benchChain({ id: 31337, finalityDepthBlocks: 64, blocks: 'all' })
const BORN_BLOCKS = 200
const LOGS = 10
const SAMPLES = 400
const SQUID_SAMPLES = 100
const ROUNDS = 200
const MAX_DEPTH = 30
const MAX_PAUSE_MS = 60
const TIMEOUT_MS = 30_000
const ANNOUNCE_MS = 250
/** Installing Squid takes a minute the first time. */
const SQUID_START_TIMEOUT_MS = 300_000

export interface TipResult {
  p50Ms: number
  p99Ms: number
  reorgRounds: number
  reorgMismatches: number
}

const elapsedMs = (sinceNs: string, nowNs: bigint): number => Number(nowNs - BigInt(sinceNs)) / 1e6

/** Repeats the head while something catches up. */
async function announcing<T>(chain: BenchChain, work: Promise<T>): Promise<T> {
  const timer = setInterval(() => void chain.announce(), ANNOUNCE_MS)
  try {
    return await work
  } finally {
    clearInterval(timer)
  }
}

/** Mines blocks one at a time and returns what each took. */
async function sample(
  chain: BenchChain,
  { count, random }: { count: number; random: () => number },
  visible: (height: number) => Promise<bigint>,
): Promise<number[]> {
  const latenciesMs: number[] = []
  for (let i = 0; i < count; i++) {
    await sleep(random() * MAX_PAUSE_MS)
    const { height, announcedNs } = await chain.mine()
    latenciesMs.push(elapsedMs(announcedNs, await visible(height)))
  }
  return latenciesMs
}

/** Resolves with the time at which a client heard of the batch that holds a height. */
async function watchBatches(
  url: string,
  pool: Pool,
): Promise<{ visible(height: number): Promise<bigint>; close(): Promise<void> }> {
  const heardNs = new Map<number, bigint>()
  const listener = await listen(url, ['plimsoll_batch'], (_, payload) => {
    const nowNs = process.hrtime.bigint()
    const [chainId, seq] = payload.split(':')
    pool
      .query('SELECT from_height, to_height FROM batch WHERE chain_id = $1 AND seq = $2', [chainId, seq])
      .then(({ rows: [row] }) => {
        for (let height = Number(row.from_height); height <= Number(row.to_height); height++) {
          heardNs.set(height, nowNs)
        }
      })
  })
  return {
    async visible(height) {
      for (const deadline = Date.now() + TIMEOUT_MS; Date.now() < deadline; await sleep(2)) {
        const nowNs = heardNs.get(height)
        if (nowNs !== undefined) return nowNs
      }
      throw new Error(`block ${height} was not committed within ${TIMEOUT_MS} ms`)
    },
    close: () => listener.close(),
  }
}

/** Squid's latencies over the same chain; it ends by itself when it holds the last sampled block. */
async function squidLatencies(
  server: BenchServer,
  chain: BenchChain,
  random: () => number,
): Promise<number[]> {
  const url = await server.emptyDatabase('tip_squid')
  const { height: head } = (await chain.truth()).head
  const size = { blocks: head + SQUID_SAMPLES, logs: LOGS }
  const squid = startYardstick('squid', { ...size, rpc: chain.wsUrl, pgUrl: url })
  const pool = openPool(url, { application: 'bench-tip', max: 1 })
  const until = async (height: number, timeoutMs: number): Promise<bigint> => {
    for (const deadline = Date.now() + timeoutMs; Date.now() < deadline; await sleep(2)) {
      const { rows } = await pool
        .query('SELECT 1 FROM transfer_event WHERE id = $1', [`${height}-0`])
        .catch(() => ({ rows: [] }))
      if (rows.length > 0) return process.hrtime.bigint()
      if (squid.ended()) break
    }
    throw new Error(`Squid did not index block ${height}:\n${squid.output().slice(-2_000)}`)
  }
  try {
    await announcing(chain, until(head, SQUID_START_TIMEOUT_MS))
    const latenciesMs = await sample(chain, { count: SQUID_SAMPLES, random }, (height) =>
      until(height, TIMEOUT_MS),
    )
    await squid.exited
    return latenciesMs
  } finally {
    await squid.kill()
    await pool.end()
    await server.dropDatabase('tip_squid')
  }
}

interface Watched {
  chain: BenchChain
  pool: Pool
  child: Child
}

/** @returns rounds after which the tables differed from the truth */
async function reorgRounds(
  { chain, pool, child }: Watched,
  { rounds, random }: { rounds: number; random: () => number },
): Promise<number> {
  let mismatches = 0
  for (let turn = 0; turn < rounds; turn++) {
    const forks = random() < 1 / 3 ? 2 : 1
    const depths: number[] = []
    for (let fork = 0; fork < forks; fork++) {
      const depth = 1 + Math.floor(random() * MAX_DEPTH)
      depths.push(depth)
      await chain.reorg(depth, depth + Math.floor(random() * 3))
    }
    // A WebSocket announces a fork of the same length; a further block makes it certain that it is noticed.
    if (random() < 1 / 2) await chain.mine()
    const truth = await chain.truth()
    await untilHead(pool, CHAIN.id, truth.head, { timeoutMs: TIMEOUT_MS, everyMs: 10, child: () => child })
    const { lost, doubled, samples } = await compareWithTruth(pool, CHAIN.id, truth)
    if (lost + doubled === 0) continue
    mismatches++
    console.error(
      `round ${turn}, depths ${depths}: ${lost} rows lost, ${doubled} doubled\n  ${samples.join('\n  ')}`,
    )
  }
  return mismatches
}

function report(ours: readonly number[], squid: readonly number[] | undefined): void {
  const row = (name: string, values: readonly number[]): string[] => [
    name,
    String(values.length),
    ...[0.5, 0.99].map((share) => `${quantile(values, share).toFixed(1)} ms`),
    `${(quantile(values, 0.5) / quantile(ours, 0.5)).toFixed(2)}×`,
  ]
  printTable([
    ['head announced → row visible', 'N', 'p50', 'p99', 'p50 / ours'],
    row('plimsoll (NOTIFY)', ours),
    ...(squid === undefined ? [] : [row('squid (asked every 2 ms)', squid)]),
  ])
  if (squid === undefined) console.log('--quick: Squid was not run')
}

/** Measures, prints a table, and returns the figures. @throws Error when a block is not committed in time */
export async function run(options: BenchOptions): Promise<TipResult> {
  const random = seededRandom(options.seed)
  const rounds = options.rounds ?? (options.quick ? 20 : ROUNDS)
  const server = await startServer()
  const chain = await startBenchChain({
    seed: options.seed,
    chainId: CHAIN.id,
    blocks: BORN_BLOCKS,
    logs: LOGS,
  })
  const stops: (() => Promise<unknown>)[] = [() => chain.stop(), () => server.remove()]
  try {
    const squid = options.quick ? undefined : await squidLatencies(server, chain, random)
    const url = await server.ourDatabase('tip_ours', [CHAIN.id])
    const pool = openPool(url, { application: 'bench-tip' })
    stops.unshift(() => pool.end())
    const child = startOurs({ chain: CHAIN, databaseUrl: url, rpcUrl: chain.wsUrl, fromBlock: 0 })
    stops.unshift(() => child.kill())
    const { head } = await chain.truth()
    const limits = { timeoutMs: TIMEOUT_MS, everyMs: 50, child: () => child }
    await announcing(chain, untilHead(pool, CHAIN.id, head, limits))
    const batches = await watchBatches(url, pool)
    stops.unshift(() => batches.close())
    const count = options.quick ? SAMPLES / 4 : SAMPLES
    const latenciesMs = await sample(chain, { count, random }, batches.visible)
    report(latenciesMs, squid)
    const mismatches = await reorgRounds({ chain, pool, child }, { rounds, random })
    console.log(
      `${rounds} rounds of reorgs of depth 1 to ${MAX_DEPTH} (seed ${options.seed}): ${mismatches} mismatches`,
    )
    return {
      p50Ms: round(quantile(latenciesMs, 0.5), 1),
      p99Ms: round(quantile(latenciesMs, 0.99), 1),
      reorgRounds: rounds,
      reorgMismatches: mismatches,
    }
  } finally {
    for (const stop of stops) await stop()
  }
}
