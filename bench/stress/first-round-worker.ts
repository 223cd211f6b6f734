/**
 * A thread of the stress bench: lays the book out, says so, then runs its part of the scenarios each time it is told. Takes
 * the kernel as it is built, which is what users run: in sources on the fly every imported constant is a call.
 */
import { parentPort, workerData } from 'node:worker_threads'
import type { FirstRound } from '../../src/systemic/kernels/first-round'
import { type BookSize, madeBook } from './book'

const {
  firstRound,
}: typeof import('../../src/systemic/kernels/first-round') = require('../../lib/systemic/kernels/first-round')
const {
  firstRoundPlan,
}: typeof import('../../src/systemic/kernels/first-round-layout') = require('../../lib/systemic/kernels/first-round-layout')

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
