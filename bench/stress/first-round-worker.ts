/** A thread of the stress bench: lays the book out, says so, then runs its part of the scenarios each time it is told. */
import { parentPort, workerData } from 'node:worker_threads'
import type { FirstRound } from '../../src/systemic/kernels/first-round'
import { type BookSize, madeBook } from './book'
import { firstRound, firstRoundPlan } from './kernel'

export interface FirstRoundJob {
  size: BookSize
  prices: Float64Array
  out: FirstRound
  from: number
  to: number
}

const { size, prices, out, from, to } = workerData as FirstRoundJob
const book = madeBook(size)
const [plan, every] = [firstRoundPlan(book), firstRoundPlan(book, { all: true })]
// The compiler sees the loops before the clock starts.
for (const one of [plan, every]) firstRound(one, { prices, from, to: Math.min(to, from + 20), out })
parentPort?.on('message', (all: boolean) => {
  firstRound(all ? every : plan, { prices, from, to, out })
  parentPort?.postMessage('done')
})
parentPort?.postMessage('ready')
