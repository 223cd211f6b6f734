/** Stands in for the engine's thread: the request's scenario says how it behaves. */
import { parentPort, workerData } from 'node:worker_threads'
import type { FromThread, ThreadData, ToThread } from '../../../src/api/stress/messages'

const port = parentPort!
const cancelled = new Int32Array((workerData as ThreadData).cancelled)
const send = (message: FromThread | Record<string, unknown>) => port.postMessage(message)

port.on('message', ({ number, job }: ToThread) => {
  const scenario = job.kind === 'stress' ? job.request.scenario : 'risk'
  if (scenario === 'crash') throw new Error('out of memory, say')
  if (scenario === 'fault')
    return send({ kind: 'error', number, message: 'no such scenario', code: 'BAD_USER_INPUT' })
  if (scenario === 'broken') return send({ kind: 'error', number, message: 'a bug', code: null })
  const untilMs = performance.now() + (scenario === 'brief' ? 50 : 60_000)
  for (let done = 0; performance.now() < untilMs; done++) {
    if (scenario !== 'deaf' && Atomics.load(cancelled, 0) === number) {
      return send({ kind: 'error', number, message: 'ended', code: null })
    }
    if (done % 200_000 === 0) send({ kind: 'progress', number, done, of: 1e9 })
  }
  return send({ kind: 'result', number, result: { number } })
})
