/** `/health`: the process answers. `/ready`: it has something current to serve. `/metrics`: Prometheus' text. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Plugin } from 'graphql-yoga'
import type { Pool } from '../db/pool'
import { messageOf } from '../errors'
import { logger } from '../log'
import { type DatabaseFigure, type Metrics, setDatabaseFigures } from '../metrics'
import { packageRoot } from '../package-root'
import { poolRows } from './context'
import type { Feed } from './feed'
import type { RowCounts } from './row-counts'
import { type ChainStatus, chainStatuses } from './topics/chain-row'

/** A chain that must be indexed before the server is ready. */
export interface WatchedChain {
  chainId: number
  name: string
  /** Oldest newest block that counts as current; null for a replayed capture, whose age says nothing. */
  maxLagSec: number | null
}

export interface HealthDeps {
  pool: Pool
  feed: Feed
  rowCounts: RowCounts
  metrics: Metrics
  chains: readonly WatchedChain[]
}

const log = logger('api:health')

export function healthPlugin(deps: HealthDeps): Plugin {
  return {
    async onRequest({ request, url, fetchAPI, endResponse }) {
      if (request.method !== 'GET' && request.method !== 'HEAD') return
      const text = (body: string, status: number, type = 'application/json') =>
        endResponse(
          new fetchAPI.Response(request.method === 'HEAD' ? null : body, {
            status,
            headers: { 'content-type': type, 'cache-control': 'no-store' },
          }),
        )
      if (url.pathname === '/health') text('{"status":"up"}\n', 200)
      if (url.pathname === '/ready') {
        const problems = await whyNotReady(deps)
        text(
          `${JSON.stringify({ ready: problems.length === 0, problems })}\n`,
          problems.length === 0 ? 200 : 503,
        )
      }
      if (url.pathname === '/metrics') {
        text(await metricsText(deps), 200, deps.metrics.registry.contentType)
      }
    },
  }
}

interface StoredReadiness {
  migrations: number
  chains: { chainId: number; lagSec: number }[]
}

/** What keeps the server from being ready, in words; empty when it is. */
export async function whyNotReady({ pool, chains }: Pick<HealthDeps, 'pool' | 'chains'>): Promise<string[]> {
  let stored: StoredReadiness | undefined
  try {
    stored = (await poolRows<StoredReadiness>(pool, 'api-ready', []))[0]
  } catch (error) {
    log.warn(`not ready: ${messageOf(error)}`)
    const missing = (error as { code?: unknown }).code === '42P01'
    return [missing ? 'migrations have not been applied' : 'the database does not answer']
  }
  const problems: string[] = []
  const expected = readdirSync(join(packageRoot, 'db', 'migrations')).filter((name) =>
    name.endsWith('.js'),
  ).length
  const applied = stored?.migrations ?? 0
  if (applied < expected)
    problems.push(`${expected - applied} of ${expected} migrations have not been applied`)
  for (const chain of chains) {
    const lagSec = stored?.chains.find(({ chainId }) => chainId === chain.chainId)?.lagSec
    if (lagSec === undefined) problems.push(`chain ${chain.name} has not been indexed yet`)
    else if (chain.maxLagSec !== null && lagSec > chain.maxLagSec) {
      problems.push(`chain ${chain.name} is ${Math.round(lagSec)} s behind (limit ${chain.maxLagSec} s)`)
    }
  }
  return problems
}

async function metricsText({ pool, feed, metrics, rowCounts }: HealthDeps): Promise<string> {
  const open = feed.open()
  metrics.subscriptions.set({ field: 'alerts' }, open.alerts)
  metrics.subscriptions.set({ field: 'chainStatus' }, open.chainStatus)
  try {
    const read = <Row>(name: string, params: readonly unknown[]) => poolRows<Row>(pool, name, params)
    const chains = await chainStatuses(read, rowCounts)
    setDatabaseFigures(metrics, [
      ...chains.flatMap(chainFigures),
      ...(await read<DatabaseFigure>('api-metrics', [])),
      ...(await read<DatabaseFigure>('api-source-endpoints', [])),
    ])
    metrics.databaseUp.set(1)
  } catch (error) {
    log.warn(`no figures from the database: ${messageOf(error)}`)
    metrics.databaseUp.set(0)
  }
  return metrics.registry.metrics()
}

function chainFigures(chain: ChainStatus): DatabaseFigure[] {
  const labels = { chain: chain.name }
  return [
    { metric: 'chain_head_height', labels, value: Number(chain.headHeight) },
    { metric: 'chain_finalized_height', labels, value: Number(chain.finalizedHeight) },
    { metric: 'chain_lag_seconds', labels, value: chain.lagSec },
    { metric: 'chain_rows', labels, value: Number(chain.rows) },
  ]
}
