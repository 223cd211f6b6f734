/** Prometheus metrics of a process. Figures of the database (head, lag, rows, alerts …) are read when scraped. */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'

/** One figure of db/queries/api-metrics.sql. */
export interface DatabaseFigure {
  metric: DatabaseMetric
  labels: Record<string, string>
  value: number
}

const DATABASE_METRICS = {
  chain_head_height: ['Newest indexed block.', ['chain']],
  chain_finalized_height: ['Newest indexed block that is final.', ['chain']],
  chain_lag_seconds: ['Age of the newest indexed block.', ['chain']],
  chain_rows: ['Rows written since indexing began.', ['chain']],
  alerts: ['Alerts, retracted ones included.', ['chain', 'severity', 'status']],
  scores: ['Current scores.', ['model']],
  model_drift: [
    "How far a model's inputs and scores stand from its training: psi, ks, or the share that is missing.",
    ['model', 'chain', 'cohort', 'feature', 'measure'],
  ],
  model_calibration_error: ['Calibration error of scores whose time has come.', ['model', 'chain']],
  model_matured_scores: ['Scores whose time has come.', ['model', 'chain', 'outcome']],
  quarantined_logs: [
    'Undecodable logs: stored, and dropped beyond the cap of an emitter.',
    ['chain', 'kept'],
  ],
  source_endpoint_healthy: ['1 when the endpoint may be asked.', ['chain', 'endpoint']],
  source_endpoint_set_aside: [
    'Endpoints that are not asked, with the reason: paused for a time, or lying, until the restart.',
    ['chain', 'endpoint', 'state', 'reason'],
  ],
  source_endpoint_latency_seconds: ['Moving average of what a call takes.', ['chain', 'endpoint']],
  source_endpoint_head_height: ['Newest block that the endpoint told of.', ['chain', 'endpoint']],
  source_endpoint_requests: ['Calls since the processor began.', ['chain', 'endpoint']],
  source_endpoint_failures: ['Calls that failed or were refused.', ['chain', 'endpoint']],
  source_endpoint_failovers: ['Times that another endpoint was asked in its place.', ['chain', 'endpoint']],
  source_endpoint_range_blocks: ['Blocks that one eth_getLogs asks for.', ['chain', 'endpoint']],
  source_endpoint_age_seconds: ['Age of what is said here of the endpoint.', ['chain', 'endpoint']],
} as const satisfies Record<string, readonly [string, readonly string[]]>

type DatabaseMetric = keyof typeof DATABASE_METRICS

export interface Metrics {
  registry: Registry
  httpResponses: Counter<'path' | 'status'>
  operations: Counter<'kind' | 'outcome'>
  operationSeconds: Histogram<'kind'>
  subscriptions: Gauge<'field'>
  databaseUp: Gauge
  database: Readonly<Record<DatabaseMetric, Gauge>>
}

/** A registry of its own, so that several servers in one process (tests) do not share figures. */
export function createMetrics(): Metrics {
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry, prefix: 'plimsoll_' })
  const gauges = Object.entries(DATABASE_METRICS).map(([name, [help, labelNames]]) => [
    name,
    new Gauge({ name: `plimsoll_${name}`, help, labelNames: [...labelNames], registers }),
  ])
  return {
    registry,
    httpResponses: new Counter({
      name: 'plimsoll_http_responses_total',
      help: 'HTTP responses by path and status.',
      labelNames: ['path', 'status'],
      registers,
    }),
    operations: new Counter({
      name: 'plimsoll_graphql_operations_total',
      help: 'GraphQL operations that were executed.',
      labelNames: ['kind', 'outcome'],
      registers,
    }),
    operationSeconds: new Histogram({
      name: 'plimsoll_graphql_operation_seconds',
      help: 'Time from the start of execution to the result.',
      labelNames: ['kind'],
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
      registers,
    }),
    subscriptions: new Gauge({
      name: 'plimsoll_subscriptions_open',
      help: 'Open GraphQL subscriptions.',
      labelNames: ['field'],
      registers,
    }),
    databaseUp: new Gauge({
      name: 'plimsoll_database_up',
      help: '1 when the last read succeeded.',
      registers,
    }),
    database: Object.fromEntries(gauges) as Record<DatabaseMetric, Gauge>,
  }
}

/** Replaces what was known from the database. */
export function setDatabaseFigures(metrics: Metrics, figures: readonly DatabaseFigure[]): void {
  for (const gauge of Object.values(metrics.database)) gauge.reset()
  for (const { metric, labels, value } of figures) metrics.database[metric].set(labels, value)
}
