/**
 * End-to-end latency: block mined → alert received by an SSE subscriber, on the whole local world.
 *
 * `plimsoll start` runs in a folder of its own: two chains that mine a block a second, a processor each, the scorer,
 * the oracle, the API. This process hears of each block over WebSocket when its chain mines it, and of each alert over
 * SSE; both times are read from its own clock. An alert's latency runs from the block it is about (`height`) to its
 * first arrival, so it contains the wait for the chain's next scoring round where the alert comes from a score.
 * The world alone raises a few alerts a minute; to have enough, this process also hands the ownership of a price feed
 * from one new account to the next, each of which is a takeover to the detector.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createClient } from 'graphql-sse'
import { WebSocket } from 'ws'
import { LOCAL_WORLD } from '../src/chains/local-world'
import { freePort } from '../src/db/embedded'
import { messageOf } from '../src/errors'
import { packageRoot } from '../src/package-root'

const WANTED_ALERTS = 60
const LEAST_ALERTS = 30
const START_TIMEOUT_MS = 120_000
const MEASURE_TIMEOUT_MS = 300_000
const CHAINS = ['harbor', 'lagoon']

interface Sample {
  detector: string
  /** Block heard of → alert received. */
  totalMs: number
  /** Part of it after the scorer had detected it: commit, NOTIFY, read, SSE. */
  deliveryMs: number
}

interface LiveAlert {
  id: string
  chainId: number
  height: string
  detector: string
  detectedAt: string
}

/** Runs the world until enough alerts have been measured. Throws when fewer than 30 arrive within five minutes. */
export async function run(): Promise<{ p50Ms: number; p99Ms: number }> {
  const home = mkdtempSync(join(tmpdir(), 'plimsoll-latency-'))
  const port = await freePort()
  const world = spawn(process.execPath, [join(packageRoot, 'lib', 'cli.js'), 'start'], {
    env: {
      ...process.env,
      DB_URL: '',
      PLIMSOLL_CHAINS: '',
      PLIMSOLL_HOME: home,
      PLIMSOLL_API_PORT: String(port),
    },
    stdio: ['ignore', openSync(join(home, 'start.log'), 'w'), openSync(join(home, 'start.log'), 'a')],
  })
  const stops: (() => void)[] = []
  try {
    await answering(`http://127.0.0.1:${port}/ready`, world, join(home, 'start.log'))
    const heads = new Map<string, number>()
    for (const name of CHAINS) stops.push(watchHeads(await rpcUrl(home, name), heads))
    stops.push(stir(await rpcUrl(home, 'harbor')))
    const samples = await collect(`http://127.0.0.1:${port}/graphql`, heads)
    report(samples)
    const totals = samples.map((sample) => sample.totalMs)
    return { p50Ms: quantile(totals, 0.5), p99Ms: quantile(totals, 0.99) }
  } finally {
    for (const stop of stops) stop()
    await ended(world)
    rmSync(home, { recursive: true, force: true })
  }
}

async function answering(url: string, world: ChildProcess, logFile: string): Promise<void> {
  const deadline = Date.now() + START_TIMEOUT_MS
  let last = 'no answer'
  while (Date.now() < deadline) {
    if (world.exitCode !== null) {
      const lines = readFileSync(logFile, 'utf8').trim().split('\n').slice(-8)
      throw new Error(`plimsoll start ended with code ${world.exitCode}:\n${lines.join('\n')}`)
    }
    const response = await fetch(url).catch(() => undefined)
    if (response?.ok) return
    if (response) last = await response.text()
    await sleep(500)
  }
  throw new Error(`the local world was not ready within ${START_TIMEOUT_MS / 1000} s: ${last}`)
}

/** Where a chain's node listens, from the line its process prints when it is ready. */
async function rpcUrl(home: string, chain: string): Promise<string> {
  const file = join(home, 'logs', `${chain}.log`)
  for (let attempt = 0; attempt < 50; attempt++) {
    for (const line of existsSync(file) ? readFileSync(file, 'utf8').split('\n') : []) {
      const found = line.startsWith('{') && line.includes('"ready":true') ? /"(wss?:[^"]+)"/.exec(line) : null
      if (found) return found[1]!
    }
    await sleep(200)
  }
  throw new Error(`${file} does not say where the chain's node listens`)
}

/** Notes when each block of a chain was heard of, under `chainId:height`; the first time counts. */
function watchHeads(url: string, heads: Map<string, number>): () => void {
  const socket = new WebSocket(url)
  let chainId = ''
  socket.on('open', () => {
    socket.send('{"jsonrpc":"2.0","id":1,"method":"eth_chainId","params":[]}')
    socket.send('{"jsonrpc":"2.0","id":2,"method":"eth_subscribe","params":["newHeads"]}')
  })
  socket.on('message', (data) => {
    const atMs = Date.now()
    const message = JSON.parse(String(data))
    if (message.id === 1) chainId = String(Number(message.result))
    const number = message.params?.result?.number
    if (number === undefined || chainId === '') return
    const key = `${chainId}:${Number(number)}`
    if (!heads.has(key)) heads.set(key, atMs)
  })
  socket.on('error', (error) => console.error(`heads of ${url}: ${error.message}`))
  return () => socket.terminate()
}

/** Transfers a price feed's ownership to a new account every 1.3 s. */
function stir(wsUrl: string): () => void {
  const url = wsUrl.replace('ws', 'http')
  const feed = LOCAL_WORLD.assets[0]!.feed
  const rpc = async (method: string, ...params: unknown[]): Promise<string> => {
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params })
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    })
    const { result, error } = (await response.json()) as { result: string; error?: { message: string } }
    if (error) throw new Error(`${method}: ${error.message}`)
    return result
  }
  let stopped = false
  async function loop(): Promise<void> {
    for (let n = 1; !stopped; n++) {
      const owner = `0x${(await rpc('eth_call', { to: feed, data: '0x8da5cb5b' }, 'latest')).slice(-40)}`
      const next = (0xbe9c000000000000n + BigInt(n)).toString(16).padStart(40, '0')
      await rpc('anvil_impersonateAccount', owner)
      await rpc('anvil_setBalance', owner, '0xde0b6b3a7640000')
      await rpc('eth_sendTransaction', { from: owner, to: feed, data: `0xf2fde38b${next.padStart(64, '0')}` })
      await sleep(1_300)
    }
  }
  loop().catch((error: unknown) => {
    if (!stopped) console.error(`could not raise further alerts: ${messageOf(error)}`)
  })
  return () => {
    stopped = true
  }
}

async function collect(url: string, heads: ReadonlyMap<string, number>): Promise<Sample[]> {
  const samples: Sample[] = []
  const seen = new Set<string>()
  const client = createClient({ url })
  const query = 'subscription { alerts { id chainId height detector detectedAt } }'
  const events = client.iterate<{ alerts: LiveAlert }>({ query })
  const timer = setTimeout(() => client.dispose(), MEASURE_TIMEOUT_MS)
  try {
    for await (const { data, errors } of events) {
      if (errors || !data) throw new Error(`subscription failed: ${JSON.stringify(errors)}`)
      const receivedMs = Date.now()
      const { id, chainId, height, detector, detectedAt } = data.alerts
      const minedMs = heads.get(`${chainId}:${height}`)
      // Alerts about blocks from before we listened, and later news of the same alert, are not measured.
      if (minedMs === undefined || seen.has(id)) continue
      seen.add(id)
      samples.push({
        detector,
        totalMs: receivedMs - minedMs,
        deliveryMs: receivedMs - Date.parse(detectedAt),
      })
      if (samples.length >= WANTED_ALERTS) break
    }
  } catch (error) {
    if (samples.length < LEAST_ALERTS) throw error
  } finally {
    clearTimeout(timer)
    client.dispose()
  }
  if (samples.length >= LEAST_ALERTS) return samples
  throw new Error(
    `only ${samples.length} alerts in ${MEASURE_TIMEOUT_MS / 1000} s; at least ${LEAST_ALERTS} are needed`,
  )
}

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)]!
}

function report(samples: readonly Sample[]): void {
  const line = (name: string, of: readonly Sample[]) =>
    console.log(
      [
        name.padEnd(20),
        String(of.length).padStart(4),
        ...[of.map((sample) => sample.totalMs), of.map((sample) => sample.deliveryMs)].flatMap((values) =>
          [0.5, 0.99].map((share) => `${quantile(values, share)} ms`.padStart(10)),
        ),
      ].join(' '),
    )
  console.log('detector                N  total p50  total p99  deliv.p50  deliv.p99')
  for (const detector of [...new Set(samples.map((sample) => sample.detector))].sort()) {
    line(
      detector,
      samples.filter((sample) => sample.detector === detector),
    )
  }
  line('all', samples)
}

async function ended(world: ChildProcess): Promise<void> {
  if (world.exitCode !== null) return
  const exited = new Promise((resolve) => world.once('exit', resolve))
  world.kill('SIGTERM')
  await Promise.race([exited, sleep(40_000, undefined, { ref: false })])
}
