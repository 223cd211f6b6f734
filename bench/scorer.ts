/**
 * Rows → Score rows with reasons, on a machine of two cores: the account model over a million accounts, written as the
 * scorer's transaction writes them, COPY and COMMIT included, into the migrated tables with all their indexes.
 *
 * Two event loops are watched meanwhile: that of the process that scores, and that of an API process beside it over the
 * same database, which answers a query every 100 ms. A service has scores when it is asked for some, so those of a tenth
 * as many accounts of another chain are committed before the clock starts. Without them the server looks for ten
 * through all that are being written, finds none that it may show, and is at it for a second or two at a time.
 */
import { inTransaction, openPool, type Pool } from '../src/db/pool'
import { type ModelRuntime, openModels } from '../src/models/session'
import { registerModels } from '../src/models/versions'
import { ACCOUNT_MODEL } from '../src/scorer/round'
import type { ScoreBatch } from '../src/scorer/score-batch'
import { writeScores } from '../src/scorer/score-write'
import { watchLoop } from '../test/support/loop-watch.cjs'
import type { BenchOptions } from './options'
import { startServer } from './postgres'
import { printTable, round, thousands } from './print'
import { makeBatch } from './scorer/accounts'
import { type Api, startApi } from './scorer/api'
import { cpuSecOf, familyCpuSecOf, parentOf } from './scorer/cpu'

const CHAIN_ID = 10
/** The chain whose scores are there already. */
const EARLIER_CHAIN_ID = 1
const EARLIER_SHARE = 0.1
const ACCOUNTS = 1_000_000
const QUICK_ACCOUNTS = 100_000
const THREADS = 2
const MIB = 2 ** 20

export async function run(options: BenchOptions): Promise<Record<string, unknown>> {
  const accounts = options.quick ? QUICK_ACCOUNTS : ACCOUNTS
  const server = await startServer()
  const runtime = await openModels({ names: [ACCOUNT_MODEL], threads: THREADS })
  let api: Api | undefined
  try {
    const url = await server.ourDatabase('scorer', [EARLIER_CHAIN_ID, CHAIN_ID])
    const pool = openPool(url, { application: 'bench-scorer', max: 2 })
    await registerModels(pool)
    await writeEarlier(pool, runtime, { accounts: accounts * EARLIER_SHARE, seed: options.seed + 1 })
    const batch = makeBatch(runtime, { accounts, seed: options.seed, chainId: CHAIN_ID })
    api = await startApi(url)
    const figures = await measure(pool, { runtime, batch, api })
    await pool.end()
    show(accounts, figures)
    return { accounts, threads: THREADS, modelSha256: batch.model.sha256, ...roundAll(figures) }
  } finally {
    api?.stop()
    await runtime.close()
    await server.remove()
  }
}

function show(accounts: number, figures: Figures): void {
  const ms = (heldUp: number, ownCpu: number) => `${heldUp.toFixed(0)} (${ownCpu.toFixed(0)})`
  printTable([
    [
      '',
      'accounts/s',
      'wall s',
      'scorer loop ms (own CPU)',
      'API loop ms (own CPU)',
      'answer max ms',
      'peak MiB',
    ],
    [
      `${thousands(accounts)} accounts`,
      thousands(figures.accountsPerSec),
      figures.wallSec.toFixed(1),
      ms(figures.loopMaxMs, figures.loopOwnCpuMaxMs),
      ms(figures.apiLoopMaxMs, figures.apiLoopOwnCpuMaxMs),
      figures.apiAnswerMaxMs.toFixed(0),
      figures.peakMb.toFixed(0),
    ],
  ])
  printTable([
    ['CPU µs an account', 'scorer', 'COPY', 'rest of the server', 'API', 'all', 'two cores at most'],
    [
      '',
      figures.scorerCpuUsPerAccount.toFixed(1),
      figures.serverCpuUsPerAccount.toFixed(1),
      figures.serverRestCpuUsPerAccount.toFixed(1),
      figures.apiCpuUsPerAccount.toFixed(1),
      figures.cpuUsPerAccount.toFixed(1),
      `${thousands(2e6 / figures.cpuUsPerAccount)}/s`,
    ],
  ])
}

interface Figures {
  accountsPerSec: number
  peakMb: number
  wallSec: number
  /** Longest delay of the event loops, and the CPU time that they used meanwhile; see loop-watch.cjs. */
  loopMaxMs: number
  loopOwnCpuMaxMs: number
  apiLoopMaxMs: number
  apiLoopOwnCpuMaxMs: number
  apiAnswerMaxMs: number
  /** What the work costs where others use the cores too; two cores give 2,000,000 / their sum accounts a second at most. */
  scorerCpuUsPerAccount: number
  serverCpuUsPerAccount: number
  serverRestCpuUsPerAccount: number
  apiCpuUsPerAccount: number
  cpuUsPerAccount: number
}

async function measure(
  pool: Pool,
  { runtime, batch, api }: { runtime: ModelRuntime; batch: ScoreBatch; api: Api },
): Promise<Figures> {
  await api.loop()
  const asking = api.keepAsking()
  const loop = watchLoop()
  const started = performance.now()
  const { written, cpu } = await inTransaction(pool, async (tx) => {
    const { rows } = await tx.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')
    const before = cpuTimes(rows[0]!.pid, api.pid)
    const count = await writeScores(tx, { chainId: CHAIN_ID, batches: [batch], runtime })
    const after = cpuTimes(rows[0]!.pid, api.pid)
    return { written: count, cpu: before.map((sec, i) => ((after[i]! - sec) * 1e6) / count) }
  })
  const wallSec = (performance.now() - started) / 1000
  const { heldUpMaxMs, ownCpuMaxMs } = loop.take()
  loop.stop()
  const { slowestAnswerMs } = await asking.stop()
  const apiLoop = await api.loop()
  await checkStored(pool, { batch, written })
  const [scorer, backend, server, apiCpu] = cpu as [number, number, number, number]
  return {
    accountsPerSec: written / wallSec,
    peakMb: (process.resourceUsage().maxRSS * 1024) / MIB,
    wallSec,
    loopMaxMs: heldUpMaxMs,
    loopOwnCpuMaxMs: ownCpuMaxMs,
    apiLoopMaxMs: apiLoop.heldUpMaxMs,
    apiLoopOwnCpuMaxMs: apiLoop.ownCpuMaxMs,
    apiAnswerMaxMs: slowestAnswerMs,
    scorerCpuUsPerAccount: scorer,
    serverCpuUsPerAccount: backend,
    serverRestCpuUsPerAccount: server - backend,
    apiCpuUsPerAccount: apiCpu,
    cpuUsPerAccount: scorer + server + apiCpu,
  }
}

/** Seconds that this process, the transaction's backend, the whole server and the API have used. */
function cpuTimes(backend: number, api: number): number[] {
  const { user, system } = process.cpuUsage()
  const server = parentOf(backend)
  return [
    (user + system) / 1e6,
    cpuSecOf(backend),
    server === undefined ? Number.NaN : familyCpuSecOf(server),
    cpuSecOf(api),
  ]
}

async function checkStored(
  pool: Pool,
  { batch, written }: { batch: ScoreBatch; written: number },
): Promise<void> {
  const stored = await pool.query<{ n: number }>(
    `SELECT count(*)::int AS n FROM score_row
     WHERE chain_id = $1 AND height = $2 AND current AND cardinality(reason_inputs) > 0`,
    [batch.at.chainId, batch.at.height],
  )
  if (written !== batch.subjectIds.length || stored.rows[0]?.n !== written) {
    throw new Error(
      `${batch.subjectIds.length} accounts, ${written} written, ${stored.rows[0]?.n} stored with reasons`,
    )
  }
}

async function writeEarlier(
  pool: Pool,
  runtime: ModelRuntime,
  { accounts, seed }: { accounts: number; seed: number },
): Promise<void> {
  const batch = makeBatch(runtime, { accounts, seed, chainId: EARLIER_CHAIN_ID })
  await inTransaction(pool, (tx) => writeScores(tx, { chainId: EARLIER_CHAIN_ID, batches: [batch], runtime }))
}

/** Whole numbers but where a digit behind the point says something; what is unknown is left out. */
function roundAll(figures: Figures): Record<string, number> {
  const digitsOf = (name: string) => (name === 'wallSec' ? 2 : name.endsWith('UsPerAccount') ? 1 : 0)
  const known = Object.entries(figures).filter(([, value]) => !Number.isNaN(value))
  return Object.fromEntries(known.map(([name, value]) => [name, round(value, digitsOf(name))]))
}
