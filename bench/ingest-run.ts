/** One measured run of our processor over the replay chain, and whether its tables hold exactly the truth. */
import { openPool } from '../src/db/pool'
import { watchMemory } from './memory'
import { startOurs, untilHead } from './ours'
import type { BenchServer } from './postgres'
import { benchChain } from './spec'
import type { Replay, Size } from './yardsticks'

const TIMEOUT_MS = 600_000
/** As often as the yardsticks' own script looks. */
const POLL_MS = 200
const CHAIN = benchChain({ id: 31337 })

export interface OurRun {
  /** From the start of the process to the last row committed. */
  wallSec: number
  peakMb: number
  exact: boolean
}

/** What differs from the truth, in words; empty when nothing does. */
async function differenceFromTruth(databaseUrl: string, replay: Replay): Promise<string> {
  const pool = openPool(databaseUrl, { application: 'bench-truth', max: 1 })
  try {
    const { rows: exists } = await pool.query(`SELECT to_regclass('token_balance') IS NOT NULL AS yes`)
    if (!exists[0].yes)
      throw new Error('there is no table token_balance: balances cannot be held against the truth')
    const { rows } = await pool.query(
      `SELECT (SELECT count(*) FROM token_transfer WHERE chain_id = $1)::float8 AS count,
              count(*)::float8 AS accounts, coalesce(sum(abs(balance)), 0)::float8 AS sumabs
       FROM token_balance WHERE chain_id = $1`,
      [CHAIN.id],
    )
    const truth = await replay.truth()
    const wrong = (['count', 'accounts', 'sumabs'] as const).filter((key) => rows[0][key] !== truth[key])
    return wrong.map((key) => `${key} is ${rows[0][key]}, not ${truth[key]}`).join('; ')
  } finally {
    await pool.end()
  }
}

/**
 * Indexes the whole replay chain, the blocks near its head included, into a fresh database.
 * @param profileDir where the process leaves its CPU profile
 * @throws Error when it does not reach the head
 */
export async function runOurs(
  { server, replay, size }: { server: BenchServer; replay: Replay; size: Size },
  profileDir?: string,
): Promise<OurRun> {
  const name = 'bench_ours'
  const url = await server.ourDatabase(name, [CHAIN.id])
  const pool = openPool(url, { application: 'bench-watch', max: 1 })
  const startedAt = performance.now()
  const child = startOurs({ chain: CHAIN, databaseUrl: url, rpcUrl: replay.url, fromBlock: 0 }, profileDir)
  const memory = watchMemory(child.process.pid ?? 0)
  try {
    await untilHead(
      pool,
      CHAIN.id,
      { height: size.blocks },
      { timeoutMs: TIMEOUT_MS, everyMs: POLL_MS, child: () => child },
    )
    const wallSec = (performance.now() - startedAt) / 1000
    const peakMb = memory.stop()
    await child.stop()
    const difference = await differenceFromTruth(url, replay)
    if (difference !== '') console.error(`tables differ from the truth: ${difference}`)
    return { wallSec, peakMb, exact: difference === '' }
  } finally {
    memory.stop()
    await child.kill()
    await pool.end()
    await server.dropDatabase(name)
  }
}
