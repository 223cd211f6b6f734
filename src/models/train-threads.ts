/**
 * Models trained beside each other, one a thread, as many at once as there are processors: one training keeps one
 * processor busy for minutes, and what it makes does not depend on what runs beside it.
 */
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import type { Worker } from 'node:worker_threads'
import { startThread } from '../start-thread'
import type { ModelFiles } from './publish'

export type TrainingTask = { name: string; data: string }
export type TrainingResult = { name: string; files: ModelFiles; tookSec: number }

/** The longest come first, so that none of them is left for the end. */
const LONGEST_FIRST = ['illicit', 'novelty']

/** Trains the models; yields each one's files when it is done. Throws what a training throws; the others are then ended. */
export async function* trainInThreads(
  names: readonly string[],
  data: string,
): AsyncGenerator<TrainingResult> {
  const waiting = [...names].sort((a, b) => place(a) - place(b))
  const running = new Map<string, { worker: Worker; result: Promise<TrainingResult> }>()
  try {
    while (waiting.length > 0 || running.size > 0) {
      while (waiting.length > 0 && running.size < availableParallelism()) {
        const name = waiting.shift()!
        running.set(name, start({ name, data }))
      }
      const done = await Promise.race([...running.values()].map(({ result }) => result))
      running.delete(done.name)
      yield done
    }
  } finally {
    await Promise.all([...running.values()].map(({ worker }) => worker.terminate()))
  }
}

function place(name: string): number {
  const at = LONGEST_FIRST.indexOf(name)
  return at < 0 ? LONGEST_FIRST.length : at
}

function start(task: TrainingTask): { worker: Worker; result: Promise<TrainingResult> } {
  const worker = startThread(join(__dirname, 'train-worker'), task)
  const started = Date.now()
  const result = new Promise<TrainingResult>((resolve, reject) => {
    worker.once('message', (files: ModelFiles) =>
      resolve({ name: task.name, files, tookSec: (Date.now() - started) / 1000 }),
    )
    worker.once('error', reject)
    worker.once('exit', (code) => reject(new Error(`training ${task.name} ended with code ${code}`)))
  })
  // Whoever races it hears of a failure; when another failed first, nobody does.
  result.catch(() => undefined)
  return { worker, result }
}
