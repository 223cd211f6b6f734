import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { copyRows, inTransaction, listen, withoutPassword } from '../../src/db/pool'
import { type TestDatabase, testDatabase } from '../support/database'
import { startProxy } from '../support/proxy'

let database: TestDatabase

beforeAll(async () => {
  database = await testDatabase()
  await database.pool.query('CREATE TABLE t (n numeric, s text, j jsonb, b boolean, at timestamptz)')
})
afterAll(() => database.drop())

describe('copyRows', () => {
  it('writes nothing for no rows', async () => {
    expect(await inTransaction(database.pool, (tx) => copyRows(tx, 't', ['n'], []))).toBe(0)
  })

  it('keeps separators, backslashes, nulls, huge numbers and JSON as they are', async () => {
    const at = new Date('2023-07-13T00:00:00.123Z')
    const text = 'tab\there\nline\r\\N \\. end'
    const big = 2n ** 256n - 1n
    await inTransaction(database.pool, (tx) =>
      copyRows(
        tx,
        't',
        ['n', 's', 'j', 'b', 'at'],
        [
          [big, text, { a: 'x\ty\\' }, true, at],
          [null, null, null, false, null],
        ],
      ),
    )
    const { rows } = await database.pool.query('SELECT * FROM t ORDER BY n')
    expect(rows[0]).toEqual({ n: big.toString(), s: text, j: { a: 'x\ty\\' }, b: true, at })
    expect(rows[1]).toEqual({ n: null, s: null, j: null, b: false, at: null })
  })

  it('fails the transaction, and only it, when the server refuses a row', async () => {
    await expect(
      inTransaction(database.pool, (tx) => copyRows(tx, 't', ['s'], [['nul \u0000 byte']])),
    ).rejects.toThrow(/invalid byte sequence/)
    await expect(
      inTransaction(database.pool, (tx) => copyRows(tx, 't', ['n'], [['not a number']])),
    ).rejects.toThrow(/numeric/)
    expect((await database.pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }])
  })

  it('writes more rows than one chunk holds', async () => {
    await database.pool.query('TRUNCATE t')
    const rows = Array.from({ length: 50_000 }, (_, i) => [i, 'x'.repeat(20)])
    await inTransaction(database.pool, (tx) => copyRows(tx, 't', ['n', 's'], rows))
    const { rows: counted } = await database.pool.query(
      'SELECT count(*)::int AS n, sum(n)::text AS sum FROM t',
    )
    expect(counted[0]).toEqual({ n: 50_000, sum: '1249975000' })
  })
})

describe('inTransaction', () => {
  it('runs the work again after a serialization failure and commits once', async () => {
    await database.pool.query('CREATE TABLE counter (n int); INSERT INTO counter VALUES (0)')
    let tries = 0
    let bothHaveRead: () => void = () => undefined
    const meeting = new Promise<void>((resolve) => {
      bothHaveRead = resolve
    })
    const bump = () =>
      inTransaction(database.pool, async (tx) => {
        tries++
        const { rows } = await tx.query('SELECT n FROM counter')
        // Both read before either writes, so that exactly one of them must fail and try again.
        if (tries === 2) bothHaveRead()
        await meeting
        await tx.query('UPDATE counter SET n = $1', [rows[0].n + 1])
      })
    await Promise.all([bump(), bump()])
    expect((await database.pool.query('SELECT n FROM counter')).rows[0].n).toBe(2)
    expect(tries).toBe(3)
  })
})

describe('listen', () => {
  it('hears notifications, and reconnects after its backend is terminated', async () => {
    const heard: string[] = []
    const listener = await listen(database.url, ['probe'], (channel, payload) =>
      heard.push(`${channel}:${payload}`),
    )
    await database.pool.query(`SELECT pg_notify('probe', 'one')`)
    await expect.poll(() => heard).toContain('probe:one')
    await database.pool.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE application_name = 'plimsoll-listen' AND datname = current_database()`,
    )
    await expect.poll(() => heard, { timeout: 5_000 }).toContain('reconnected:')
    await database.pool.query(`SELECT pg_notify('probe', 'two')`)
    await expect.poll(() => heard).toContain('probe:two')
    await listener.close()
  })

  it('comes back with one connection, and says so once, after a server that was away for a while', async () => {
    const url = new URL(database.url)
    const server = Number(url.port)
    const proxy = await startProxy(server)
    url.port = String(proxy.port)
    const heard: string[] = []
    const listener = await listen(url.toString(), ['probe'], (channel) => heard.push(channel))
    proxy.pointTo(1)
    expect(proxy.cut()).toBe(1)
    await new Promise((resolve) => setTimeout(resolve, 1_500))
    expect(heard).toEqual([])
    proxy.pointTo(server)
    await expect.poll(() => heard, { timeout: 5_000 }).toEqual(['reconnected'])
    await new Promise((resolve) => setTimeout(resolve, 3_000))
    expect(heard).toEqual(['reconnected'])
    const { rows } = await database.pool.query(
      `SELECT count(*)::int AS n FROM pg_stat_activity
        WHERE application_name = 'plimsoll-listen' AND datname = current_database()`,
    )
    expect(rows).toEqual([{ n: 1 }])
    await listener.close()
    await proxy.close()
  })
})

it('never shows a password', () => {
  expect(withoutPassword('postgres://me:secret@db:5432/x')).not.toContain('secret')
  expect(withoutPassword('nonsense')).toBe('(unreadable URL)')
})
