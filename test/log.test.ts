/** What reaches the log: everything but the secrets of URLs. */
import { createLogger } from '@subsquid/logger'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { logger, withoutSecrets } from '../src/log'

const KEY = 'SECRETKEY'
const url = `https://user:${KEY}@rpc.example/v3/${KEY}?apikey=${KEY}`

describe('the log', () => {
  afterEach(() => vi.restoreAllMocks())

  function written(work: () => void): string {
    const spy = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
    work()
    return spy.mock.calls.map(([chunk]) => String(chunk)).join('')
  }

  it('shortens URLs in messages, attributes and errors of libraries and of our own', () => {
    const own = logger('test')
    const library = createLogger('sqd:rpc-client', { rpcUrl: url })
    const cause = new Error(`no answer from ${url}`)
    const text = written(() => {
      own.warn(`cannot reach ${url}`)
      library.warn({ httpRequestUrl: url, headers: [['location', url]], parsed: new URL(url) }, `at ${url}`)
      library.fatal(Object.assign(new TypeError(`got 429 from ${url}`), { response: { url }, cause }))
      library.info(new Map([['endpoint', url]]))
    })
    expect(text.trim().split('\n').length).toBeGreaterThanOrEqual(4)
    expect(text).toContain('https://rpc.example/…')
    expect(text).toContain('got 429 from')
    expect(text).toContain('no answer from')
    expect(text).toContain('TypeError')
    expect(text).not.toContain(KEY)
  })

  it('keeps everything else as it is, cycles included', () => {
    const date = new Date(0)
    const bytes = new Uint8Array([1, 2])
    const record = { none: null, missing: undefined, n: 1, big: 2n, date, bytes, list: ['a', { b: true }] }
    expect(withoutSecrets(record)).toEqual(record)
    const cycle: { self?: unknown; url: string } = { url }
    cycle.self = cycle
    const copy = withoutSecrets(cycle) as typeof cycle
    expect(copy.self).toBe(copy)
    expect(copy.url).toBe('https://rpc.example/…')
    expect(cycle.url).toBe(url)
  })
})
