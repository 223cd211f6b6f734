/** What the source says of its endpoints reaches /metrics by way of Postgres, reasons included and keys left out. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApi } from '../../src/api/server'
import { recordEndpoints } from '../../src/source/endpoint-rows'
import { readEndpoints } from '../../src/source/endpoint-setting'
import { type TestDatabase, testDatabase } from '../support/database'
import { endpointsOf, scene, until } from './source-of'

describe('the endpoints’ state', () => {
  let db: TestDatabase
  beforeAll(async () => {
    db = await testDatabase()
  })
  afterAll(() => db.drop())

  it('is written, replaced, and shown by /metrics', async () => {
    const { start } = await scene(30, [{}, { chainId: 5 }])
    const source = await start()
    await until(async () => (await endpointsOf(source))[1]?.state === 'lying')
    await db.pool.query(
      `INSERT INTO source_endpoint VALUES (1, 7, 'gone', 'gone', 'http', 'healthy', NULL, 1, 1, 1, 1, 1, 1, now())`,
    )
    const stop = recordEndpoints({ pool: db.pool, chain: { id: 1, name: 'made' }, source })
    await until(
      async () => (await db.pool.query('SELECT 1 FROM source_endpoint WHERE ordinal = 1')).rows.length === 1,
    )
    stop()
    const { rows } = await db.pool.query(
      'SELECT ordinal, state, reason FROM source_endpoint ORDER BY ordinal',
    )
    expect(rows).toEqual([
      { ordinal: 0, state: 'healthy', reason: null },
      { ordinal: 1, state: 'lying', reason: 'serves chain id 5, expected 1' },
    ])
    const api = await createApi({ pool: db.pool, databaseUrl: db.url, chains: [] })
    const text = await (await api.yoga.fetch('http://localhost/metrics')).text()
    await api.close()
    const [healthy, liar] = await endpointsOf(source)
    expect(text).toContain(`plimsoll_source_endpoint_healthy{chain="1",endpoint="${healthy!.name}"} 1`)
    const aside =
      text.split('\n').find((line) => line.startsWith('plimsoll_source_endpoint_set_aside{')) ?? ''
    for (const label of [
      `endpoint="${liar!.name}"`,
      'state="lying"',
      'reason="serves chain id 5, expected 1"',
    ]) {
      expect(aside).toContain(label)
    }
    expect(text).toMatch(/plimsoll_source_endpoint_latency_seconds\{.*\} 0\.\d+/)
    expect(text).not.toContain('KEY')
  })
})

describe('the setting of endpoints', () => {
  it('reads a list of URLs with options', () => {
    const faults: string[] = []
    const text = 'wss://a.example/KEY, https://b.example/KEY?x=1#rps=25&cost=2&label=spare,'
    expect(readEndpoints('RPC', text, faults)).toEqual([
      { url: 'wss://a.example/KEY' },
      { url: 'https://b.example/KEY?x=1', maxRequestsPerSec: 25, costWeight: 2, label: 'spare' },
    ])
    expect(faults).toEqual([])
    expect(readEndpoints('RPC', '', faults)).toEqual([])
  })

  it('names what is wrong without the key', () => {
    const faults: string[] = []
    const text =
      'ftp://KEY.example,not a url KEY,https://ok.example/KEY#rps=fast&speed=1,https://ok.example/KEY#cost=0'
    expect(readEndpoints('RPC', text, faults).length).toBe(2)
    expect(faults).toEqual([
      'RPC (endpoint 1) has protocol ftp:// (expected https://, http://, wss:// or ws://)',
      'RPC (endpoint 2) is not a URL (expected https://…, http://…, wss://… or ws://…)',
      'RPC (endpoint 3) has the unknown option #speed; known: rps, cost, label',
      'RPC (endpoint 3) has #rps=fast, which is not a number above 0',
      'RPC (endpoint 4) has #cost=0, which is not a number above 0',
    ])
    expect(faults.join()).not.toContain('KEY')
  })
})
