/**
 * A large stress test over several threads. Each has a copy of the book and takes the next tile of draws as it becomes free;
 * tiles are added in their order, so the figures are those of one thread to the bit. Contributions follow, a trial a job.
 */
import { join } from 'node:path'
import type { Worker } from 'node:worker_threads'
import { PlimsollError } from '../errors'
import { startThread } from '../start-thread'
import type { Book } from '../systemic/book'
import type { FactorHistory } from '../systemic/scenarios/history'
import { contributionsFrom, planContributions, type Trial, trialsOf } from '../systemic/stress/contributions'
import { addTile, type DrawnLosses, noLosses, type TileRange, tilesOf } from '../systemic/stress/draws'
import { contributionInput, stressResult, stressTask } from '../systemic/stress/run'
import type { Progress, StressRequest, StressResult } from '../systemic/stress/types'

export interface ThreadData {
  book: Book
  request: StressRequest
  history: FactorHistory | undefined
}

export interface TrialJob {
  trial: Trial
  draws: number
}
export type Job = TileRange | TrialJob
export type Answer = { tile: DrawnLosses } | { badDebtUsd: Float64Array }

/** The result, but for the time it took. Throws PlimsollError on a request or book that cannot be. */
export async function stressInThreads(
  { book, request, history }: ThreadData,
  { threads, onProgress }: { threads: number; onProgress: Progress },
): Promise<Omit<StressResult, 'elapsedMs'>> {
  const task = stressTask(book, request, history)
  const tiles = tilesOf(book, request.scenarios)
  const workers = Array.from({ length: Math.min(threads, tiles.length) }, () =>
    startThread(join(__dirname, 'worker'), { book, request, history } satisfies ThreadData),
  )
  try {
    const losses = noLosses(book, request.scenarios)
    await share(workers, tiles, (answer, k) => {
      if ('tile' in answer) addTile(book, losses, answer.tile, tiles[k]!)
      onProgress(tiles[k]!.to, request.scenarios)
    })
    const input = contributionInput(task, losses)
    const plan = planContributions(input)
    const { draws } = plan
    const badDebts: Float64Array[] = []
    const jobs = trialsOf(plan).map((trial) => ({ trial, draws }))
    await share(workers, jobs, (answer, k) => {
      if ('badDebtUsd' in answer) badDebts.push(answer.badDebtUsd)
      onProgress(request.scenarios + (k + 1) * draws, request.scenarios + plan.work)
    })
    return stressResult(task, losses, contributionsFrom(input, plan, badDebts))
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()))
  }
}

/** Gives each thread the next job when it is free, and takes the answers in the order of the jobs. */
async function share(
  workers: readonly Worker[],
  jobs: readonly Job[],
  take: (answer: Answer, k: number) => void,
): Promise<void> {
  const early = new Map<number, Answer>()
  let [next, taken] = [0, 0]
  await Promise.all(
    workers.map(async (worker) => {
      while (next < jobs.length) {
        const k = next++
        early.set(k, await answerOf(worker, jobs[k]!))
        for (let answer = early.get(taken); answer !== undefined; answer = early.get(taken)) {
          early.delete(taken)
          take(answer, taken++)
        }
      }
    }),
  )
}

function answerOf(worker: Worker, job: Job): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const done = (settle: () => void) => {
      worker.off('message', onMessage).off('error', onError).off('exit', onExit)
      settle()
    }
    const onMessage = (answer: Answer) => done(() => resolve(answer))
    const onError = (cause: unknown) =>
      done(() => reject(new PlimsollError('a thread of the stress test failed', { cause })))
    const onExit = (code: number) =>
      done(() => reject(new PlimsollError(`a thread of the stress test ended with code ${code}`)))
    worker.on('message', onMessage).on('error', onError).on('exit', onExit)
    worker.postMessage(job)
  })
}
