/**
 * Whether an endpoint may be asked. `starting` until it has shown the right chain id; `healthy`; `paused` after a
 * failure, for a time that doubles with each failure in a row, or after a lie that an honest load balancer might tell,
 * for a time that doubles with each such lie whatever went well between; then it is probed. `lying` after a proven lie,
 * until the restart.
 */
import { messageOf } from '../errors'
import type { Logger } from '../log'
import { EndpointLie, RpcFailure } from './rpc-error'
import type { EndpointState } from './types'

const FIRST_PAUSE_MS = 500
const MAX_PAUSE_MS = 60_000
const MAX_LIE_PAUSE_MS = 600_000
const RATE_LIMIT_PAUSE_MS = 1_000
/** Refusals in a row (the node answers, but with errors) before it is paused. */
const MAX_REFUSALS = 3

export interface Health {
  state: EndpointState
  reason: string | undefined
  failures: number
}

interface Patient extends Health {
  name: string
  /** Absent where nobody reads. */
  log: Logger | undefined
  /** Asks for chain id and head; rejects when they are not right. */
  ask(): Promise<void>
  pauseMs: number
  liePauseMs: number
  refusals: number
  wake: NodeJS.Timeout | undefined
  probing: Promise<void> | undefined
  closed: boolean
}

export function patient(name: string, log: Logger | undefined, ask: () => Promise<void>): Patient {
  return {
    state: 'starting',
    reason: undefined,
    failures: 0,
    name,
    log,
    ask,
    pauseMs: FIRST_PAUSE_MS,
    liePauseMs: FIRST_PAUSE_MS,
    refusals: 0,
    wake: undefined,
    probing: undefined,
    closed: false,
  }
}

function change(health: Patient, state: EndpointState, reason: string | undefined): void {
  const before = health.state
  health.state = state
  health.reason = reason
  if (before === state) return
  if (state === 'healthy') health.log?.info(`${health.name} is healthy`)
  else health.log?.warn(`${health.name} is set aside${state === 'lying' ? ' for good' : ''}: ${reason}`)
}

function pause(health: Patient, reason: string, ms: number): void {
  if (health.state === 'lying' || health.closed) return
  change(health, 'paused', reason)
  clearTimeout(health.wake)
  health.wake = setTimeout(() => void probe(health), ms)
}

/** A call succeeded. */
export function noteSuccess(health: Patient): void {
  health.refusals = 0
  health.pauseMs = FIRST_PAUSE_MS
}

/** A call failed with what is the endpoint's fault. */
export function noteFailure(health: Patient, error: unknown): void {
  health.failures++
  if (error instanceof EndpointLie) {
    noteLie(health, error)
    return
  }
  const kind = error instanceof RpcFailure ? error.kind : 'refused'
  const isDown = kind === 'connection' || kind === 'timeout' || kind === 'rate-limit'
  if (!isDown && ++health.refusals < MAX_REFUSALS) return
  const leastMs = kind === 'rate-limit' ? ((error as RpcFailure).retryAfterMs ?? RATE_LIMIT_PAUSE_MS) : 0
  pause(health, messageOf(error), Math.max(health.pauseMs, leastMs))
  health.pauseMs = Math.min(health.pauseMs * 2, MAX_PAUSE_MS)
}

function noteLie(health: Patient, lie: EndpointLie): void {
  if (health.closed) return
  if (lie.proven) {
    clearTimeout(health.wake)
    change(health, 'lying', lie.message)
    return
  }
  pause(health, lie.message, health.liePauseMs)
  health.liePauseMs = Math.min(health.liePauseMs * 2, MAX_LIE_PAUSE_MS)
}

/** Asks for chain id and head now; healthy when they are right, paused for longer when not. Never rejects. */
export function probe(health: Patient): Promise<void> {
  if (health.state === 'lying' || health.closed) return Promise.resolve()
  health.probing ??= health
    .ask()
    .then(
      () => {
        health.refusals = 0
        change(health, 'healthy', undefined)
      },
      (error: unknown) => {
        // What refuses a probe is not well, however few times it refused before.
        health.refusals = MAX_REFUSALS
        noteFailure(health, error)
      },
    )
    .finally(() => {
      health.probing = undefined
    })
  return health.probing
}

export function closeHealth(health: Patient): void {
  health.closed = true
  clearTimeout(health.wake)
}
