/** Runs and their rows on a real PostgreSQL; a double computes, so that a run can be held, broken and killed. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Caller, createQuota } from '../../../src/api/access'
import { type Asked, openRuns, type StressProgress, type StressRuns } from '../../../src/api/stress/runs'
import { openStore } from '../../../src/api/stress/store'
import { openThread } from '../../../src/api/stress/thread'
import { inTransaction, openPool, type Pool } from '../../../src/db/pool'
import { undoDerived } from '../../../src/scorer/undo'
import { type TestDatabase, testDatabase } from '../../support/database'
import { insert } from '../seed'

const CHAIN = 31337
const caller: Caller = { name: 'alice', maxScenarios: 1_000, runsPerHour: 1_000 }
const limits = { maxWaiting: 4, maxRunMs: 20_000 }

let db: TestDatabase
let reading: Pool
let runs: StressRuns
beforeAll(async () => {
  db = await testDatabase({ chainIds: [CHAIN] })
  reading = openPool(db.url, { application: 'api', readOnly: true, max: 2 })
})
afterAll(async () => {
  await reading.end()
  await db.drop()
})
beforeEach(async () => {
  await db.pool.query('TRUNCATE stress_run, block')
  for (const height of [6, 7])
    await insert(db.pool, 'block', { id: `b${height}`, chain_id: CHAIN, height, hash: `0x0${height}` })
  runs = open()
})
afterEach(() => runs.close())

function open(): StressRuns {
  const thread = openThread(db.url, { limits, entry: join(__dirname, 'double-worker') })
  return openRuns({ pool: reading, databaseUrl: db.url, thread, quota: createQuota(), limits })
}

const asked = (scenario: string, over: Partial<Asked> = {}): Asked => ({
  asOf: { [CHAIN]: { height: 7, hash: '0x07', timestampSec: 1 } },
  request: { ...{ scenario, scenarios: 10, seed: 3, levels: [0.95] }, gasUsd: 0, exit: 'oracle' },
  engine: 'made for tests',
  caller,
  ...over,
})
const query = { kind: 'query' } as const
const coded = (code: string) => expect.objectContaining({ extensions: expect.objectContaining({ code }) })
const rows = async () => (await db.pool.query('SELECT * FROM stress_run ORDER BY created_at')).rows

describe('a run', () => {
  it('is stored with all that it came from, and answered from its row the second time', async () => {
    const first = await runs.ask(asked('brief'), query)
    expect(first).toMatchObject({ isStored: false, result: { number: 1 } })
    const [row, ...others] = await rows()
    expect(others).toEqual([])
    expect(row).toMatchObject({
      ...{ id: first.runId, chain_id: String(CHAIN), scenario: 'brief', seed: '3', status: 'done' },
      ...{
        as_of: asked('brief').asOf,
        request: asked('brief').request,
        model_sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      },
      ...{ result: { number: 1 }, error: null, started_by: 'alice', orphaned_at: null },
    })
    expect(row.elapsed_ms).toBeGreaterThanOrEqual(40)
    expect(row.finished_at.getTime()).toBeGreaterThanOrEqual(row.created_at.getTime())
    const second = await runs.ask(asked('brief'), query)
    expect(second).toEqual({ runId: first.runId, isStored: true, result: { number: 1 } })
  })

  it('is another run at another block, seed, level or engine', async () => {
    const { request } = asked('brief')
    const others = [
      asked('brief', { asOf: { [CHAIN]: { height: 6, hash: '0x06', timestampSec: 1 } } }),
      asked('brief', { request: { ...request, seed: 4 } }),
      asked('brief', { request: { ...request, levels: [0.99] } }),
      asked('brief', { request: { ...request, markets: ['m'] } }),
      asked('brief', { engine: 'another' }),
    ]
    const ids = new Set<string>()
    for (const one of [asked('brief'), ...others]) ids.add((await runs.ask(one, query)).runId)
    expect(ids.size).toBe(6)
  })

  it('is computed once for all who ask for it, and ends when the last of them has left', async () => {
    const [one, two] = [new AbortController(), new AbortController()]
    const seen: StressProgress[] = []
    const first = runs.ask(asked('long'), { ...query, signal: one.signal })
    const left = expect(first).rejects.toEqual(coded('CANCELLED'))
    const onProgress = (progress: StressProgress) => seen.push(progress)
    const second = runs.ask(asked('long'), { kind: 'subscription', signal: two.signal, onProgress })
    const ended = expect(second).rejects.toEqual(coded('CANCELLED'))
    await expect.poll(() => seen.length).toBeGreaterThan(2)
    one.abort()
    await left
    expect(await rows()).toMatchObject([{ status: 'running', result: null }])
    two.abort()
    await ended
    await expect.poll(async () => (await rows())[0]?.status).toBe('cancelled')
    expect(seen.at(-1)).toMatchObject({ of: 1e9, perSec: expect.any(Number), etaSec: expect.any(Number) })
    await expect(runs.ask(asked('long'), { ...query, signal: AbortSignal.timeout(300) })).rejects.toEqual(
      coded('CANCELLED'),
    )
  })

  it('that fails says why, is told to whoever asked, and may be tried again', async () => {
    await expect(runs.ask(asked('fault'), query)).rejects.toEqual(coded('BAD_USER_INPUT'))
    await expect(runs.ask(asked('broken'), query)).rejects.toThrow('a bug')
    const errors = (await rows()).map(({ status, error }) => [status, error])
    expect(errors).toEqual([
      ['failed', 'no such scenario'],
      ['failed', 'internal error'],
    ])
    await expect(runs.ask(asked('fault'), query)).rejects.toEqual(coded('BAD_USER_INPUT'))
    expect(await rows()).toHaveLength(2)
  })

  it('counts against its caller’s quota, an answer from a row does not', async () => {
    const poor = { ...caller, runsPerHour: 1 }
    await runs.ask(asked('brief', { caller: poor }), query)
    await runs.ask(asked('brief', { caller: poor }), query)
    await expect(runs.ask(asked('fault', { caller: poor }), query)).rejects.toEqual(coded('QUOTA_EXCEEDED'))
  })

  it('is written through a pool that only it uses: the API’s own refuses', async () => {
    await expect(reading.query(`DELETE FROM stress_run`)).rejects.toThrow('read-only')
  })
})

describe('a reorg', () => {
  it('marks the runs above what remains, and the same state that comes back clears them', async () => {
    await runs.ask(asked('brief'), query)
    const below = asked('brief', { asOf: { [CHAIN]: { height: 6, hash: '0x06', timestampSec: 1 } } })
    await runs.ask(below, query)
    await inTransaction(db.pool, (tx) => undoDerived(tx, CHAIN, 6))
    expect((await rows()).map(({ orphaned_at }) => orphaned_at !== null)).toEqual([true, false])
    const again = await runs.ask(asked('brief'), query)
    expect(again.isStored).toBe(true)
    expect((await rows())[0].orphaned_at).toBeNull()
  })

  it('between the reading of the head and the row marks the run from its start', async () => {
    await runs.ask(asked('brief', { asOf: { [CHAIN]: { height: 7, hash: '0xff', timestampSec: 1 } } }), query)
    expect((await rows())[0]).toMatchObject({ status: 'done', orphaned_at: expect.any(Date) })
  })
})

describe('a process that is killed', () => {
  it('leaves a running row, which nobody fails while it lives and a restart fails afterwards', async () => {
    const run = { id: 'a'.repeat(32), ...asked('long'), startedBy: 'alice' }
    const child = fork(join(__dirname, 'run-child.ts'), {
      execArgv: ['--import', 'tsx'],
      env: { ...process.env, PLIMSOLL_TEST_RUN: JSON.stringify({ url: db.url, run }) },
    })
    try {
      expect((await once(child, 'message'))[0]).toBe('running')
      const store = openStore(reading, { databaseUrl: db.url, maxRuns: 1 })
      await store.recover()
      expect(await rows()).toMatchObject([{ status: 'running' }])
      await expect(store.begin(run)).rejects.toEqual(coded('BUSY'))
      child.kill('SIGKILL')
      await once(child, 'exit')
      await expect
        .poll(async () => {
          await store.recover()
          return (await rows())[0]
        })
        .toMatchObject({ status: 'failed', error: 'the process that computed it ended' })
      await store.close()
    } finally {
      child.kill('SIGKILL')
    }
  })
})
