/**
 * Everything that can go wrong, together and by seed: the processor killed with SIGKILL, its endpoint dead for a while,
 * PostgreSQL restarted or crashed under it, and forks of depth 1 to 30, while blocks keep coming. A processor that ends is
 * started again, as the supervisor does. Whenever it has caught up, the tables must equal the truth row by row.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { openPool } from '../src/db/pool'
import { seededRandom } from '../src/math/statistics'
import { startProxy, type TcpProxy } from '../test/support/proxy'
import { type BenchChain, startBenchChain } from './chain/client'
import { compareWithTruth } from './chain/truth'
import type { Child } from './children'
import { startOurs, untilHead } from './ours'
import { type BenchServer, startServer } from './postgres'
import { benchChain } from './spec'

export const KINDS = ['kill', 'endpoint', 'postgres', 'reorg'] as const
export type Kind = (typeof KINDS)[number]

export interface ChaosResult {
  rounds: number
  /** Rows that the truth has and the tables had not, over all comparisons. */
  lost: number
  /** Rows that the tables had beyond the truth. */
  doubled: number
  comparisons: number
  /** How often the processor was started again. */
  restarts: number
  seen: Record<Kind, number>
}

const CHAIN = benchChain({ id: 31337, finalityDepthBlocks: 64, blocks: 'all', transactions: 'watched' })
const BORN_BLOCKS = 100
const LOGS = 10
const MAX_DEPTH = 30
const MAX_WAIT_MS = 400
const MAX_DEAD_MS = 1_500
/** Nobody listens there. */
const DEAD_PORT = 1
const ANNOUNCE_MS = 250
const CATCH_UP_TIMEOUT_MS = 90_000
/** A wrong setting: starting again would not help. */
const GIVEN_UP = 2

interface Ground {
  server: BenchServer
  chain: BenchChain
  proxy: TcpProxy
  databaseUrl: string
  random: () => number
}

/** Keeps a processor running until it is stopped. */
function keepRunning({ proxy, databaseUrl }: Ground) {
  let current: Child
  let stopped = false
  let restarts = 0
  const start = (): void => {
    const child = startOurs({
      chain: CHAIN,
      databaseUrl,
      rpcUrl: `ws://127.0.0.1:${proxy.port}`,
      fromBlock: 0,
    })
    current = child
    void child.exited.then((code) => {
      if (stopped || code === GIVEN_UP) return
      restarts++
      start()
    })
  }
  start()
  return {
    current: () => current,
    restarts: () => restarts,
    async stop() {
      stopped = true
      await current.kill()
    },
  }
}

type Running = ReturnType<typeof keepRunning>

/** A disturbance with all that is random about it drawn beforehand, so that timing does not change the draws. */
interface Disturbance {
  kind: Kind
  waitMs: number
  /** 0 to 1 each: what they decide depends on the kind. */
  size: number
  way: number
}

function draw(random: () => number, round: number): Disturbance[] {
  const kinds = KINDS.filter((kind) => kind === KINDS[round % KINDS.length] || random() < 1 / 3)
  return kinds.map((kind) => ({ kind, waitMs: random() * MAX_WAIT_MS, size: random(), way: random() }))
}

async function disturb(
  { server, chain, proxy }: Ground,
  running: Running,
  { kind, waitMs, size, way }: Disturbance,
): Promise<void> {
  await sleep(waitMs)
  if (kind === 'kill') {
    await running.current().kill()
  } else if (kind === 'endpoint') {
    proxy.pointTo(DEAD_PORT)
    proxy.cut()
    await sleep(size * MAX_DEAD_MS)
    proxy.pointTo(chain.port)
  } else if (kind === 'postgres') {
    if (way < 1 / 2) await server.crash()
    else await server.embedded.stop()
    await server.embedded.restart()
  } else {
    const depth = 1 + Math.floor(size * MAX_DEPTH)
    await chain.reorg(depth, depth + Math.floor(way * 3))
  }
}

/** Waits until the head is committed, and compares. */
async function compare(
  { chain, databaseUrl }: Ground,
  running: Running,
): Promise<{ lost: number; doubled: number; samples: string[] }> {
  const pool = openPool(databaseUrl, { application: 'bench-chaos', max: 2 })
  const timer = setInterval(() => void chain.announce(), ANNOUNCE_MS)
  try {
    const truth = await chain.truth()
    await untilHead(pool, CHAIN.id, truth.head, { timeoutMs: CATCH_UP_TIMEOUT_MS, everyMs: 20 }).catch(
      (error) => {
        throw new Error(`${error.message}\n${running.current().output().slice(-4_000)}`)
      },
    )
    return await compareWithTruth(pool, CHAIN.id, truth)
  } finally {
    clearInterval(timer)
    await pool.end()
  }
}

async function rounds(
  ground: Ground,
  running: Running,
  count: number,
  onCompared: (round: number) => void,
): Promise<ChaosResult> {
  const { chain, random } = ground
  const result: ChaosResult = {
    rounds: count,
    lost: 0,
    doubled: 0,
    comparisons: 0,
    restarts: 0,
    seen: { kill: 0, endpoint: 0, postgres: 0, reorg: 0 },
  }
  for (let round = 0; round < count; round++) {
    await chain.mine(1 + Math.floor(random() * 5))
    const drawn = draw(random, round)
    const goesOn = random() < 1 / 2 && round < count - 1
    await Promise.all(drawn.map((disturbance) => disturb(ground, running, disturbance)))
    for (const { kind } of drawn) result.seen[kind]++
    // Every other round goes on while the processor is still picking itself up.
    if (goesOn) continue
    const { lost, doubled, samples } = await compare(ground, running)
    result.lost += lost
    result.doubled += doubled
    result.comparisons++
    if (lost + doubled > 0) {
      console.error(
        `round ${round} (${drawn.map(({ kind }) => kind)}): ${lost} rows lost, ${doubled} doubled\n  ${samples.join('\n  ')}`,
      )
    }
    onCompared(round)
  }
  result.restarts = running.restarts()
  return result
}

/**
 * Runs rounds of disturbances. The same seed gives the same rounds; what they meet depends on timing.
 * @throws Error when the processor does not catch up
 */
export async function runChaos(options: {
  rounds: number
  seed: number
  onCompared?: (round: number) => void
}): Promise<ChaosResult> {
  const stops: (() => Promise<unknown>)[] = []
  try {
    const server = await startServer()
    stops.unshift(() => server.remove())
    const chain = await startBenchChain({
      seed: options.seed,
      chainId: CHAIN.id,
      blocks: BORN_BLOCKS,
      logs: LOGS,
    })
    stops.unshift(() => chain.stop())
    const proxy = await startProxy(chain.port)
    stops.unshift(() => proxy.close())
    const databaseUrl = await server.ourDatabase('chaos', [CHAIN.id])
    const ground: Ground = { server, chain, proxy, databaseUrl, random: seededRandom(options.seed) }
    const running = keepRunning(ground)
    stops.unshift(() => running.stop())
    await compare(ground, running)
    return await rounds(ground, running, options.rounds, options.onCompared ?? (() => undefined))
  } finally {
    for (const stop of stops) await stop()
  }
}
