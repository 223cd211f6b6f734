/** Stress tests over the API on the committed capture of the local world: the real engine, PostgreSQL and thread. */
import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { tableFromIPC } from 'apache-arrow'
import { createClient as createWsClient } from 'graphql-ws'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import type { Access } from '../../../src/api/access'
import { type Api, type ApiDeps, createApi, listenOn } from '../../../src/api/server'
import { harbor } from '../../../src/chains/harbor'
import { openPool, type Pool } from '../../../src/db/pool'
import { STANDING_SCENARIOS } from '../../../src/systemic/systemic-risk'
import type { TestDatabase } from '../../support/database'
import { indexedLocalWorld } from '../../support/local-world'
import { watchLoop } from '../../support/loop-watch.cjs'

const KEY = 'a-key-of-the-tests'
const keyed: Access = {
  keys: [{ name: 'alice', role: 'analyst', sha256: createHash('sha256').update(KEY).digest('hex') }],
  isLoopback: false,
}

const HEIGHT = 60

let db: TestDatabase
let pool: Pool
let api: Api
beforeAll(async () => {
  db = await indexedLocalWorld(HEIGHT)
  pool = openPool(db.url, { application: 'api', readOnly: true, statementTimeoutMs: 5_000, max: 6 })
  api = await open()
})
afterAll(async () => {
  await api?.close()
  await pool?.end()
  await db?.drop()
})

const open = (over: Partial<ApiDeps> = {}) => createApi({ pool, databaseUrl: db.url, chains: [], ...over })

interface Answer {
  // biome-ignore lint/suspicious/noExplicitAny: a test reads into whatever it asked for
  data?: any
  errors?: { message: string; extensions: { code: string } }[]
}

async function ask(query: string, { of = api, headers = {}, signal }: Asking = {}): Promise<Answer> {
  const response = await of.yoga.fetch('http://localhost/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json', host: 'localhost', ...headers },
    body: JSON.stringify({ query }),
    ...(signal && { signal }),
  })
  return (await response.json()) as Answer
}
interface Asking {
  of?: Api
  headers?: Record<string, string>
  signal?: AbortSignal
}

/** `CODE: message` of a request that must fail. */
async function refusal(args: string, asking: Asking = {}): Promise<string> {
  const { errors } = await ask(`{ stressTest(${args}) { runId } }`, asking)
  expect(errors, args).toHaveLength(1)
  return `${errors![0]!.extensions.code}: ${errors![0]!.message}`
}

const rowOf = async (runId: string) =>
  (await db.pool.query('SELECT * FROM stress_run WHERE id = $1', [runId])).rows[0]

const PART =
  '{ id label expectedBadDebtUsd expectedFirstRoundUsd expectedLiquidatedUsd worstBadDebtUsd risk { level badDebtVarUsd badDebtEsUsd } }'

describe('stressTest', () => {
  it('answers with the figures of the engine, from the state of the block that it names', async () => {
    const { data, errors } = await ask(`{ stressTest(scenario: "eth-50", scenarios: 64) {
      runId isStored scenario { name about fittedFrom central { symbol multiplier } } scenarios seed exit gasUsd asOf { chainId height hash timestamp } modelSha256
      positions expectedUnhealthy mostUnhealthy debtUsd collateralUsd total ${PART} byMarket ${PART} byAsset ${PART} byProtocol ${PART}
      topPositions { id marginalBadDebtUsd } topParameters { id marginalBadDebtUsd }
      contagion { round markets { id label liquidatedUsd badDebtUsd } prices { symbol multiplier } }
      settledShare unpriced { symbol reason } withheld { reason positions } elapsedMs } }`)
    expect(errors).toBeUndefined()
    const { stressTest } = data
    const { rows } = await db.pool.query('SELECT height, hash FROM block ORDER BY height DESC LIMIT 1')
    expect(stressTest.asOf).toMatchObject([
      { chainId: harbor.id, height: rows[0].height, hash: rows[0].hash },
    ])
    expect(stressTest).toMatchObject({
      isStored: false,
      scenario: { name: 'eth-50' },
      scenarios: 64,
      seed: 1,
      exit: 'pool',
    })
    expect(stressTest.positions).toBeGreaterThan(10)
    expect(stressTest.total.expectedLiquidatedUsd).toBeGreaterThan(0)
    expect(stressTest.mostUnhealthy).toBeGreaterThan(0)
    expect(stressTest.expectedUnhealthy).toBeLessThanOrEqual(stressTest.mostUnhealthy)
    expect(stressTest.total.expectedFirstRoundUsd).toBeGreaterThan(0)
    expect(stressTest.total.risk.map(({ level }: { level: number }) => level)).toEqual([0.95, 0.99])
    for (const list of ['byMarket', 'byProtocol'] as const) {
      const parts: { expectedBadDebtUsd: number }[] = stressTest[list]
      const sum = parts.reduce((all, { expectedBadDebtUsd }) => all + expectedBadDebtUsd, 0)
      expect(sum).toBeCloseTo(stressTest.total.expectedBadDebtUsd, 4)
    }
    const row = await rowOf(stressTest.runId)
    expect(row).toMatchObject({ status: 'done', scenario: 'eth-50', model_sha256: stressTest.modelSha256 })
    expect(row.result.total.expectedBadDebtUsd).toBe(stressTest.total.expectedBadDebtUsd)

    const again =
      await ask(`{ stressTest(scenario: "eth-50", scenarios: 64, block: { chainId: ${harbor.id}, height: "${HEIGHT}" }) {
      runId isStored } stressRunById(id: "${stressTest.runId}") { status startedBy orphanedAt } }`)
    expect(again.data).toEqual({
      stressTest: { runId: stressTest.runId, isStored: true },
      stressRunById: { status: 'done', startedBy: 'loopback', orphanedAt: null },
    })
  })

  it('gives the same figures for the same seed in another server, and others for another block', async () => {
    const other = await open()
    const query = (height: number) =>
      `{ stressTest(scenario: "eth-50", scenarios: 32, seed: 9, block: { chainId: ${harbor.id}, height: "${height}" }) { runId total ${PART} } }`
    const first = (await ask(query(50))).data.stressTest
    await db.pool.query('DELETE FROM stress_run')
    expect((await ask(query(50), { of: other })).data.stressTest).toEqual(first)
    expect((await ask(query(40), { of: other })).data.stressTest.runId).not.toBe(first.runId)
    await other.close()
  })

  it('says what is wrong with a request', async () => {
    const at = (block: string) => refusal(`scenario: "eth-30", block: ${block}`)
    expect(await refusal('scenario: "eth-to-the-moon"')).toMatch(/^BAD_USER_INPUT: .*eth-to-the-moon/)
    expect(await refusal('scenario: ""')).toMatch(/^BAD_USER_INPUT: scenario is not/)
    expect(await refusal('scenario: "eth-30", markets: ["1:0xdead"]')).toMatch(/^BAD_USER_INPUT: .*1:0xdead/)
    expect(await refusal('scenario: "eth-30", markets: []')).toMatch(/^BAD_USER_INPUT: markets is empty/)
    expect(await at('{ chainId: 4242 }')).toBe('BAD_USER_INPUT: chain 4242 is not indexed')
    expect(await at(`{ chainId: ${harbor.id}, height: "1000000" }`)).toMatch(
      /not indexed yet; the newest is 60$/,
    )
    expect(await at(`{ chainId: ${harbor.id}, height: "-1" }`)).toMatch(
      /lies before the first one indexed, 0$/,
    )
    expect(await at(`[{ chainId: ${harbor.id} }, { chainId: ${harbor.id} }]`)).toMatch(/twice$/)
    expect(await at('[]')).toMatch(/^BAD_USER_INPUT: block is empty/)
    for (const scenarios of [0, -5, 10_001])
      expect(await refusal(`scenario: "eth-30", scenarios: ${scenarios}`)).toBe(
        `BAD_USER_INPUT: scenarios is ${scenarios}: loopback may ask for 1 to 10000`,
      )
    expect(await refusal('scenario: "eth-30", levels: [0.5, 1]')).toMatch(/levels has 1: each must be/)
    expect(await refusal('scenario: "eth-30", levels: []')).toMatch(/levels has 0 numbers/)
    expect(await refusal('scenario: "eth-30", gasUsd: -1')).toMatch(/gasUsd is -1/)
  })

  it('leaves the event loop free, and answers others meanwhile', async () => {
    await ask('{ overview(limit: 1) { totals { positions } } }')
    const watch = watchLoop()
    let isDone = false
    const run = ask('{ stressTest(scenario: "student-t", scenarios: 10000, seed: 77) { runId elapsedMs } }')
    run.finally(() => {
      isDone = true
    })
    const waitsMs: number[] = []
    while (!isDone) {
      const startMs = performance.now()
      await ask('{ stressRuns(limit: 1) { id } }')
      waitsMs.push(performance.now() - startMs)
      await sleep(20)
    }
    watch.stop()
    expect((await run).errors).toBeUndefined()
    expect(waitsMs.length).toBeGreaterThan(1)
    expect(watch.take().ownCpuMaxMs).toBeLessThan(50)
  })

  it('ends with the client that leaves, and after its time', async () => {
    const left = new AbortController()
    const asked = ask('{ stressTest(scenario: "student-t", scenarios: 10000, seed: 123) { runId } }', {
      signal: left.signal,
    })
    asked.catch(() => undefined)
    const statuses = async () =>
      (await db.pool.query(`SELECT status FROM stress_run WHERE seed = 123`)).rows.map(({ status }) => status)
    await expect.poll(statuses).toEqual(['running'])
    left.abort()
    await expect.poll(statuses, { timeout: 5_000 }).toEqual(['cancelled'])
    const hasty = await open({ stressLimits: { maxRunMs: 5 } })
    const query = 'scenario: "student-t", scenarios: 10000, seed: 124'
    expect(await refusal(query, { of: hasty })).toMatch(/^TIMEOUT: the run took longer than 0.005 s/)
    await hasty.close()
  })
})

describe('the subscription', () => {
  it('streams progress over SSE and ends with the result', async () => {
    const response = await api.yoga.fetch('http://localhost/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'text/event-stream', host: 'localhost' },
      body: JSON.stringify({
        query: `subscription { stressTest(scenario: "student-t", scenarios: 5000, seed: 5) {
          runId done of perSec etaSec result { runId isStored total { expectedBadDebtUsd } } } }`,
      }),
    })
    const events = (await response.text())
      .split('\n')
      .filter((line) => line.startsWith('data: {'))
      .map((line) => JSON.parse(line.slice(6)).data.stressTest)
    expect(events.length).toBeGreaterThanOrEqual(2)
    expect(events[0]).toMatchObject({ done: 0, of: 5000, result: null })
    const { done: all, of } = events.at(-1)
    expect(all).toBe(of)
    expect(all).toBeGreaterThanOrEqual(5000)
    expect(events.at(-1)).toMatchObject({ result: { isStored: false } })
    const done = events.map((event: { done: number }) => event.done)
    expect(done).toEqual([...done].sort((a, b) => a - b))
    expect(await rowOf(events[0].runId)).toMatchObject({ status: 'done' })
  })

  it('ends with the error of a run that cannot be', async () => {
    const response = await api.yoga.fetch('http://localhost/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'text/event-stream', host: 'localhost' },
      body: JSON.stringify({ query: 'subscription { stressTest(scenario: "moonshot") { done } }' }),
    })
    expect(await response.text()).toMatch(/no scenario is called moonshot.*BAD_USER_INPUT/)
  })

  it('speaks graphql-ws, with the key in connection_init or the header', async () => {
    const guarded = await open({ access: keyed })
    const running = await listenOn(guarded, { host: '127.0.0.1', port: 0 })
    const url = `${running.url.replace('http', 'ws')}/graphql`
    const query = 'subscription { stressTest(scenario: "eth-30", scenarios: 8) { done result { runId } } }'
    const client = (connectionParams: Record<string, unknown>) =>
      createWsClient({ url, webSocketImpl: WebSocket, retryAttempts: 0, connectionParams })
    const events = []
    for await (const event of client({ authorization: `Bearer ${KEY}` }).iterate<Answer['data']>({ query }))
      events.push(event)
    expect(events.at(-1)?.data.stressTest).toMatchObject({ result: { runId: expect.any(String) } })
    const refused = await client({}).iterate({ query }).next()
    expect(refused.value.errors[0].extensions.code).toBe('UNAUTHENTICATED')
    await running.close()
  })
})

describe('systemicRisk', () => {
  it('answers what the standing scenarios do to the newest block', async () => {
    const query = `{ systemicRisk { asOf { chainId height } positions debtUsd collateralUsd
      scenarios { scenario about expectedUnhealthy mostUnhealthy total ${PART} byMarket { id expectedBadDebtUsd } contagion { round } settledShare }
      skipped { scenario reason } unpriced { symbol } withheld { reason } } }`
    const { data, errors } = await ask(query)
    expect(errors).toBeUndefined()
    const { asOf, scenarios, skipped, positions, debtUsd } = data.systemicRisk
    expect(asOf).toEqual([{ chainId: harbor.id, height: String(HEIGHT) }])
    expect(positions).toBeGreaterThan(10)
    expect(debtUsd).toBeGreaterThan(0)
    const told = [...scenarios, ...skipped].map(({ scenario }: { scenario: string }) => scenario)
    expect(told.sort()).toEqual([...STANDING_SCENARIOS].sort())
    const of = (name: string) =>
      scenarios.find(({ scenario }: { scenario: string }) => scenario === name).total.expectedBadDebtUsd
    expect(of('eth-50')).toBeGreaterThanOrEqual(of('eth-30'))
    for (const { expectedUnhealthy, mostUnhealthy } of scenarios) {
      expect(expectedUnhealthy).toBeLessThanOrEqual(mostUnhealthy)
      expect(mostUnhealthy).toBeLessThanOrEqual(positions)
    }
    expect((await ask(query)).data).toEqual(data)
  })

  it('says the same of a block that is asked for by its height', async () => {
    const newest = await ask('{ systemicRisk { debtUsd } }')
    const asked = await ask(
      `{ systemicRisk(block: { chainId: ${harbor.id}, height: "${HEIGHT}" }) { debtUsd } }`,
    )
    expect(asked.data).toEqual(newest.data)
  })
})

describe('exposureGraph', () => {
  const TOTALS = 'totals { valueLockedUsd lentUsd recountedUsd circularUsd redeemableUsd borrowedUsd }'

  it('is a graph whose edges lead between its nodes', async () => {
    const query = `{ exposureGraph { asOf { height } nodeCount edgeCount ${TOTALS} debtRankMissing
      nodes(limit: 500) { id kind label usd centrality debtRank } edges(limit: 500) { from to kind detail usd }
      byProtocol { protocol ${TOTALS} } behind { symbol usd share }
      concentration(scope: all) { scope borrowers { count hhi top1Share top10Share } }
      overlaps { a b sharedUsd similarity } cycles { usd } unpriced { symbol } withheld { reason } unusedPools { id } } }`
    const { data, errors } = await ask(query)
    expect(errors).toBeUndefined()
    const { nodes, edges, nodeCount, edgeCount, asOf, byProtocol, totals, behind } = data.exposureGraph
    expect(asOf).toEqual([{ height: String(HEIGHT) }])
    expect([nodes.length, edges.length]).toEqual([nodeCount, edgeCount])
    const ids = new Set(nodes.map(({ id }: { id: string }) => id))
    for (const { from, to } of edges) expect([ids.has(from), ids.has(to)]).toEqual([true, true])
    expect(byProtocol.map(({ protocol }: { protocol: string }) => protocol)).toEqual([
      'uniswap-v2',
      'aave-v3',
    ])
    expect(totals.redeemableUsd + totals.lentUsd).toBeCloseTo(totals.valueLockedUsd, 2)
    expect(behind.map(({ symbol }: { symbol: string }) => symbol).sort()).toEqual(['BTC', 'ETH', 'USD'])
  })

  it('can be walked from a node', async () => {
    const top = await ask(
      '{ exposureGraph { nodes(kinds: [asset], sortBy: debtRank, limit: 1) { id debtRank } } }',
    )
    const [{ id, debtRank }] = top.data.exposureGraph.nodes
    expect(debtRank).toBeGreaterThan(0.1)
    const around = await ask(
      `{ exposureGraph { edges(touching: ["${id}"], kinds: [claim, holds], minUsd: 1) { from to usd } } }`,
    )
    const { edges } = around.data.exposureGraph
    expect(edges.length).toBeGreaterThan(0)
    for (const { from, to } of edges) expect([from, to]).toContain(id)
  })

  it('can be of one protocol, and says which it does not know', async () => {
    const one = await ask('{ exposureGraph(protocols: ["aave-v3"]) { byProtocol { protocol } } }')
    expect(one.data.exposureGraph.byProtocol).toEqual([{ protocol: 'aave-v3' }])
    const none = await ask('{ exposureGraph(protocols: ["ponzi"]) { nodeCount } }')
    expect(none.errors?.[0]?.message).toMatch(/protocol ponzi is not known/)
    const many = await ask('{ exposureGraph(topAccounts: 100000) { nodeCount } }')
    expect(many.errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT')
  })

  it('is behind systemicRisk', async () => {
    const { data, errors } = await ask(`{
      systemicRisk { exposure { redeemableUsd } concentration { scope id borrowers { hhi } } important { id debtRank } }
      exposureGraph { ${TOTALS} concentration { scope id borrowers { hhi } } }
    }`)
    expect(errors).toBeUndefined()
    const { systemicRisk, exposureGraph } = data
    expect(systemicRisk.exposure.redeemableUsd).toBe(exposureGraph.totals.redeemableUsd)
    expect(systemicRisk.concentration).toEqual(exposureGraph.concentration)
    const ranks = systemicRisk.important.map(({ debtRank }: { debtRank: number }) => debtRank)
    expect(ranks[0]).toBeGreaterThan(0.1)
    expect(ranks).toEqual([...ranks].sort((a, b) => b - a))
  })
})

describe('who may', () => {
  it('is whoever has a key, once there is one; reading stays free', async () => {
    const guarded = await open({ access: keyed })
    const authorization = `Bearer ${KEY}`
    const args = 'scenario: "eth-30", scenarios: 16, seed: 2'
    expect(await refusal(args, { of: guarded })).toMatch(/^UNAUTHENTICATED: this needs an API key/)
    const headers = { authorization: 'Bearer guess' }
    expect(await refusal(args, { of: guarded, headers })).toMatch(
      /^UNAUTHENTICATED: this API key is not known/,
    )
    const allowed = await ask(`{ stressTest(${args}) { runId } }`, {
      of: guarded,
      headers: { authorization },
    })
    expect(await rowOf(allowed.data.stressTest.runId)).toMatchObject({ started_by: 'alice' })
    const runs = await ask('{ stressRuns(limit: 1) { id } systemicRisk { debtUsd } }', { of: guarded })
    expect(runs.errors).toBeUndefined()
    const own = await ask(`{ systemicRisk(block: { chainId: ${harbor.id}, height: "50" }) { debtUsd } }`, {
      of: guarded,
    })
    expect(own.errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED')
    const graph = await ask('{ exposureGraph { nodeCount } }', { of: guarded })
    expect(graph.data.exposureGraph.nodeCount).toBeGreaterThan(10)
    const ownGraph = await ask('{ exposureGraph(topAccounts: 3) { nodeCount } }', { of: guarded })
    expect(ownGraph.errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED')
    await guarded.close()
  })

  it('is nobody on a server that is bound elsewhere without keys', async () => {
    const bare = await open({ access: { keys: [], isLoopback: false } })
    expect(await refusal('scenario: "eth-30"', { of: bare })).toMatch(/set PLIMSOLL_API_KEYS/)
    await bare.close()
  })
})

describe('/stress/<runId>.arrow', () => {
  const get = (path: string, of = api, headers: Record<string, string> = {}) =>
    of.yoga.fetch(`http://localhost/stress/${path}`, { headers: { host: 'localhost', ...headers } })

  it('has the figures of the row, and says where they are from', async () => {
    const { data } = await ask(
      `{ stressTest(scenario: "eth-50", scenarios: 16) { runId total ${PART} byMarket { id } } }`,
    )
    const { runId, total, byMarket } = data.stressTest
    const response = await get(`${runId}.arrow`)
    expect(response.headers.get('content-type')).toBe('application/vnd.apache.arrow.file')
    const table = tableFromIPC(new Uint8Array(await response.arrayBuffer()))
    expect(table.schema.metadata.get('plimsoll.runId')).toBe(runId)
    expect(JSON.parse(table.schema.metadata.get('plimsoll.request')!)).toMatchObject({ scenario: 'eth-50' })
    const rows = table.toArray().map((row) => row.toJSON())
    const whole = rows.filter(({ part }) => part === 'total')
    expect(whole.map(({ level }) => level)).toEqual([0.95, 0.99])
    expect(whole[0]).toMatchObject({
      expectedBadDebtUsd: total.expectedBadDebtUsd,
      badDebtVarUsd: total.risk[0].badDebtVarUsd,
    })
    expect(rows.filter(({ part }) => part === 'market')).toHaveLength(2 * byMarket.length)
    for (const name of ['contributions', 'contagion', 'unpriced']) {
      const other = await get(`${runId}.arrow?table=${name}`)
      expect(tableFromIPC(new Uint8Array(await other.arrayBuffer())).schema.fields.length).toBeGreaterThan(2)
    }
  })

  it('refuses what is not there, and whoever may not', async () => {
    expect((await get(`${'0'.repeat(32)}.arrow`)).status).toBe(404)
    expect((await get('..%2f..%2fetc.arrow')).status).toBe(404)
    const { rows } = await db.pool.query(`SELECT id FROM stress_run WHERE status = 'cancelled' LIMIT 1`)
    expect(await (await get(`${rows[0].id}.arrow`)).text()).toBe('the run is cancelled: it has no result\n')
    const done = await db.pool.query(`SELECT id FROM stress_run WHERE status = 'done' LIMIT 1`)
    expect((await get(`${done.rows[0].id}.arrow?table=secrets`)).status).toBe(400)
    const guarded = await open({ access: keyed })
    expect((await get(`${done.rows[0].id}.arrow`, guarded)).status).toBe(401)
    const authorization = `Bearer ${KEY}`
    expect((await get(`${done.rows[0].id}.arrow`, guarded, { authorization })).status).toBe(200)
    await guarded.close()
  })
})
