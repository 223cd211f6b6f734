/** Our engine as a bench runs it: the processor's own process, from the compiled code. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Pool } from '../src/db/pool'
import { packageRoot } from '../src/package-root'
import type { ProcessorOptions } from '../src/processor/main'
import { type Child, startChild } from './children'

/** Starts a processor. @param profileDir where it leaves its CPU profile when it is stopped */
export function startOurs(options: Omit<ProcessorOptions, 'protocols'>, profileDir?: string): Child {
  if (!existsSync(join(packageRoot, 'lib', 'processor', 'main.js')))
    throw new Error('lib/ is missing: npm run build')
  const profiler = profileDir === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profileDir}`]
  return startChild(process.execPath, [...profiler, join(packageRoot, 'bench', 'processor-child.cjs')], {
    env: { ...process.env, PLIMSOLL_BENCH_PROCESSOR: JSON.stringify(options) },
    channel: true,
  })
}

/** Committed head of a chain; -1 before the first batch. Undefined while the database does not answer. */
export async function headOf(
  pool: Pool,
  chainId: number,
): Promise<{ height: number; hash: string } | undefined> {
  const { rows } = await pool
    .query('SELECT head_height, head_hash FROM chain WHERE chain_id = $1', [chainId])
    .catch(() => ({ rows: undefined }))
  if (rows === undefined) return undefined
  return { height: Number(rows[0]?.head_height ?? -1), hash: String(rows[0]?.head_hash ?? '') }
}

/**
 * Waits until a chain's committed head is at a height (or, with a hash, is that block).
 * @throws Error when the process ends or the time is over
 */
export async function untilHead(
  pool: Pool,
  chainId: number,
  wanted: { height: number; hash?: string },
  limits: { timeoutMs: number; everyMs: number; child?: () => Child },
): Promise<void> {
  for (const deadline = Date.now() + limits.timeoutMs; ; await sleep(limits.everyMs)) {
    const head = await headOf(pool, chainId)
    const there = wanted.hash === undefined ? head?.height === wanted.height : head?.hash === wanted.hash
    if (there) return
    const child = limits.child?.()
    if (Date.now() < deadline && !child?.ended()) continue
    throw new Error(
      `chain ${chainId} is at ${head?.height} ${head?.hash}, not at ${wanted.height} ${wanted.hash ?? ''}\n${
        child?.output().slice(-4_000) ?? ''
      }`,
    )
  }
}
