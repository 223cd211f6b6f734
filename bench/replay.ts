/**
 * Replay speed: logs a second from a capture file, through our gateway and the real processor, into PostgreSQL.
 *
 * Two processes as `plimsoll start --capture` runs them (`plimsoll gateway`, `plimsoll processor`) and an embedded
 * PostgreSQL with its default durability. The clock runs from the start of the processor's process to its end, so start-up
 * counts. The capture is 18 blocks long; it is laid end to end `COPIES` times, with heights, block hashes and
 * parents rewritten so that the blocks link (transaction hashes repeat). Everything is kept: all transactions, all
 * token logs of any emitter, all account events.
 *
 * Beside it the ceiling: the same file read and decoded by the same code without a database.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { createReadStream, createWriteStream, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { createGunzip } from 'node:zlib'
import { ethereum } from '../src/chains/ethereum'
import type { Hex } from '../src/chains/types'
import { loadConfig } from '../src/config'
import { removeEmbedded, startEmbedded } from '../src/db/embedded'
import { migrate } from '../src/db/migrate'
import { openPool } from '../src/db/pool'
import { packageRoot } from '../src/package-root'
import { byTopic, createDecoder } from '../src/processor/decode'
import { createDirectory } from '../src/processor/directory'
import { PROTOCOLS } from '../src/protocols/registry'
import { readCapture } from '../src/source/capture'

const COPIES = 10
const FILE = 'captures/ethereum-17686110.ndjson.gz'
const TIMEOUT_MS = 300_000
const CLI = join(packageRoot, 'lib', 'cli.js')

export interface ReplayResult {
  /** End to end, start-up of the processor included. */
  logsPerSec: number
  /** From the first commit's end to the last's, over the logs in between. */
  steadyLogsPerSec: number
  rowsPerSec: number
  decodeOnlyLogsPerSec: number
  logs: number
  rows: number
  wallSec: number
}

/** Writes the capture `COPIES` times in a row; returns the number of blocks. */
async function extendCapture(source: string, target: string): Promise<number> {
  const lines: string[] = []
  for await (const line of createInterface({ input: createReadStream(source).pipe(createGunzip()) }))
    lines.push(line)
  const out = createWriteStream(target)
  let parent: string | undefined
  for (let copy = 0; copy < COPIES; copy++) {
    for (const line of lines) {
      const { block } = JSON.parse(line) as { block: { number: string; hash: string; parentHash: string } }
      const hash = `0x${copy.toString(16).padStart(4, '0')}${block.hash.slice(6)}`
      const number = `0x${(Number(block.number) + copy * lines.length).toString(16)}`
      const moved = line
        .replaceAll(block.parentHash, parent ?? block.parentHash)
        .replaceAll(block.hash, hash)
        .replaceAll(`umber": "${block.number}"`, `umber": "${number}"`)
        .replaceAll(`umber":"${block.number}"`, `umber":"${number}"`)
      parent = hash
      if (!out.write(`${moved}\n`)) await new Promise<void>((resolve) => out.once('drain', () => resolve()))
    }
  }
  await new Promise<void>((resolve) => out.end(() => resolve()))
  return COPIES * lines.length
}

function start(args: string[], env: Record<string, string>): ChildProcess {
  return spawn(process.execPath, [CLI, ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  })
}

function firstJson(child: ChildProcess): Promise<Record<string, unknown>> {
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`ended early with ${code}`)))
    if (child.stdout === null) return reject(new Error('no output'))
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (line.startsWith('{')) resolve(JSON.parse(line))
    })
  })
}

async function runProcessor(databaseUrl: string, file: string): Promise<{ wallSec: number; logs: number }> {
  const gateway = start(['gateway', '--capture', file], {})
  try {
    const ready = await firstJson(gateway)
    const startedAt = performance.now()
    const processor = start(['processor', '--chain', 'ethereum'], {
      DB_URL: databaseUrl,
      PLIMSOLL_CHAINS: 'ethereum',
      PLIMSOLL_ETHEREUM_GATEWAY: String(ready.url),
      PLIMSOLL_ETHEREUM_RPC: '',
      PLIMSOLL_ETHEREUM_FROM: String(ready.fromBlock),
      PLIMSOLL_ETHEREUM_TO: String(ready.toBlock),
      SQD_WARN: '*',
    })
    processor.stdout?.resume()
    const timer = setTimeout(() => processor.kill('SIGKILL'), TIMEOUT_MS)
    const code = await new Promise((resolve) => processor.once('exit', resolve))
    clearTimeout(timer)
    if (code !== 0) throw new Error(`the processor ended with ${code}`)
    return { wallSec: (performance.now() - startedAt) / 1000, logs: Number(ready.logCount) }
  } finally {
    gateway.kill()
  }
}

/** Reads and decodes the file without storing anything. */
async function decodeOnly(file: string): Promise<number> {
  const directory = createDirectory({
    seq: 0,
    markets: new Map(),
    emitters: new Map(),
    prices: new Map(),
    accounts: new Set(),
  })
  const protocols = Object.values(PROTOCOLS)
  const decoder = createDecoder({
    chain: ethereum,
    protocolsByTopic: byTopic(protocols),
    directory,
    coverageFrom: () => 0,
  })
  let logs = 0
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
  }
  return logs / ((performance.now() - startedAt) / 1000)
}

async function steadySpeed(databaseUrl: string, logs: number): Promise<{ rows: number; steady: number }> {
  const pool = openPool(databaseUrl, { application: 'bench' })
  const { rows } = await pool.query(
    `SELECT sum(row_count)::int AS total, sum(row_count) FILTER (WHERE seq > 1) AS later,
            extract(epoch FROM max(created_at) - min(created_at)) AS sec FROM batch`,
  )
  await pool.end()
  const [{ total, later, sec }] = rows
  return {
    rows: Number(total),
    steady: (logs * Number(later)) / Number(total) / Math.max(Number(sec), 0.001),
  }
}

function print(result: ReplayResult): void {
  const line = (name: string, value: number, unit: string) =>
    console.log(`${name.padEnd(34)} ${Math.round(value).toLocaleString('en').padStart(12)} ${unit}`)
  console.log(
    `replay of ${result.logs} mainnet logs (18 blocks × ${COPIES}) in ${result.wallSec.toFixed(1)} s`,
  )
  line('end to end, start-up included', result.logsPerSec, 'logs/s')
  line('steady', result.steadyLogsPerSec, 'logs/s')
  line('rows written', result.rowsPerSec, 'rows/s')
  line('read and decode only (ceiling)', result.decodeOnlyLogsPerSec, 'logs/s')
  console.log(`end to end / ceiling: ${(result.logsPerSec / result.decodeOnlyLogsPerSec).toFixed(2)}`)
}

/**
 * Measures, prints a table, and returns the figures; the caller prints the JSON line.
 * @throws Error when the data set is absent or the processor fails
 */
export async function run(): Promise<ReplayResult> {
  const source = join(loadConfig().dataSets, FILE)
  if (!existsSync(source)) throw new Error(`no ${source}: set PLIMSOLL_DATA to the folder with the data sets`)
  const dir = mkdtempSync(join(tmpdir(), 'plimsoll-bench-'))
  const databaseDir = join(dir, 'postgres')
  const database = await startEmbedded({ dir: databaseDir })
  try {
    const file = join(dir, 'extended.ndjson')
    await extendCapture(source, file)
    await migrate(database.url, [ethereum.id])
    const { wallSec, logs } = await runProcessor(database.url, file)
    const { rows, steady } = await steadySpeed(database.url, logs)
    const result: ReplayResult = {
      logsPerSec: Math.round(logs / wallSec),
      steadyLogsPerSec: Math.round(steady),
      rowsPerSec: Math.round(rows / wallSec),
      decodeOnlyLogsPerSec: Math.round(await decodeOnly(file)),
      logs,
      rows,
      wallSec,
    }
    print(result)
    return result
  } finally {
    await database.stop()
    await removeEmbedded(databaseDir)
    rmSync(dir, { recursive: true, force: true })
  }
}
