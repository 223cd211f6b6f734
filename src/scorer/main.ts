/**
 * The scorer: follows the batch log of every configured chain and derives scores, health and alerts from it.
 *
 * A notification or a timer wakes it; both only say that there may be something, the tables say what. Its memory holds
 * nothing that matters: killed at any moment and started again, it loses nothing and doubles nothing.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { ChainSpec } from '../chains/types'
import { listen, openPool, type Pool } from '../db/pool'
import { messageOf, PlimsollError } from '../errors'
import { type Logger, logger } from '../log'
import { ModelError } from '../models/model-error'
import { openServing, type Serving } from '../models/serving'
import type { ExecutionProvider } from '../models/session'
import { type StepResult, step } from './step'
import { registerSystemic } from './systemic'
import { watchModels } from './watch'

const WAKE_EVERY_MS = 2_000
const WATCH_FIRST_MS = 30_000
const WATCH_EVERY_MS = 600_000
const RETRY_FIRST_MS = 250
const RETRY_MOST_MS = 10_000

export interface ScorerConfig {
  dbUrl: string
  chains: readonly ChainSpec[]
  models: { providers: readonly string[]; threads: number }
  /** Ends the loop after the running transaction. */
  signal?: AbortSignal
  /** Called after every transaction that did something. */
  onStep?: (chain: ChainSpec, result: StepResult) => void
}

/**
 * Scores until `signal` aborts. A failing step is logged and tried again, ever more slowly; a database that is away is
 * waited for. Rejects only when the models cannot be opened.
 */
export async function runScorer(config: ScorerConfig): Promise<void> {
  const { dbUrl, chains, signal } = config
  const pool = openPool(dbUrl, { application: 'scorer', max: chains.length + 2 })
  const bells = new Map(chains.map((chain) => [String(chain.id), createBell(signal)]))
  const ringFor = (_channel: string, payload: string) => {
    const bell = bells.get(payload.split(':')[0]!)
    for (const one of bell === undefined ? bells.values() : [bell]) one.ring()
  }
  let serving: Serving | undefined
  try {
    serving = await untilDone(() => openModelsOf(pool, config), {
      log: logger('scorer'),
      signal,
      // Waiting mends a database that is away, but no damaged file.
      final: (error) => error instanceof ModelError || error instanceof PlimsollError,
    })
    if (serving === undefined) return
    const models = serving
    const listener = await untilDone(() => listen(dbUrl, ['plimsoll_batch', 'plimsoll_model'], ringFor), {
      log: logger('scorer'),
      signal,
    })
    const loops = chains.map((chain) =>
      follow(chain, { pool, models, bell: bells.get(String(chain.id))!, config }),
    )
    await Promise.all([...loops, keepWatch(pool, signal)])
    await listener?.close()
  } finally {
    await serving?.close()
    await pool.end()
  }
}

async function openModelsOf(pool: Pool, config: ScorerConfig): Promise<Serving> {
  await registerSystemic(pool)
  return openServing(pool, {
    providers: config.models.providers as readonly ExecutionProvider[],
    threads: config.models.threads,
    shadows: true,
  })
}

/** Tries until it succeeds, ever more slowly; undefined when the signal aborts first. Rejects with a `final` error. */
async function untilDone<T>(
  work: () => Promise<T>,
  {
    log,
    signal,
    final = () => false,
  }: { log: Logger; signal: AbortSignal | undefined; final?: (error: unknown) => boolean },
): Promise<T | undefined> {
  for (let delayMs = RETRY_FIRST_MS; !signal?.aborted; delayMs = Math.min(delayMs * 2, RETRY_MOST_MS)) {
    try {
      return await work()
    } catch (error) {
      if (final(error)) throw error
      log.warn(`failed, again in ${delayMs} ms: ${messageOf(error)}`)
      await sleep(delayMs, undefined, signal === undefined ? {} : { signal }).catch(() => undefined)
    }
  }
  return undefined
}

interface Bell {
  ring(): void
  /** Resolves at a ring, one since the last wait included, after `timeoutMs`, or when the signal aborts. */
  wait(timeoutMs: number): Promise<void>
}

function createBell(signal: AbortSignal | undefined): Bell {
  let rung = false
  let wake = () => {}
  const ring = () => {
    rung = true
    wake()
  }
  signal?.addEventListener('abort', ring)
  return {
    ring,
    async wait(timeoutMs) {
      if (!rung && !signal?.aborted) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, timeoutMs)
          wake = () => {
            clearTimeout(timer)
            resolve()
          }
        })
      }
      rung = false
    },
  }
}

/** Measures drift and calibration soon after the start and then every ten minutes. */
async function keepWatch(pool: Pool, signal: AbortSignal | undefined): Promise<void> {
  for (let delayMs = WATCH_FIRST_MS; !signal?.aborted; delayMs = WATCH_EVERY_MS) {
    await sleep(delayMs, undefined, signal === undefined ? {} : { signal }).catch(() => undefined)
    if (signal?.aborted) return
    // Nothing depends on it: what fails now is measured again later.
    await watchModels(pool).catch((error: unknown) =>
      logger('scorer').warn(`drift was not measured: ${messageOf(error)}`),
    )
  }
}

/** One chain's loop: steps until there is nothing left, then sleeps until the bell. */
async function follow(
  chain: ChainSpec,
  { pool, models, bell, config }: { pool: Pool; models: Serving; bell: Bell; config: ScorerConfig },
): Promise<void> {
  const log = logger(`scorer:${chain.name}`)
  const { signal, onStep } = config
  while (!signal?.aborted) {
    const result = await untilDone(() => models.use((served) => step(pool, { chain, ...served })), {
      log,
      signal,
    })
    if (result === undefined) return
    if (result.idle) await bell.wait(WAKE_EVERY_MS)
    else onStep?.(chain, result)
  }
}
