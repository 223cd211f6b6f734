/**
 * What subscriptions are fed from: one LISTEN connection for the process, fanned out to bounded queues.
 *
 * A notification only wakes: the rows are read from the tables, many ids in one query, one query at a time. After a
 * lost connection the newest alerts are read again, and what subscribers have already seen is not repeated.
 */
import { createGraphQLError } from 'graphql-yoga'
import { type Listener, listen, type Pool } from '../db/pool'
import { messageOf } from '../errors'
import { logger } from '../log'
import { poolRows } from './context'
import { boundedQueue, type Queue } from './queue'
import type { RowCounts } from './row-counts'
import { type AlertRow, alertRow, type StoredAlert } from './topics/alert-row'
import { type ChainStatus, chainStatuses } from './topics/chain-row'

export interface FeedLimits {
  /** Open subscriptions of the process. */
  maxSubscriptions: number
  /** Messages that may wait for one subscriber. */
  maxQueued: number
}

export interface Feed {
  /** @param signal ends it when the client has gone, even one that went without reading what was sent */
  alerts(accepts: (alert: AlertRow) => boolean, signal?: AbortSignal): AsyncIterableIterator<AlertRow>
  chains(signal?: AbortSignal): AsyncIterableIterator<ChainStatus>
  /** Subscriptions open now, by field. */
  open(): { alerts: number; chainStatus: number }
  close(): Promise<void>
}

const ALERTS_A_QUERY = 500
const CATCH_UP_ALERTS = 200
const MAX_PENDING_IDS = 20_000
const MAX_SEEN = 10_000
const RETRY_MS = 500
/** After a lost connection a subscriber gets what changed since it came, give or take the clocks' difference. */
const CLOCK_SKEW_MS = 5_000
const log = logger('api:feed')

interface AlertSubscriber {
  accepts(alert: AlertRow): boolean
  sinceMs: number
}

interface Deps {
  pool: Pool
  databaseUrl: string
  rowCounts: RowCounts
  limits: FeedLimits
}

/** Starts listening. Throws when the database cannot be reached; later losses are repaired by reconnecting. */
export async function openFeed(deps: Deps): Promise<Feed> {
  const alertQueues = new Map<Queue<AlertRow>, AlertSubscriber>()
  const chainQueues = new Set<Queue<ChainStatus>>()
  const seen = new Map<string, string>()
  const pendingIds = new Set<string>()
  let catchUp = false

  const alertPump = pump(async () => {
    const late = catchUp
    const ids = late ? null : [...pendingIds].slice(0, ALERTS_A_QUERY)
    if (ids?.length === 0) return false
    const limit = ids?.length ?? CATCH_UP_ALERTS
    const rows = await poolRows<StoredAlert>(deps.pool, 'api-alerts', [ids, null, true, limit])
    if (late) catchUp = false
    for (const id of ids ?? []) pendingIds.delete(id)
    for (const alert of rows.reverse().map(alertRow)) deliver(alert, late)
    return pendingIds.size > 0
  })
  const chainPump = pump(async () => {
    if (chainQueues.size === 0) return false
    for (const status of await chainStatuses(
      (name, params) => poolRows(deps.pool, name, params),
      deps.rowCounts,
    )) {
      for (const queue of [...chainQueues]) queue.push(status)
    }
    return false
  })

  function deliver(alert: AlertRow, late: boolean): void {
    const version = `${alert.status} ${alert.occurrences} ${alert.finality} ${alert.stage} ${alert.severity} ${alert.retractedAt}`
    if (seen.get(alert.id) === version) return
    seen.delete(alert.id)
    seen.set(alert.id, version)
    if (seen.size > MAX_SEEN) seen.delete(seen.keys().next().value!)
    const changedMs = Math.max(
      Date.parse(alert.detectedAt),
      Date.parse(alert.retractedAt ?? alert.detectedAt),
    )
    for (const [queue, { accepts, sinceMs }] of [...alertQueues]) {
      if ((!late || changedMs >= sinceMs) && accepts(alert)) queue.push(alert)
    }
  }

  function onNotify(channel: string, payload: string): void {
    if (channel === 'plimsoll_batch' || channel === 'reconnected') chainPump()
    if (channel === 'plimsoll_batch' || alertQueues.size === 0) return
    if (channel === 'plimsoll_alert' && pendingIds.size < MAX_PENDING_IDS) pendingIds.add(payload)
    else catchUp = true
    alertPump()
  }

  const listener: Listener = await listen(deps.databaseUrl, ['plimsoll_alert', 'plimsoll_batch'], onNotify)
  const open = () => ({ alerts: alertQueues.size, chainStatus: chainQueues.size })

  function refuseBeyondLimit(): void {
    if (alertQueues.size + chainQueues.size < deps.limits.maxSubscriptions) return
    throw createGraphQLError(
      `this server serves at most ${deps.limits.maxSubscriptions} subscriptions; try later`,
      {
        extensions: { code: 'TOO_MANY_SUBSCRIPTIONS' },
      },
    )
  }

  return {
    alerts(accepts, signal) {
      refuseBeyondLimit()
      const queue = boundedQueue<AlertRow>(deps.limits.maxQueued, () => alertQueues.delete(queue))
      alertQueues.set(queue, { accepts, sinceMs: Date.now() - CLOCK_SKEW_MS })
      signal?.addEventListener('abort', () => queue.close(), { once: true })
      return queue.iterator
    },
    chains(signal) {
      refuseBeyondLimit()
      const onClose = () => chainQueues.delete(queue)
      const queue = boundedQueue<ChainStatus>(deps.limits.maxQueued, onClose, (status) => status.chainId)
      chainQueues.add(queue)
      signal?.addEventListener('abort', () => queue.close(), { once: true })
      chainPump()
      return queue.iterator
    },
    open,
    async close() {
      for (const queue of [...alertQueues.keys(), ...chainQueues]) queue.close()
      await listener.close()
    },
  }
}

/**
 * Runs `step` when called, never twice at once; calls during a run lead to one more run. `step` says whether there is
 * more to do. A failure is logged and tried again a little later, so that a database restart loses no wake-up.
 */
function pump(step: () => Promise<boolean>): () => void {
  let running = false
  let again = false
  async function run(): Promise<void> {
    running = true
    try {
      do {
        again = false
        again = (await step()) || again
      } while (again)
    } catch (error) {
      log.warn(`reading for subscribers failed, trying again: ${messageOf(error)}`)
      setTimeout(wake, RETRY_MS).unref()
    } finally {
      running = false
    }
  }
  function wake(): void {
    if (running) again = true
    else void run()
  }
  return wake
}
