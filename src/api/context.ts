/**
 * What every resolver gets: one database transaction for the whole operation, opened by the first read.
 *
 * Entity and topic fields share openreader's transaction, so that one response shows one snapshot and one operation
 * holds one connection. It must be closed after each operation (operation.ts does).
 */
import type { OpenreaderContext } from '@subsquid/openreader/lib/context'
import { PoolOpenreaderContext } from '@subsquid/openreader/lib/db'
import { ResponseSizeLimit } from '@subsquid/openreader/lib/util/limit'
import { createGraphQLError } from 'graphql-yoga'
import type { Pool } from '../db/pool'
import { sql } from '../db/query'
import type { Caller } from './access'
import type { Feed } from './feed'
import type { RowCounts } from './row-counts'
import type { StressDesk } from './stress/desk'

export interface ApiContext {
  openreader: PoolOpenreaderContext & OpenreaderContext
  /** For what is read outside the operation's transaction, by fields that wait for something else afterwards. */
  pool: Pool
  feed: Feed
  rowCounts: RowCounts
  /** Named queries that this operation may still run. */
  queriesLeft: number
  /** Time for the whole operation; a field that waits for a stress test extends it. */
  timeoutMs: number
  stress: StressDesk
  /** Whose operation this is. Throws UNAUTHENTICATED where whoever sent it may not start stress tests. */
  caller(): Caller
  /** Absent for WebSocket operations. */
  request?: Request
}

/** Named queries one operation may run: a few times the first page's nine, whatever aliases ask for. */
const MAX_QUERIES = 60

export type ContextDeps = Omit<ApiContext, 'openreader' | 'queriesLeft' | 'request'>

/** Context of one operation. @param maxResponseNodes most values an entity query may return */
export function openContext(shared: ContextDeps, maxResponseNodes: number): ApiContext {
  const openreader: ApiContext['openreader'] = new PoolOpenreaderContext('postgres', shared.pool)
  oneAtATime(openreader)
  openreader.responseSizeLimit = new ResponseSizeLimit(maxResponseNodes)
  return { ...shared, openreader, queriesLeft: MAX_QUERIES }
}

/** Fields resolve side by side, but a connection runs one query after the other: pg no longer likes to queue them. */
function oneAtATime(openreader: ApiContext['openreader']): void {
  const run = openreader.executeQuery.bind(openreader)
  let last: Promise<unknown> = Promise.resolve()
  openreader.executeQuery = (query) => {
    const next = last.then(() => run(query))
    last = next.catch(() => undefined)
    return next
  }
}

/** Text that yields each row of a named query as one JSON object: column names become keys. */
export function asJsonRows(name: string): string {
  return `SELECT to_jsonb(q) FROM (\n${sql(name)}\n) AS q`
}

/**
 * Rows of db/queries/<name>.sql as objects, in the operation's transaction.
 * Integers beyond 2^53 must be cast to text by the query; timestamps arrive as ISO-8601 text.
 */
export async function readRows<Row>(
  context: ApiContext,
  name: string,
  params: readonly unknown[],
): Promise<Row[]> {
  if (context.queriesLeft-- <= 0) {
    throw createGraphQLError('the operation asks for too many fields at once; split it', {
      extensions: { code: 'BAD_USER_INPUT' },
    })
  }
  return context.openreader.executeQuery({
    sql: asJsonRows(name),
    params: [...params],
    map: (rows: unknown[][]) => rows.map((row) => row[0] as Row),
  })
}

/** The same outside an operation, on any connection of the pool. */
export async function poolRows<Row>(pool: Pool, name: string, params: readonly unknown[]): Promise<Row[]> {
  const result = await pool.query({ text: asJsonRows(name), values: [...params], rowMode: 'array' })
  return (result.rows as unknown[][]).map((row) => row[0] as Row)
}

/** ISO-8601 in UTC with `Z`, as the DateTime scalar wants it, from what PostgreSQL puts into JSON. */
export function isoTime(value: string): string
export function isoTime(value: string | null): string | null
export function isoTime(value: string | null): string | null {
  return value === null ? null : new Date(value).toISOString()
}
