/** Everything the API has to do with stress tests, over one thread: runs that are asked for, and what is computed once a block. */
import type { Pool } from '../../db/pool'
import { messageOf } from '../../errors'
import { logger } from '../../log'
import { type Caller, createQuota } from '../access'
import { type BlockDesk, openBlockDesk } from './at-block'
import { openRecommend, type RecommendDesk } from './recommend'
import { openRuns, type StressRuns } from './runs'
import { openThread, THREAD_LIMITS, type ThreadLimits } from './thread'

export interface StressDesk {
  runs: StressRuns
  /** The standing risk, and the exposure graph. */
  atBlock: BlockDesk
  recommend: RecommendDesk
  limits: ThreadLimits
  /** Counts a computation that is no run against its caller's quota. Throws QUOTA_EXCEEDED. */
  takeRun(caller: Caller): void
  close(): Promise<void>
}

/** Fails the runs of a process that was killed, and starts nothing else before somebody asks. */
export function openStressDesk(deps: {
  pool: Pool
  databaseUrl: string
  limits: Partial<ThreadLimits>
}): StressDesk {
  const { pool, databaseUrl } = deps
  const limits = { ...THREAD_LIMITS, ...deps.limits }
  const thread = openThread(databaseUrl, { limits })
  const quota = createQuota()
  const runs = openRuns({ pool, databaseUrl, thread, quota, limits })
  // Tried again with every run: a database that is away, or not migrated yet, must not keep the API from starting.
  const recovering = runs
    .recover()
    .catch((error: unknown) => logger('api:stress').warn(`runs were not recovered: ${messageOf(error)}`))
  let closed: Promise<void> | undefined
  return {
    runs,
    atBlock: openBlockDesk(pool, thread),
    recommend: openRecommend(thread),
    limits,
    takeRun: (caller) => quota.take(caller, Date.now()),
    close() {
      closed ??= recovering.then(() => runs.close())
      return closed
    },
  }
}
