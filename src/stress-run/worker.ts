/** A thread of threads.ts: makes the task of its own copy of the book, then runs tiles and trials of it. */
import { parentPort, workerData } from 'node:worker_threads'
import { PlimsollError } from '../errors'
import { variantOf } from '../systemic/stress/contributions'
import { runTile } from '../systemic/stress/draws'
import { drawnFrom, runVariant, stressTask } from '../systemic/stress/run'
import type { Answer, Job, ThreadData, TrialJob } from './threads'

const port = parentPort
if (!port) throw new PlimsollError('this file runs only in a worker thread')
const { book, request, history } = workerData as ThreadData
const task = stressTask(book, request, history)
const draws = drawnFrom(task)

port.on('message', (job: Job) => {
  const answer: Answer = 'trial' in job ? { badDebtUsd: tried(job) } : { tile: runTile(book, draws, job) }
  port.postMessage(answer)
})

function tried({ trial, draws }: TrialJob): Float64Array {
  const steps = runVariant(task, variantOf(book, trial), draws)
  for (let step = steps.next(); ; step = steps.next()) if (step.done) return step.value
}
