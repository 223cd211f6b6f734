/**
 * Who may start a stress test, and how often. A key in `authorization: Bearer …` has a role and a quota of its own. Without
 * any key configured, callers on the loopback may run small tests on a server that is bound to it; anybody else is refused.
 */
import { createHash, timingSafeEqual } from 'node:crypto'
import { createGraphQLError } from 'graphql-yoga'
import { type Allowance, type ApiKey, ROLES } from './key-setting'

export interface Access {
  keys: readonly ApiKey[]
  /** The server is bound to the loopback. */
  isLoopback: boolean
}

/** What a request says of its sender. */
export interface Credentials {
  authorization: string | null
  host: string | null
  /** A proxy passed the request on, so that its sender is elsewhere. */
  isForwarded: boolean
}

export interface Caller extends Allowance {
  /** Under which its runs are counted. */
  name: string
}

const LOCAL: Caller = { name: 'loopback', maxScenarios: 10_000, runsPerHour: 120 }
const LOCAL_HOST = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i
const HOUR_MS = 3_600_000

/** The sender's rights. Throws UNAUTHENTICATED where it has none: an unknown key, or none where one is needed. */
export function requireCaller({ keys, isLoopback }: Access, credentials: Credentials): Caller {
  const { authorization, host, isForwarded } = credentials
  if (authorization !== null) {
    const key = keyOf(keys, authorization)
    if (key !== undefined) return { name: key.name, ...ROLES[key.role] }
    throw refusal('this API key is not known; send one of PLIMSOLL_API_KEYS as `authorization: Bearer <key>`')
  }
  if (keys.length > 0) throw refusal('this needs an API key: `authorization: Bearer <key>`')
  if (isLoopback && !isForwarded && LOCAL_HOST.test(host ?? '')) return LOCAL
  throw refusal(
    'this needs an API key, and none is configured: set PLIMSOLL_API_KEYS to name:role:sha256 entries',
  )
}

/** What an HTTP request says of its sender. */
export function credentialsOf({ headers }: Request): Credentials {
  const isForwarded = ['forwarded', 'x-forwarded-for', 'x-real-ip'].some((name) => headers.has(name))
  return { authorization: headers.get('authorization'), host: headers.get('host'), isForwarded }
}

/** Compares with every key in constant time, so that time tells nothing of which one nearly fits. */
function keyOf(keys: readonly ApiKey[], authorization: string): ApiKey | undefined {
  const presented = /^Bearer ([\x21-\x7e]{1,512})$/i.exec(authorization)?.[1] ?? ''
  const digest = createHash('sha256').update(presented).digest()
  let found: ApiKey | undefined
  for (const key of keys) if (timingSafeEqual(Buffer.from(key.sha256, 'hex'), digest)) found = key
  return presented === '' ? undefined : found
}

function refusal(message: string): Error {
  return createGraphQLError(message, { extensions: { code: 'UNAUTHENTICATED' } })
}

export interface Quota {
  /** Counts one run of the caller. Throws QUOTA_EXCEEDED where the last hour had as many as it may have. */
  take(caller: Caller, nowMs: number): void
}

/** Runs by caller over the last hour, in this process's memory: a restart forgives. */
export function createQuota(): Quota {
  const taken = new Map<string, number[]>()
  return {
    take({ name, runsPerHour }, nowMs) {
      const recent = (taken.get(name) ?? []).filter((atMs) => atMs > nowMs - HOUR_MS)
      taken.set(name, recent)
      if (recent.length < runsPerHour) {
        recent.push(nowMs)
        return
      }
      const retryAfterSec = Math.ceil((recent[0]! + HOUR_MS - nowMs) / 1_000)
      throw createGraphQLError(`${name} may start ${runsPerHour} runs an hour; again in ${retryAfterSec} s`, {
        extensions: { code: 'QUOTA_EXCEEDED', retryAfterSec },
      })
    },
  }
}
