/**
 * Runs in the database: the API's only way to write, through a pool of its own that this file alone uses, with a handful of
 * statements that touch nothing but `stress_run`.
 *
 * Whoever computes a run holds the advisory lock of its id on a session of its own. A process that is killed lets go of it,
 * so that the next one can tell its runs from those that another server is still computing.
 */
import { createHash } from 'node:crypto'
import { openPool, type Pool, type PoolClient } from '../../db/pool'
import { sql } from '../../db/query'
import { messageOf } from '../../errors'
import { logger } from '../../log'
import type { AsOfChains } from '../../systemic/book'
import type { StressRequest, StressResult } from '../../systemic/stress/types'
import { poolRows } from '../context'
import { coded } from './thread'

const log = logger('api:stress')
const STATEMENT_TIMEOUT_MS = 10_000
/** Runs that are kept; older ones go when a new one ends. */
const KEPT_RUNS = 1_000

export type RunStatus = 'running' | 'done' | 'failed' | 'cancelled'

export interface NewRun {
  id: string
  asOf: AsOfChains
  request: StressRequest
  engine: string
  startedBy: string
}

/** Columns of db/queries/stress-run.sql. */
export interface StoredRun {
  id: string
  status: RunStatus
  error: string | null
  result: StressResult | null
  modelSha256: string
  createdAt: string
  finishedAt: string | null
  orphanedAt: string | null
}

export interface RunEnd {
  status: Exclude<RunStatus, 'running'>
  result?: StressResult
  error?: string
  elapsedMs: number
}

/** A run that this process may compute. */
export interface OpenRun {
  /** `done` where it had been computed before: then there is nothing to do. */
  status: RunStatus
  /** Stores the end, if there is one to store, and lets go of the run. Never rejects: what cannot be stored is logged. */
  end(end?: RunEnd): Promise<void>
}

export interface StressStore {
  read(id: string): Promise<StoredRun | undefined>
  /** Enters a run. Throws BUSY where another process computes it. */
  begin(run: NewRun): Promise<OpenRun>
  /** Fails the runs whose process has ended. */
  recover(): Promise<void>
  close(): Promise<void>
}

/** @param reading the API's pool @param maxRuns runs that may be open at once */
export function openStore(
  reading: Pool,
  { databaseUrl, maxRuns }: { databaseUrl: string; maxRuns: number },
): StressStore {
  const writing = openPool(databaseUrl, {
    application: 'api-stress',
    statementTimeoutMs: STATEMENT_TIMEOUT_MS,
    max: maxRuns,
  })
  return {
    read: async (id) => (await poolRows<StoredRun>(reading, 'stress-run', [id]))[0],
    begin: (run) => begin(writing, run),
    recover: async () => void (await writing.query(sql('stress-runs-recover'))),
    close: () => writing.end(),
  }
}

async function begin(writing: Pool, run: NewRun): Promise<OpenRun> {
  const client = await writing.connect()
  try {
    // A session that holds a lock could take it once more; this one holds none.
    await client.query(sql('stress-runs-recover'))
    const lock = await client.query<{ is_mine: boolean }>(sql('stress-run-lock'), [run.id])
    if (lock.rows[0]?.is_mine !== true)
      throw coded('BUSY', `run ${run.id} is being computed by another server; ask for stressRunById`)
    const { asOf, request } = run
    const chainId = Math.min(...Object.keys(asOf).map(Number))
    const { rows } = await client.query<{ status: RunStatus }>(sql('stress-run-begin'), [
      ...[run.id, chainId, request.scenario, JSON.stringify(request), JSON.stringify(asOf)],
      ...[request.seed, createHash('sha256').update(run.engine).digest('hex'), run.startedBy],
    ])
    return { status: rows[0]!.status, end: (end) => finish(client, run.id, end) }
  } catch (error) {
    client.release(true)
    throw error
  }
}

async function finish(client: PoolClient, id: string, end: RunEnd | undefined): Promise<void> {
  let isBroken = false
  try {
    if (end !== undefined) {
      const { status, result, error = null, elapsedMs } = end
      const text = result === undefined ? null : JSON.stringify(result)
      const model = result?.modelSha256 ?? null
      await client.query(sql('stress-run-end'), [id, status, text, error, Math.round(elapsedMs), model])
    }
    await client.query(sql('stress-run-unlock'), [id])
    await client.query(sql('stress-runs-thin'), [KEPT_RUNS])
  } catch (error) {
    isBroken = true
    log.warn(`run ${id} could not be stored: ${messageOf(error)}`)
  }
  client.release(isBroken)
}
