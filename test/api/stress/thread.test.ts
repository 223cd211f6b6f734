/** The thread's queue, limits and ends, with a double in place of the engine that behaves as badly as an engine could. */
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import type { Job } from '../../../src/api/stress/messages'
import { openThread, type Thread } from '../../../src/api/stress/thread'
import { watchLoop } from '../../support/loop-watch.cjs'

let thread: Thread
afterEach(() => thread.close())

const open = (limits: { maxWaiting?: number; maxRunMs?: number } = {}) => {
  thread = openThread('postgres://nowhere/', {
    limits: { maxWaiting: 2, maxRunMs: 30_000, ...limits },
    entry: join(__dirname, 'double-worker'),
  })
}
const job = (scenario: string): Job & { kind: 'stress' } => ({
  kind: 'stress',
  asOf: {},
  request: { ...{ scenario, scenarios: 1, seed: 1, levels: [0.95] }, gasUsd: 0, exit: 'oracle' },
})
const coded = (code: string) => expect.objectContaining({ extensions: expect.objectContaining({ code }) })

describe('a thread', () => {
  it('answers one after the other, and refuses what would wait too long', async () => {
    open({ maxWaiting: 1 })
    const [first, second] = [thread.ask(job('brief')), thread.ask(job('brief'))]
    await expect(thread.ask(job('brief'))).rejects.toEqual(coded('BUSY'))
    expect([await first, await second]).toEqual([{ number: 1 }, { number: 2 }])
    expect(await thread.ask(job('brief'))).toEqual({ number: 3 })
  })

  it('tells the request’s faults to whoever asked, and goes on', async () => {
    open()
    await expect(thread.ask(job('fault'))).rejects.toEqual(coded('BAD_USER_INPUT'))
    await expect(thread.ask(job('broken'))).rejects.toThrow('a bug')
    expect(await thread.ask(job('brief'))).toEqual({ number: 3 })
  })

  it('ends a job that nobody waits for, in the queue and on its way', async () => {
    open()
    const [running, waiting] = [new AbortController(), new AbortController()]
    const begun = new Promise<void>((resolve) => {
      void thread
        .ask(job('long'), { signal: running.signal, onProgress: () => resolve() })
        .catch(() => undefined)
    })
    const queued = thread.ask(job('long'), { signal: waiting.signal })
    waiting.abort()
    await expect(queued).rejects.toEqual(coded('CANCELLED'))
    await begun
    running.abort()
    expect(await thread.ask(job('brief'))).toEqual({ number: 3 })
    await expect(thread.ask(job('brief'), { signal: AbortSignal.abort() })).rejects.toEqual(
      coded('CANCELLED'),
    )
  })

  it('ends a job that overruns its time, with its thread where it does not listen', async () => {
    open({ maxRunMs: 2_500 })
    await expect(thread.ask(job('long'))).rejects.toEqual(coded('TIMEOUT'))
    await expect(thread.ask(job('deaf'))).rejects.toEqual(coded('TIMEOUT'))
    expect(await thread.ask(job('brief'))).toEqual({ number: 3 })
  })

  it('survives a thread that crashes', async () => {
    open()
    await expect(thread.ask(job('crash'))).rejects.toThrow('the stress thread crashed')
    expect(await thread.ask(job('brief'))).toEqual({ number: 2 })
  })

  it('rejects everything when it is closed', async () => {
    open()
    const asked = [thread.ask(job('deaf')), thread.ask(job('brief'))]
    const ended = Promise.all(asked.map((one) => expect(one).rejects.toEqual(coded('CANCELLED'))))
    await thread.close()
    await ended
    await expect(thread.ask(job('brief'))).rejects.toEqual(coded('CANCELLED'))
  })

  it('leaves the event loop free', async () => {
    open()
    await thread.ask(job('brief'))
    const watch = watchLoop()
    const left = new AbortController()
    setTimeout(() => left.abort(), 500)
    await expect(thread.ask(job('long'), { signal: left.signal })).rejects.toEqual(coded('CANCELLED'))
    watch.stop()
    expect(watch.take().ownCpuMaxMs).toBeLessThan(50)
  })
})
