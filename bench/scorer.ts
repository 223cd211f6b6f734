/**
 * Rows → Score rows with reasons, on a machine of two cores: the account model over a million accounts, written as the
 * scorer's transaction writes them, COPY and COMMIT included, into the migrated tables with all their indexes.
 *
 * Two event loops are watched meanwhile: that of the process that scores, and that of an API process beside it over the
 * same database, which answers a query every 100 ms.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '../src/db/embedded'
import { inTransaction, openPool, type Pool } from '../src/db/pool'
import { featureTable } from '../src/features/table'
import { seededRandom } from '../src/math/statistics'
import { modelFolder } from '../src/models/registry'
import { type ModelRuntime, openModels } from '../src/models/session'
import { registerModels } from '../src/models/versions'
import { packageRoot } from '../src/package-root'
import { ACCOUNT_MODEL } from '../src/scorer/round'
import type { ScoreBatch } from '../src/scorer/score-batch'
import { writeScores } from '../src/scorer/score-write'
import type { BenchOptions } from './options'
import { startServer } from './postgres'
import { printTable, round, thousands } from './print'

const CHAIN_ID = 1
const ACCOUNTS = 1_000_000
const QUICK_ACCOUNTS = 100_000
const THREADS = 2
const MIB = 2 ** 20
const ASK_EVERY_MS = 100
/** USER_HZ is 100 on every Linux that Node runs on. */
const CLOCK_TICKS_PER_SEC = 100

export async function run(options: BenchOptions): Promise<Record<string, unknown>> {
  const accounts = options.quick ? QUICK_ACCOUNTS : ACCOUNTS
  const server = await startServer()
  const runtime = await openModels({ names: [ACCOUNT_MODEL], threads: THREADS })
  let api: Api | undefined
  try {
    const url = await server.ourDatabase('scorer', [CHAIN_ID])
    const pool = openPool(url, { application: 'bench-scorer', max: 2 })
    await registerModels(pool)
    const batch = makeBatch(runtime, { accounts, seed: options.seed })
    await warm(runtime, batch)
    api = await startApi(url)
    const figures = await measure(pool, { runtime, batch, api })
    await pool.end()
    printTable([
      [
        '',
        'accounts/s',
        'wall s',
        'scorer loop max ms',
        'API loop max ms',
        'peak MiB',
        'CPU µs each: scorer',
        'server',
      ],
      [
        `${thousands(accounts)} accounts`,
        thousands(figures.accountsPerSec),
        figures.wallSec.toFixed(1),
        figures.loopMaxMs.toFixed(0),
        figures.apiLoopMaxMs.toFixed(0),
        figures.peakMb.toFixed(0),
        figures.scorerCpuUsPerAccount.toFixed(1),
        figures.serverCpuUsPerAccount.toFixed(1),
      ],
    ])
    return { accounts, threads: THREADS, modelSha256: batch.model.sha256, ...roundAll(figures) }
  } finally {
    api?.stop()
    await runtime.close()
    await server.remove()
  }
}

interface Figures {
  accountsPerSec: number
  peakMb: number
  wallSec: number
  loopMaxMs: number
  apiLoopMaxMs: number
  /** What the work costs where others use the cores too; two cores give 2,000,000 / their sum accounts a second at most. */
  scorerCpuUsPerAccount: number
  serverCpuUsPerAccount: number
}

async function measure(
  pool: Pool,
  { runtime, batch, api }: { runtime: ModelRuntime; batch: ScoreBatch; api: Api },
): Promise<Figures> {
  const delay = monitorEventLoopDelay({ resolution: 5 })
  await api.lagMaxMs()
  const asking = api.keepAsking()
  delay.enable()
  const started = performance.now()
  const cpuBefore = process.cpuUsage()
  let serverCpuSec: number | undefined
  const written = await inTransaction(pool, async (tx) => {
    const { rows } = await tx.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')
    const count = await writeScores(tx, { chainId: CHAIN_ID, batches: [batch], runtime })
    serverCpuSec = cpuSecOf(rows[0]!.pid)
    return count
  })
  const wallSec = (performance.now() - started) / 1000
  const cpu = process.cpuUsage(cpuBefore)
  delay.disable()
  await asking.stop()
  const apiLoopMaxMs = await api.lagMaxMs()
  const stored = await pool.query<{ n: number }>(
    `SELECT count(*)::int AS n FROM score_row WHERE current AND cardinality(reason_inputs) > 0`,
  )
  if (written !== batch.subjectIds.length || stored.rows[0]?.n !== written) {
    throw new Error(
      `${batch.subjectIds.length} accounts, ${written} written, ${stored.rows[0]?.n} stored with reasons`,
    )
  }
  return {
    accountsPerSec: written / wallSec,
    peakMb: (process.resourceUsage().maxRSS * 1024) / MIB,
    wallSec,
    loopMaxMs: delay.max / 1e6,
    apiLoopMaxMs,
    scorerCpuUsPerAccount: (cpu.user + cpu.system) / written,
    serverCpuUsPerAccount: serverCpuSec === undefined ? Number.NaN : (serverCpuSec * 1e6) / written,
  }
}

/** CPU time that a process has used; undefined where the system does not show it. */
function cpuSecOf(pid: number): number | undefined {
  const file = `/proc/${pid}/stat`
  if (!existsSync(file)) return undefined
  const fields = readFileSync(file, 'utf8').split(') ')[1]!.split(' ')
  return (Number(fields[11]) + Number(fields[12])) / CLOCK_TICKS_PER_SEC
}

/** Accounts between the golden rows, which are quantiles of real ones: every number drawn between two of its column. */
function makeBatch(
  runtime: ModelRuntime,
  { accounts, seed }: { accounts: number; seed: number },
): ScoreBatch {
  const model = runtime.models[ACCOUNT_MODEL]!
  const names = model.spec.inputs.map((input) => input.name)
  const golden: { rows: { features: (number | null)[] }[] } = JSON.parse(
    readFileSync(join(modelFolder(ACCOUNT_MODEL), 'golden.json'), 'utf8'),
  )
  const columns = names.map((_, c) => golden.rows.flatMap((row) => row.features[c] ?? []))
  const random = seededRandom(seed)
  const features = new Float32Array(accounts * names.length)
  for (let i = 0; i < features.length; i++) {
    const column = columns[i % names.length]!
    const [a, b] = [
      column[Math.floor(random() * column.length)]!,
      column[Math.floor(random() * column.length)]!,
    ]
    features[i] = a + (b - a) * random()
  }
  const atLeast = names.indexOf('transactionCount')
  for (let row = 0; row < accounts; row++) {
    const at = row * names.length + atLeast
    features[at] = Math.max(1, features[at]!)
  }
  const subjectIds = Array.from(
    { length: accounts },
    (_, i) => `${CHAIN_ID}:0x${(BigInt(i) * 0x1357_9bdf_0246_8acen).toString(16).padStart(40, '0')}`,
  ).sort()
  const at = {
    chainId: CHAIN_ID,
    height: 1000,
    hash: `0x${'ab'.repeat(32)}` as const,
    timestampSec: 1_700_000_000,
  }
  const table = featureTable('account', names, [], [])
  return { model, kind: 'account', at, table, subjectIds, accountIds: subjectIds, features }
}

async function warm(runtime: ModelRuntime, { features, model }: ScoreBatch): Promise<void> {
  const rows = 4 * 256
  await runtime.score(model.spec.name, features.slice(0, rows * model.spec.inputs.length), rows)
}

interface Api {
  /** Longest time that its event loop was held up since it was last asked. */
  lagMaxMs(): Promise<number>
  keepAsking(): { stop(): Promise<void> }
  stop(): void
}

async function startApi(databaseUrl: string): Promise<Api> {
  const port = await freePort()
  const child: ChildProcess = spawn(process.execPath, [join(packageRoot, 'lib', 'cli.js'), 'api'], {
    env: { ...process.env, DB_URL: databaseUrl, PLIMSOLL_API_PORT: String(port) },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const base = `http://127.0.0.1:${port}`
  const ask = (path: string, init?: RequestInit) =>
    fetch(`${base}${path}`, init).then((reply) => reply.text())
  const query = JSON.stringify({
    query: '{ scores(limit: 10, where: { modelName_eq: "illicit" }) { id value } }',
  })
  for (const deadline = Date.now() + 30_000; ; await sleep(100)) {
    if (await ask('/health').catch(() => undefined)) break
    if (Date.now() > deadline) throw new Error('the API does not answer')
  }
  return {
    async lagMaxMs() {
      const found = /^plimsoll_nodejs_eventloop_lag_max_seconds (\S+)$/m.exec(await ask('/metrics'))
      if (!found) throw new Error('/metrics tells nothing of the event loop')
      return Number(found[1]) * 1000
    },
    keepAsking() {
      let going = true
      const loop = (async () => {
        for (; going; await sleep(ASK_EVERY_MS)) {
          await ask('/graphql', {
            method: 'POST',
            headers: { 'content-type': 'application/json' },
            body: query,
          })
        }
      })()
      return {
        async stop() {
          going = false
          await loop
        },
      }
    },
    stop: () => void child.kill('SIGKILL'),
  }
}

/** Whole numbers but where a digit behind the point says something; what is unknown is left out. */
function roundAll(figures: Figures): Record<string, number> {
  const digits: Record<string, number> = { wallSec: 2, scorerCpuUsPerAccount: 1, serverCpuUsPerAccount: 1 }
  const known = Object.entries(figures).filter(([, value]) => !Number.isNaN(value))
  return Object.fromEntries(known.map(([name, value]) => [name, round(value, digits[name] ?? 0)]))
}
