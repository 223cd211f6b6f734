/** Subscriptions over SSE and graphql-ws, fed by real notifications of real inserts. */
import { createClient as createWsClient } from 'graphql-ws'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { boundedQueue } from '../../src/api/queue'
import { listenOn, type RunningApi } from '../../src/api/server'
import { type TestApi, testApi } from './client'
import { account, alertOf, HARBOR, insert, RISKY } from './seed'

let served: TestApi
let running: RunningApi
beforeAll(async () => {
  served = await testApi({ limits: { maxSubscriptions: 8, maxQueued: 4 } })
  running = await listenOn(served.api, { host: '127.0.0.1', port: 0 })
})
afterAll(async () => {
  await running?.close()
  await served?.close()
})

/** Reads the `data:` lines of an SSE answer. */
async function* sse(query: string, signal: AbortSignal, base = running.url) {
  const response = await fetch(`${base}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
    body: JSON.stringify({ query }),
    signal,
  })
  expect(response.headers.get('content-type')).toMatch('text/event-stream')
  let buffered = ''
  const decoder = new TextDecoder()
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
    buffered += decoder.decode(chunk, { stream: true })
    const lines = buffered.split('\n')
    buffered = lines.pop()!
    for (const line of lines) if (line.startsWith('data: ')) yield JSON.parse(line.slice(6))
  }
}

const open = () => served.api.feed.open()
const change = (sql: string) => served.database.pool.query(sql)

test('an inserted alert reaches an SSE subscriber, and its retraction too', async () => {
  const abort = new AbortController()
  const events = sse(
    'subscription { alerts { id severity status address chainId reasons detectedAt } }',
    abort.signal,
  )
  const first = events.next()
  await expect.poll(() => open().alerts).toBe(1)
  await insert(served.database.pool, 'alert', alertOf({ id: 'live-1', severity: 'critical' }))
  expect((await first).value.data.alerts).toEqual({
    ...{ id: 'live-1', severity: 'critical', status: 'open', address: RISKY, chainId: HARBOR },
    reasons: [{ feature: 'logHealthFactor', value: -0.02, contribution: 2 }],
    detectedAt: '2026-01-01T00:00:00.000Z',
  })
  const second = events.next()
  await change(`UPDATE alert SET status = 'retracted', retracted_at = now() WHERE id = 'live-1'`)
  expect((await second).value.data.alerts).toMatchObject({ id: 'live-1', status: 'retracted' })
  abort.abort()
  await events.next().catch(() => undefined)
  await expect.poll(() => open().alerts).toBe(0)
})

test('filters by chain and least severity', async () => {
  const abort = new AbortController()
  const query = `subscription { alerts(chainId: ${HARBOR}, minSeverity: high) { id } }`
  const events = sse(query, abort.signal)
  const first = events.next()
  await expect.poll(() => open().alerts).toBe(1)
  await insert(served.database.pool, 'alert', alertOf({ id: 'too-low', severity: 'medium' }))
  await insert(served.database.pool, 'alert', alertOf({ id: 'elsewhere', severity: 'critical', chain_id: 1 }))
  await insert(served.database.pool, 'alert', alertOf({ id: 'wanted', severity: 'high' }))
  expect((await first).value.data.alerts.id).toBe('wanted')
  abort.abort()
  await events.next().catch(() => undefined)
  await expect.poll(() => open().alerts).toBe(0)
})

test('chainStatus tells every chain at once, and again after a batch', async () => {
  const abort = new AbortController()
  const events = sse('subscription { chainStatus { name headHeight rows } }', abort.signal)
  expect((await events.next()).value.data.chainStatus).toEqual({
    name: 'harbor',
    headHeight: '112',
    rows: '42',
  })
  expect((await events.next()).value.data.chainStatus).toMatchObject({ name: 'lagoon' })
  await change(`INSERT INTO batch (id, chain_id, seq, epoch, from_height, to_height, head_hash, finalized_height, row_count)
    VALUES ('b9', ${HARBOR}, 9, 1, 3, 3, '0xh', 0, 8)`)
  expect((await events.next()).value.data.chainStatus).toMatchObject({ name: 'harbor', rows: '50' })
  abort.abort()
  await events.next().catch(() => undefined)
})

describe('graphql-ws', () => {
  const client = (options: { origin?: string } = {}) =>
    createWsClient({
      url: `${running.url.replace('http', 'ws')}/graphql`,
      webSocketImpl: class extends WebSocket {
        constructor(url: string, protocols: string) {
          super(url, protocols, options)
        }
      },
      retryAttempts: 0,
    })

  test('an inserted alert arrives; queries work; limits and masking hold', async () => {
    const ws = client()
    try {
      const events = ws.iterate<{ alerts: { id: string } }>({ query: 'subscription { alerts { id } }' })
      const first = events.next()
      await expect.poll(() => open().alerts).toBe(1)
      await insert(served.database.pool, 'alert', alertOf({ id: 'live-ws' }))
      expect((await first).value.data).toEqual({ alerts: { id: 'live-ws' } })
      await events.return?.()
      await expect.poll(() => open().alerts).toBe(0)

      const answer = await ws.iterate({ query: '{ overview { totals { scores } } }' }).next()
      expect(answer.value.data).toEqual({ overview: { totals: { scores: 2 } } })
      const huge = `{ ${Array.from({ length: 40 }, (_, i) => `a${i}: marketRisk { marketId }`).join(' ')} }`
      await expect(ws.iterate({ query: huge }).next()).rejects.toMatchObject([
        { message: expect.stringContaining('Aliases limit') },
      ])
      const negative = await ws.iterate({ query: '{ alerts(limit: -1) { id } }' }).next()
      expect(negative.value.errors[0].message).toBe('limit must not be negative')
    } finally {
      await ws.dispose()
    }
  })

  test('a foreign Origin is refused at the handshake', async () => {
    const ws = client({ origin: 'https://evil.example' })
    await expect(ws.iterate({ query: '{ __typename }' }).next()).rejects.toBeDefined()
    await ws.dispose()
  })
})

test('subscriptions beyond the limit are refused with a clear error', async () => {
  const abort = new AbortController()
  const streams = Array.from({ length: 8 }, () => sse('subscription { alerts { id } }', abort.signal))
  const waiting = streams.map((events) => events.next().catch(() => undefined))
  await expect.poll(() => open().alerts).toBe(8)
  const refused = await sse('subscription { alerts { id } }', abort.signal).next()
  expect(refused.value.errors[0]).toMatchObject({ extensions: { code: 'TOO_MANY_SUBSCRIPTIONS' } })
  abort.abort()
  await Promise.all(waiting)
  await expect.poll(() => open().alerts).toBe(0)
})

test('subscriptions that were refused or failed are counted as such', async () => {
  const counted = async () => {
    const text = await (await fetch(`${running.url}/metrics`)).text()
    const of = (outcome: string) =>
      Number(
        new RegExp(`operations_total\\{kind="subscription",outcome="${outcome}"\\} (\\d+)`).exec(text)?.[1] ??
          0,
      )
    return { ok: of('ok'), refused: of('refused'), error: of('error') }
  }
  const before = await counted()
  const abort = new AbortController()
  const streams = Array.from({ length: 8 }, () => sse('subscription { chainStatus { name } }', abort.signal))
  await Promise.all(streams.map((events) => events.next()))
  await sse('subscription { alerts { id } }', abort.signal).next()
  const tooDeep = `{ a: ${'['.repeat(30)}1${']'.repeat(30)} }`
  const response = await fetch(`${running.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
    body: `{ "query": "subscription { alerts { id } }", "variables": ${tooDeep.replace('a:', '"a":')} }`,
  })
  expect(await response.text()).toContain('BAD_USER_INPUT')
  expect(await counted()).toEqual({ ok: before.ok + 8, refused: before.refused + 2, error: before.error })
  abort.abort()
  await expect.poll(() => open().chainStatus).toBe(0)

  const { feed } = served.api
  const real = feed.chains
  feed.chains = () => {
    throw new Error('broken')
  }
  const failed = await sse('subscription { chainStatus { name } }', new AbortController().signal).next()
  feed.chains = real
  expect(failed.value.errors).toHaveLength(1)
  expect(await counted()).toEqual({ ok: before.ok + 8, refused: before.refused + 2, error: before.error + 1 })
})

test('after the listening connection was lost, what was missed arrives once', async () => {
  const abort = new AbortController()
  const events = sse('subscription { alerts { id } }', abort.signal)
  const first = events.next()
  await expect.poll(() => open().alerts).toBe(1)
  await change(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE application_name = 'plimsoll-listen' AND datname = current_database()`)
  await insert(served.database.pool, 'alert', alertOf({ id: 'missed', detected_at: new Date() }))
  expect((await first).value.data.alerts.id).toBe('missed')
  const second = events.next()
  await insert(served.database.pool, 'alert', alertOf({ id: 'after', detected_at: new Date() }))
  expect((await second).value.data.alerts.id).toBe('after')
  abort.abort()
  await events.next().catch(() => undefined)
})

test('a subscriber that does not read is dropped, and the others go on', async () => {
  const slow = served.api.feed.alerts(() => true)
  const abort = new AbortController()
  const events = sse('subscription { alerts { id } }', abort.signal)
  const seen: string[] = []
  const reading = (async () => {
    for await (const event of events) {
      seen.push(event.data.alerts.id)
      if (seen.length === 6) return
    }
  })()
  await expect.poll(() => open().alerts).toBe(2)
  for (let i = 0; i < 6; i++) {
    await insert(served.database.pool, 'alert', alertOf({ id: `burst-${i}`, account_id: account(RISKY) }))
    await expect.poll(() => seen.length).toBe(i + 1)
  }
  await reading
  await expect(slow.next()).rejects.toMatchObject({ extensions: { code: 'SLOW_CONSUMER' } })
  expect(await slow.next()).toEqual({ done: true, value: undefined })
  abort.abort()
})

describe('boundedQueue', () => {
  test('hands over in order, ends once, and keeps the newest of a key', async () => {
    let closed = 0
    const queue = boundedQueue<{ key: number; n: number }>(
      2,
      () => closed++,
      (item) => item.key,
    )
    for (const n of [1, 2, 3]) queue.push({ key: 7, n })
    queue.push({ key: 8, n: 9 })
    expect(await queue.iterator.next()).toEqual({ done: false, value: { key: 7, n: 3 } })
    queue.close()
    queue.push({ key: 1, n: 1 })
    expect(await queue.iterator.next()).toEqual({ done: false, value: { key: 8, n: 9 } })
    expect(await queue.iterator.next()).toEqual({ done: true, value: undefined })
    await queue.iterator.return?.()
    expect(closed).toBe(1)
  })

  test('a waiting reader learns of the end and of a failure', async () => {
    const ended = boundedQueue<number>(1, () => undefined)
    const next = ended.iterator.next()
    ended.close()
    expect(await next).toEqual({ done: true, value: undefined })
    const failed = boundedQueue<number>(1, () => undefined)
    const waiting = failed.iterator.next()
    failed.close(new Error('lost'))
    await expect(waiting).rejects.toThrow('lost')
  })
})
