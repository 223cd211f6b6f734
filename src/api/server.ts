/**
 * The API: GraphQL for reading and subscribing, health and metrics, the console, and the dashboard's files.
 *
 * A server is a function from request to response: `createApi` makes it, tests call its `yoga.fetch`; `runApi` gives
 * it a port. Everything reads through one read-only pool with a statement timeout; one further connection listens.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { createYoga, type YogaServerInstance } from 'graphql-yoga'
import type { Config } from '../config'
import { requireDbUrl } from '../config'
import { openPool, type Pool } from '../db/pool'
import { messageOf } from '../errors'
import { logger } from '../log'
import { createMetrics, type Metrics } from '../metrics'
import { packageRoot } from '../package-root'
import { type Access, type Credentials, credentialsOf, requireCaller } from './access'
import { consolePlugins } from './console'
import { type ApiContext, openContext } from './context'
import { maskError } from './errors'
import { type Feed, openFeed } from './feed'
import { type Guard, guardPlugin } from './guard'
import { healthPlugin, type WatchedChain } from './health'
import { introspectionPlugin } from './introspection'
import { type ApiLimits, DEFAULT_LIMITS, limitPlugins } from './limits'
import { operationPlugin } from './operation'
import { createRowCounts } from './row-counts'
import { buildSchema } from './schema'
import { staticPlugin } from './static'
import { stressArrowPlugin } from './stress/arrow-plugin'
import { openStressDesk, type StressDesk } from './stress/desk'
import type { ThreadLimits } from './stress/thread'
import { TOPICS } from './topics/registry'
import { serveWebSocket } from './websocket'

export type ApiYoga = YogaServerInstance<Record<string, unknown>, ApiContext>

export interface ApiDeps {
  /** Open it read-only: `openPool(url, { application: 'api', readOnly: true, statementTimeoutMs })`. */
  pool: Pool
  /** For /ready and /metrics, so that slow queries do not delay them; default: `pool`. */
  healthPool?: Pool
  /** For the connection that listens. */
  databaseUrl: string
  /** Chains that `/ready` waits for. */
  chains: readonly WatchedChain[]
  guard?: Guard
  /** Who may start stress tests; default: callers on the loopback. */
  access?: Access
  stressLimits?: Partial<ThreadLimits>
  limits?: Partial<ApiLimits>
  /** Built page; default dashboard/dist. */
  dashboardDir?: string
  metrics?: Metrics
}

export interface Api {
  /** `yoga.fetch(url, init)` answers any path. */
  yoga: ApiYoga
  feed: Feed
  stress: StressDesk
  limits: ApiLimits
  guard: Guard
  /** Ends all subscriptions, stress tests and the listening connection; the pool stays open. */
  close(): Promise<void>
}

const log = logger('api')

/** Makes the server. Throws when the database cannot be listened to. */
export async function createApi(deps: ApiDeps): Promise<Api> {
  const limits: ApiLimits = { ...DEFAULT_LIMITS, ...deps.limits }
  const guard = deps.guard ?? { allowedHosts: [], allowedOrigins: [] }
  const metrics = deps.metrics ?? createMetrics()
  const rowCounts = createRowCounts()
  const schema = await buildSchema(TOPICS)
  const feed = await openFeed({ pool: deps.pool, databaseUrl: deps.databaseUrl, rowCounts, limits })
  const { pool, databaseUrl, access = { keys: [], isLoopback: true } } = deps
  const stress = openStressDesk({ pool, databaseUrl, limits: deps.stressLimits ?? {} })
  const dashboardDir = deps.dashboardDir ?? join(packageRoot, 'dashboard', 'dist')

  const yoga = createYoga<Record<string, unknown>, ApiContext>({
    schema,
    context: ({ request, credentials }) => {
      const caller = () =>
        requireCaller(access, request ? credentialsOf(request) : (credentials as Credentials))
      const timeoutMs = limits.operationTimeoutMs
      return openContext({ pool, feed, rowCounts, stress, caller, timeoutMs }, limits.maxResponseNodes)
    },
    maskedErrors: { maskError },
    maxRequestBodySize: limits.maxBodyBytes,
    batching: false,
    multipart: false,
    cors: false,
    graphiql: false,
    landingPage: false,
    // Yoga's own health check would answer before the Host is checked: a path that no URL can have.
    healthCheckEndpoint: '/ none',
    logging: {
      debug: () => undefined,
      info: (...args) => log.debug(args.map(String).join(' ')),
      warn: (...args) => log.warn(args.map(String).join(' ')),
      // maskError has logged it with its correlation id.
      error: (error) => log.debug(messageOf(error)),
    },
    plugins: [
      guardPlugin(guard),
      httpFigures(metrics),
      healthPlugin({ pool: deps.healthPool ?? deps.pool, feed, rowCounts, metrics, chains: deps.chains }),
      stressArrowPlugin(stress, access),
      ...consolePlugins(),
      staticPlugin(dashboardDir, { prefix: '', page: 'index.html' }),
      // Before the limits, so that it counts the subscriptions that they refuse.
      operationPlugin(metrics),
      ...limitPlugins(limits),
      introspectionPlugin(),
    ],
  })
  const close = async () => {
    await feed.close()
    await stress.close()
  }
  return { yoga, feed, stress, limits, guard, close }
}

const PATHS = new Set(['/graphql', '/health', '/ready', '/metrics'])

function httpFigures(metrics: Metrics) {
  return {
    onResponse({ request, response }: { request: Request; response: Response }) {
      const { pathname } = new URL(request.url, 'http://localhost')
      metrics.httpResponses.inc({
        path: PATHS.has(pathname) ? pathname : 'page',
        status: String(response.status),
      })
    },
  }
}

export interface RunningApi {
  /** Where it listens, for a person: http://127.0.0.1:4350 */
  url: string
  port: number
  /** Ends subscriptions, sockets and connections. */
  close(): Promise<void>
}

/** Statements end a little before the operation does, so that the caller learns which limit was met. */
const STATEMENT_TIMEOUT_MS = 8_000
const MAX_DATABASE_CONNECTIONS = 8
/** Blocks that a chain may be behind before the server stops calling itself ready, and the least time that is. */
const MAX_LAG_BLOCKS = 30
const MIN_LAG_LIMIT_SEC = 60

const LOOPBACK_HOSTS = new Set(['127.0.0.1', '::1', 'localhost'])

/** Serves on config.api's host and port (0: any free one). Rejects when the port is taken or the database is away. */
export async function runApi(config: Config): Promise<RunningApi> {
  const databaseUrl = requireDbUrl(config)
  const reading = { readOnly: true, statementTimeoutMs: STATEMENT_TIMEOUT_MS }
  const pool = openPool(databaseUrl, { ...reading, application: 'api', max: MAX_DATABASE_CONNECTIONS })
  const healthPool = openPool(databaseUrl, { ...reading, application: 'api-health', max: 1 })
  const api = await createApi({
    pool,
    healthPool,
    databaseUrl,
    chains: config.chains.map(({ spec, toBlock }) => ({
      chainId: spec.id,
      name: spec.name,
      maxLagSec:
        toBlock === undefined ? Math.max(MIN_LAG_LIMIT_SEC, MAX_LAG_BLOCKS * spec.blockTimeSec) : null,
    })),
    guard: { allowedHosts: config.api.allowedHosts, allowedOrigins: config.api.allowedOrigins },
    access: { keys: config.api.keys, isLoopback: LOOPBACK_HOSTS.has(config.api.host) },
  })
  const listening = await listenOn(api, config.api)
  return {
    ...listening,
    async close() {
      await listening.close()
      await pool.end()
      await healthPool.end()
    },
  }
}

/** Gives an api a port. */
export async function listenOn(
  api: Api,
  { host, port }: { host: string; port: number },
): Promise<RunningApi> {
  const server = createServer({ requestTimeout: 30_000, headersTimeout: 10_000 }, api.yoga)
  server.maxConnections = api.limits.maxConnections
  const closeSockets = serveWebSocket(server, api.yoga, api)
  await new Promise<void>((listening, failed) => {
    server.once('error', failed)
    server.listen(port, host, () => {
      server.off('error', failed)
      listening()
    })
  })
  const address = server.address() as AddressInfo
  const name = address.family === 'IPv6' ? `[${address.address}]` : address.address
  return {
    url: `http://${name}:${address.port}`,
    port: address.port,
    async close() {
      const closed = new Promise<void>((done) => server.close(() => done()))
      await closeSockets()
      await api.close()
      server.closeAllConnections()
      await closed
    },
  }
}
