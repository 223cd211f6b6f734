/**
 * The full protocol set over real blocks: 18 mainnet blocks laid end to end to 5,000, through our gateway and the
 * processor into PostgreSQL with its default durability. Everything is kept: all transactions, all token logs of any
 * emitter. The clock runs from the start of the processor's process to its end, so start-up counts.
 *
 * Growth compares the time a row takes when the tables are ten times as large: rows from 5 % to 15 % of the way, past the
 * start-up, against those of the last tenth. Beside it the ceiling: the same blocks read and decoded without a database.
 */
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ethereum } from '../src/chains/ethereum'
import type { Hex } from '../src/chains/types'
import { loadConfig } from '../src/config'
import { inTransaction, openPool, type Pool } from '../src/db/pool'
import { packageRoot } from '../src/package-root'
import { byTopic, createDecoder } from '../src/processor/decode'
import { createDirectory } from '../src/processor/directory'
import { loadMemory } from '../src/processor/memory'
import { PROTOCOLS } from '../src/protocols/registry'
import { readCapture } from '../src/source/capture'
import { type Child, startChild } from './children'
import { extendCapture } from './extend-capture'
import type { BenchOptions } from './options'
import { startOurs } from './ours'
import { type BenchServer, startServer } from './postgres'
import { printTable, round, thousands } from './print'
import { printProfile } from './profile'

const FILE = 'captures/ethereum-17686110.ndjson.gz'
const BLOCKS = 5_000
const QUICK_BLOCKS = 360
/** Enough for the decoder's code to be compiled. */
const CEILING_BLOCKS = 180
const SURVEY_TIMEOUT_MS = 600_000
const RUN_TIMEOUT_MS = 1_800_000
const TENTHS = 10

export interface ProtocolsResult {
  logsPerSec: number
  growth10x: number
}

interface Batch {
  rows: number
  /** Seconds since the first commit. */
  atSec: number
}

async function batchesOf(pool: Pool): Promise<Batch[]> {
  const { rows } = await pool.query(
    `SELECT row_count::int AS rows,
            extract(epoch FROM created_at - min(created_at) OVER ())::float8 AS "atSec" FROM batch ORDER BY seq`,
  )
  return rows
}

/** Seconds after which a share of all rows was in, counted from the first commit, on straight lines between commits. */
export function timeAt(batches: readonly Batch[], share: number): number {
  const later = batches.slice(1)
  const wanted = share * later.reduce((sum, batch) => sum + batch.rows, 0)
  let rows = 0
  let fromSec = 0
  for (const batch of later) {
    if (rows + batch.rows >= wanted && batch.rows > 0) {
      return fromSec + (batch.atSec - fromSec) * ((wanted - rows) / batch.rows)
    }
    rows += batch.rows
    fromSec = batch.atSec
  }
  return fromSec
}

/** Time a row takes at full size over that at a tenth of it. */
export function growthOf(batches: readonly Batch[]): number {
  const tenth = timeAt(batches, 0.15) - timeAt(batches, 0.05)
  return (timeAt(batches, 1) - timeAt(batches, 0.9)) / tenth
}

/** Reads and decodes the first blocks without storing anything; logs a second. */
async function decodeOnly(file: string, pool: Pool): Promise<number> {
  const protocols = Object.values(PROTOCOLS)
  const directory = createDirectory(await inTransaction(pool, (tx) => loadMemory(tx, ethereum, protocols, 0)))
  const protocolsByTopic = byTopic(protocols)
  const decoder = createDecoder({ chain: ethereum, protocolsByTopic, directory, coverageFrom: () => 0 })
  let logs = 0
  let blocks = 0
  const startedAt = performance.now()
  for await (const block of readCapture(file)) {
    const { number, hash, parentHash, timestamp } = block.header
    const ref = { chainId: block.chainId, height: number, hash, parentHash, timestampSec: timestamp }
    const raw = block.logs.map((log) => ({
      block: ref,
      logIndex: log.logIndex,
      txIndex: log.transactionIndex,
      txHash: log.transactionHash,
      address: log.address,
      topics: log.topics as readonly Hex[],
      data: log.data,
    }))
    decoder.decodeBlock({ ref, logs: raw, transactions: [] })
    logs += raw.length
    if (++blocks >= CEILING_BLOCKS) break
  }
  return logs / ((performance.now() - startedAt) / 1000)
}

interface Ground {
  server: BenchServer
  gatewayUrl: string
  from: number
  to: number
}

/** Runs a processor over the range to its end. @returns seconds, and what `read` makes of the database */
async function replay<T>(
  { server, gatewayUrl, from, to }: Ground,
  read: (pool: Pool) => Promise<T>,
  profileDir?: string,
): Promise<{ wallSec: number; result: T }> {
  const name = 'bench_protocols'
  const databaseUrl = await server.ourDatabase(name, [ethereum.id])
  const startedAt = performance.now()
  const options = { chain: ethereum, databaseUrl, gatewayUrl, fromBlock: from, toBlock: to }
  const child = startOurs(options, profileDir)
  const late = setTimeout(() => void child.kill(), RUN_TIMEOUT_MS)
  const pool = openPool(databaseUrl, { application: 'bench' })
  try {
    const code = await child.exited
    const wallSec = (performance.now() - startedAt) / 1000
    if (code !== 0) throw new Error(`the processor ended with ${code}\n${child.output().slice(-4_000)}`)
    return { wallSec, result: await read(pool) }
  } finally {
    clearTimeout(late)
    await child.kill()
    await pool.end()
    await server.dropDatabase(name)
  }
}

async function startGateway(file: string): Promise<{ child: Child; url: string }> {
  const child = startChild(
    process.execPath,
    [join(packageRoot, 'lib', 'cli.js'), 'gateway', '--capture', file],
    { channel: true },
  )
  const [, url] = await child.line(/"ready":true.*?"url":"([^"]+)"/, SURVEY_TIMEOUT_MS)
  return { child, url: url ?? '' }
}

function report(figures: {
  batches: readonly Batch[]
  wallSec: number
  logs: number
  ceiling: number
  growth: number
}): void {
  const { batches, wallSec, logs, ceiling, growth } = figures
  const rows = batches.reduce((sum, batch) => sum + batch.rows, 0)
  const laterRows = rows - (batches[0]?.rows ?? 0)
  const rate = (from: number, to: number): number =>
    ((to - from) * laterRows) / (timeAt(batches, to) - timeAt(batches, from))
  printTable([
    ['', 'a second', 'of the ceiling'],
    [
      'end to end, start-up included (logs)',
      thousands(logs / wallSec),
      (logs / wallSec / ceiling).toFixed(2),
    ],
    ['read and decode only, the ceiling (logs)', thousands(ceiling), '1.00'],
    ['rows written', thousands(rows / wallSec), ''],
  ])
  const tenths = Array.from({ length: TENTHS }, (_, i) => thousands(rate(i / TENTHS, (i + 1) / TENTHS)))
  console.log(`rows/s in each tenth of the rows: ${tenths.join('  ')}`)
  console.log(`time per row, tables ten times as large: ${growth.toFixed(2)}×`)
}

/**
 * Measures, prints a table, and returns the figures.
 * @throws Error when the data set is absent or the processor fails
 */
export async function run(options: BenchOptions): Promise<ProtocolsResult> {
  const source = join(loadConfig().dataSets, FILE)
  if (!existsSync(source)) throw new Error(`no ${source}: set PLIMSOLL_DATA to the folder with the data sets`)
  const blocks = options.blocks ?? (options.quick ? QUICK_BLOCKS : BLOCKS)
  const dir = mkdtempSync(join(tmpdir(), 'plimsoll-bench-'))
  const stops: (() => Promise<unknown>)[] = [async () => rmSync(dir, { recursive: true, force: true })]
  try {
    const file = join(dir, 'extended.ndjson')
    const { from, to, logs, original } = await extendCapture(source, file, blocks)
    const server = await startServer()
    stops.unshift(() => server.remove())
    const gateway = await startGateway(file)
    stops.unshift(() => gateway.child.kill())
    const ground = { server, gatewayUrl: gateway.url, from, to }
    const { wallSec, result: batches } = await replay(ground, batchesOf)
    const emptyUrl = await server.ourDatabase('bench_empty', [ethereum.id])
    const empty = openPool(emptyUrl, { application: 'bench', max: 1 })
    const ceiling = await decodeOnly(file, empty).finally(() => empty.end())
    const growth = growthOf(batches)
    console.log(
      `${thousands(logs)} mainnet logs (${original} blocks laid out to ${blocks}) in ${wallSec.toFixed(1)} s`,
    )
    report({ batches, wallSec, logs, ceiling, growth })
    if (options.profile) {
      const part = { ...ground, to: from + Math.ceil(blocks / TENTHS) - 1 }
      await printProfile((profiles) => replay(part, async () => undefined, profiles))
    }
    return { logsPerSec: round(logs / wallSec), growth10x: round(growth, 2) }
  } finally {
    for (const stop of stops) await stop()
  }
}
