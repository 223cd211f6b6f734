/**
 * The only importer of pg: pools, transactions, COPY and LISTEN.
 *
 * int8 and numeric arrive as strings, as pg delivers them; whoever reads a row converts what it needs. A global parser
 * would change what Subsquid's packages see.
 */
import { once } from 'node:events'
import { finished as streamFinished } from 'node:stream/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import { messageOf, PlimsollError } from '../errors'
import { logger } from '../log'
import { type CopyBuffer, createCopyBuffer } from './copy-buffer'

export type Pool = pg.Pool
export type PoolClient = pg.PoolClient

export interface PoolOptions {
  /** Shown in pg_stat_activity. */
  application: string
  max?: number
  /** Sessions refuse to write. */
  readOnly?: boolean
  statementTimeoutMs?: number
}

const CONNECT_TIMEOUT_MS = 10_000
const MAX_TRANSACTION_TRIES = 5
const RETRYABLE = new Set(['40001', '40P01'])

function connectionOptions(url: string, options: PoolOptions): pg.PoolConfig {
  const settings = [`-c application_name=plimsoll-${options.application}`, '-c timezone=UTC']
  if (options.readOnly) settings.push('-c default_transaction_read_only=on')
  if (options.statementTimeoutMs) settings.push(`-c statement_timeout=${options.statementTimeoutMs}`)
  return {
    connectionString: url,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
    options: settings.join(' '),
  }
}

/** A pool of connections. Errors of idle connections are logged; the pool replaces them. */
export function openPool(url: string, options: PoolOptions): Pool {
  const pool = new pg.Pool({ ...connectionOptions(url, options), max: options.max ?? 4 })
  pool.on('error', (error) => logger('db').warn(`idle connection lost: ${error.message}`))
  // A connection lost while it is lent out fails its query; without a listener it would end the process as well.
  pool.on('connect', (client) => client.on('error', () => undefined))
  return pool
}

/** A single connection outside a pool, for advisory locks that live as long as the session. Not yet connected. */
export function openClient(url: string, options: PoolOptions): pg.Client {
  return new pg.Client(connectionOptions(url, options))
}

/** SQLSTATE of an error thrown by pg, or undefined. */
export function sqlState(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null)?.code
  return typeof code === 'string' ? code : undefined
}

/**
 * Runs `work` in one REPEATABLE READ transaction and commits it. Serialization failures and deadlocks (40001, 40P01)
 * run it again, at most five times in all, so `work` must have no side effect outside the transaction.
 */
export async function inTransaction<T>(pool: Pool, work: (tx: PoolClient) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    const client = await pool.connect()
    let broken = false
    try {
      await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ')
      const result = await work(client)
      await client.query('COMMIT')
      return result
    } catch (error) {
      await client.query('ROLLBACK').catch(() => {
        broken = true
      })
      if (!RETRYABLE.has(sqlState(error) ?? '') || attempt >= MAX_TRANSACTION_TRIES) throw error
      await sleep(5 * 2 ** attempt)
    } finally {
      client.release(broken)
    }
  }
}

/** One value in PostgreSQL's COPY text format. Dates become ISO-8601, objects JSON; NUL is refused by the server. */
export function copyField(value: unknown): string {
  if (value === null || value === undefined) return '\\N'
  if (typeof value === 'number' || typeof value === 'bigint') return value.toString()
  if (typeof value === 'boolean') return value ? 't' : 'f'
  if (value instanceof Date) return value.toISOString()
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return /[\\\t\n\r]/.test(text)
    ? text.replace(/[\\\t\n\r]/g, (c) =>
        c === '\\' ? '\\\\' : c === '\t' ? '\\t' : c === '\n' ? '\\n' : '\\r',
      )
    : text
}

/**
 * Appends rows to a table with COPY, the fastest way in.
 * @param columns column names, in the order of each row's values
 * @returns number of rows written
 */
export async function copyRows(
  tx: PoolClient | pg.Client,
  table: string,
  columns: readonly string[],
  rows: readonly (readonly unknown[])[],
): Promise<number> {
  return copyLines(
    tx,
    table,
    columns,
    rows.map((row) => row.map(copyField).join('\t')),
  )
}

/** As `copyRows`, for lines that are in COPY's text format already. */
export async function copyLines(
  tx: PoolClient | pg.Client,
  table: string,
  columns: readonly string[],
  lines: readonly string[],
): Promise<number> {
  const buffer = createCopyBuffer()
  for (const line of lines) buffer.push(line)
  return copyBuffer(tx, table, columns, buffer)
}

/** As `copyRows`, for what was gathered in a buffer; it stays there, in case the transaction runs again. */
export async function copyBuffer(
  tx: PoolClient | pg.Client,
  table: string,
  columns: readonly string[],
  buffer: CopyBuffer,
): Promise<number> {
  if (buffer.rowCount() > 0) await openCopy(tx, table, columns).end(buffer.rest())
  return buffer.rowCount()
}

/** As `copyBuffer`, but rows whose key is taken are left out. @returns rows inserted */
export async function mergeBuffer(
  tx: PoolClient | pg.Client,
  table: string,
  columns: readonly string[],
  buffer: CopyBuffer,
): Promise<number> {
  if (buffer.rowCount() === 0) return 0
  await tx.query(`CREATE TEMP TABLE merge_rows (LIKE "${table}") ON COMMIT DROP`)
  await copyBuffer(tx, 'merge_rows', columns, buffer)
  const names = columns.map((column) => `"${column}"`).join(', ')
  const { rowCount } = await tx.query(
    `INSERT INTO "${table}" (${names}) SELECT ${names} FROM merge_rows ON CONFLICT DO NOTHING`,
  )
  await tx.query('DROP TABLE merge_rows')
  return rowCount ?? 0
}

export interface CopyStream {
  /** Sends chunks on; resolves when the server keeps pace. */
  write(chunks: readonly Buffer[]): Promise<void>
  /** Sends the last chunks; resolves when the server has taken everything. */
  end(chunks: readonly Buffer[]): Promise<void>
  /** Gives up: the server forgets what it was sent, and the transaction fails. */
  abort(): void
}

/**
 * A COPY that is fed while its lines are still being made. Nothing else can be asked on the connection until it ended.
 * Methods reject with the server's error.
 */
export function openCopy(
  tx: PoolClient | pg.Client,
  table: string,
  columns: readonly string[],
  format: 'text' | 'binary' = 'text',
): CopyStream {
  const names = columns.map((column) => `"${column}"`).join(', ')
  const stream = tx.query(copyFrom(`COPY "${table}" (${names}) FROM STDIN (FORMAT ${format})`))
  const finished = streamFinished(stream)
  // Whoever writes or ends next hears of it.
  finished.catch(() => undefined)
  async function write(chunks: readonly Buffer[]): Promise<void> {
    for (const chunk of chunks) {
      if (!stream.write(chunk)) await Promise.race([once(stream, 'drain'), finished])
    }
  }
  return {
    write,
    async end(chunks) {
      await write(chunks)
      stream.end()
      await finished
    },
    abort: () => void stream.destroy(new Error('given up')),
  }
}

export interface Listener {
  close(): Promise<void>
}

/**
 * LISTENs on channels with one connection and reconnects when it is lost. A notification may be missed while it is
 * down, so `onNotify` is also called with channel `reconnected` after each reconnect: look at the tables then.
 */
export async function listen(
  url: string,
  channels: readonly string[],
  onNotify: (channel: string, payload: string) => void,
): Promise<Listener> {
  let closed = false
  let client: pg.Client | undefined

  async function connect(): Promise<void> {
    const next = openClient(url, { application: 'listen' })
    let listening = false
    const lost = (error?: Error) => {
      // A connection that never came up is tried again by whoever asked for it, and by nobody else.
      if (!listening) return
      listening = false
      void next.end().catch(() => undefined)
      if (!closed) void reconnect(error)
    }
    next.on('error', lost)
    next.on('end', () => lost())
    next.on('notification', (message) => onNotify(message.channel, message.payload ?? ''))
    try {
      await next.connect()
      for (const channel of channels) await next.query(`LISTEN ${channel}`)
    } catch (error) {
      void next.end().catch(() => undefined)
      throw error
    }
    listening = true
    client = next
    if (closed) await next.end().catch(() => undefined)
  }

  async function reconnect(cause?: Error): Promise<void> {
    logger('db').warn(`listener lost its connection${cause ? ` (${cause.message})` : ''}; reconnecting`)
    for (let delayMs = 100; !closed; delayMs = Math.min(delayMs * 2, 5_000)) {
      await sleep(delayMs)
      try {
        await connect()
        onNotify('reconnected', '')
        return
      } catch (error) {
        logger('db').debug(`listener still down: ${messageOf(error)}`)
      }
    }
  }

  await connect()
  return {
    async close() {
      closed = true
      await client?.end().catch(() => undefined)
    },
  }
}

/** Waits until the server answers, or throws a PlimsollError after `timeoutMs`. The password is never shown. */
export async function waitForDatabase(url: string, timeoutMs: number): Promise<void> {
  const deadline = Date.now() + timeoutMs
  for (;;) {
    const client = openClient(url, { application: 'probe' })
    client.on('error', () => undefined)
    try {
      await client.connect()
      await client.query('SELECT 1')
      return
    } catch (error) {
      if (Date.now() > deadline) {
        throw new PlimsollError(
          `PostgreSQL at ${withoutPassword(url)} does not answer: ${messageOf(error)}`,
          {
            hint: 'check DB_URL, or unset it to use the embedded PostgreSQL',
            cause: error,
          },
        )
      }
      await sleep(200)
    } finally {
      await client.end().catch(() => undefined)
    }
  }
}

/** The URL as it may be shown to a person. */
export function withoutPassword(url: string): string {
  try {
    const parsed = new URL(url)
    if (parsed.password) parsed.password = '***'
    return parsed.toString()
  } catch {
    return '(unreadable URL)'
  }
}
