/** Entry of a training thread: trains the model named in workerData, answers with its files, and ends. */
import { parentPort, workerData } from 'node:worker_threads'
import { publishedFiles } from './publish'
import type { TrainingTask } from './train-threads'
import { trainersOf } from './trainers'

async function train({ name, data }: TrainingTask): Promise<void> {
  const trainers = trainersOf({ data, log: () => undefined })
  parentPort?.postMessage(publishedFiles(await trainers[name]!()))
}

// A failure ends the thread with it; train-threads.ts hears of it as the worker's error.
void train(workerData as TrainingTask)
