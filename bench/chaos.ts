/** 100 rounds of what bench/chaos-run.ts does to the engine; nothing may be lost and nothing doubled. */
import { runChaos } from './chaos-run'
import type { BenchOptions } from './options'
import { printTable } from './print'

const ROUNDS = 100
const QUICK_ROUNDS = 8

/** Runs the rounds, prints what happened, and returns the count of wrong rows. @throws Error when it does not recover */
export async function run(options: BenchOptions): Promise<{ rounds: number; lost: number; doubled: number }> {
  const wanted = options.rounds ?? (options.quick ? QUICK_ROUNDS : ROUNDS)
  console.log(`seed ${options.seed}`)
  const startedAt = performance.now()
  const { rounds, lost, doubled, comparisons, restarts, seen } = await runChaos({
    rounds: wanted,
    seed: options.seed,
    onCompared: (round) => {
      if (round % 10 === 9) {
        console.log(`round ${round + 1}: ${((performance.now() - startedAt) / 1000).toFixed(0)} s`)
      }
    },
  })
  printTable([
    ['disturbance', 'times'],
    ['kill -9 of the processor', String(seen.kill)],
    ['endpoint dead', String(seen.endpoint)],
    ['PostgreSQL restarted or crashed', String(seen.postgres)],
    ['reorg of depth 1 to 30', String(seen.reorg)],
    ['processor started again', String(restarts)],
    ['comparisons with the truth', String(comparisons)],
  ])
  return { rounds, lost, doubled }
}
