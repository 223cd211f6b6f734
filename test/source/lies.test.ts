/** Each lie of an endpoint is caught, the endpoint set aside with its reason, and the truth read from another. */
import { describe, expect, it } from 'vitest'
import { type Call, type FakeLog, hex, OTHER, type Twist, word } from '../support/fake-chain'
import { endpointsOf, FILTERS, scene, seen, truth, until } from './source-of'

const RANGE = { from: 10, to: 90 }

/** A twist of the logs of ranges; calls of anything else are answered truly. */
const logs =
  (change: (logs: FakeLog[], call: Call) => FakeLog[] | undefined): Twist =>
  (call, tell) =>
    call.method === 'eth_getLogs' ? change(tell() as FakeLog[], call) : undefined

const swap = <T>(items: T[], i: number, j: number): T[] => {
  const copy = [...items]
  ;[copy[i], copy[j]] = [copy[j] as T, copy[i] as T]
  return copy
}

const LIES: [string, Twist, RegExp, 'lying' | 'paused'][] = [
  [
    'logs outside the range',
    logs((found) => [...found, { ...found[0]!, blockNumber: hex(95) }]),
    /a log of block "0x5f", asked for 10 to 90/,
    'lying',
  ],
  [
    'logs of another emitter',
    logs(([first, ...rest]) => [{ ...first!, address: OTHER }, ...rest]),
    /emitter .* was not asked for/,
    'lying',
  ],
  [
    'logs of another event',
    logs(([first, ...rest]) => [{ ...first!, topics: [word(7)] }, ...rest]),
    /topic .* was not asked for/,
    'lying',
  ],
  ['a log twice', logs((found) => [found[0]!, ...found]), /log "0x0" of block 12 after log 0/, 'paused'],
  ['logs out of order', logs((found) => swap(found, 2, 3)), /block 18 after block 21/, 'paused'],
  [
    'logs of an orphaned block',
    logs(([first, ...rest]) => [{ ...first!, removed: true }, ...rest]),
    /orphaned/,
    'paused',
  ],
  [
    'misshapen logs',
    logs(([first, ...rest]) => [{ ...first!, data: '0xzz' }, ...rest]),
    /eth_getLogs: log with data "0xzz"/,
    'paused',
  ],
  [
    'no list of logs',
    (call) => (call.method === 'eth_getLogs' ? { logs: [] } : undefined),
    /no list/,
    'paused',
  ],
  [
    'logs without an index',
    logs((found) => found.map(({ logIndex: _, ...log }) => log as FakeLog)),
    /log absent of block 12/,
    'paused',
  ],
  ['logs that are no objects', logs(() => [null, 7] as never), /eth_getLogs: log null/, 'paused'],
  [
    'no block where there must be one',
    (call) => (call.params[0] === hex(90) ? 'nothing' : undefined),
    /block.number is absent/,
    'paused',
  ],
  [
    'a block hash that the header does not have',
    logs((found) => found.map((log) => (log.blockNumber === hex(90) ? { ...log, blockHash: word(1) } : log))),
    /block 90 is .*, but its logs say 0x0+1/,
    'paused',
  ],
  [
    'headers that do not link',
    (call, tell) =>
      call.method === 'eth_getBlockByNumber' && call.params[0] === hex(90)
        ? { ...(tell() as object), parentHash: word(3) }
        : undefined,
    /block 90 names parent/,
    'paused',
  ],
]

describe('an endpoint that lies is set aside with its reason', () => {
  it.each(LIES)('%s', async (name, lie, reason, state) => {
    const { chain, endpoints, start } = await scene(100, 2)
    // Every header is fetched where links matter.
    const query = name.includes('link') ? { ...RANGE, blocks: 'all' as const } : RANGE
    const source = await start()
    endpoints[0]!.twist(lie)
    // Whichever is asked first, the liar is asked sooner or later.
    for (let i = 0; i < 6 && (await endpointsOf(source))[0]?.state === 'healthy'; i++) {
      expect(seen((await source.fetchRange(query)).blocks)).toEqual(truth(chain, RANGE.from, RANGE.to))
    }
    const [liar, honest] = await endpointsOf(source)
    expect(liar).toMatchObject({ state, reason: expect.stringMatching(reason) })
    expect(honest).toMatchObject({ state: 'healthy', reason: undefined })
    expect(JSON.stringify(await source.status())).not.toContain('KEY')
  })

  it('a wrong chain id, at the start: the other endpoint serves, and a source of nothing else ends with code 2', async () => {
    const { chain, endpoints, start } = await scene(100, [{ chainId: 56 }, {}])
    const source = await start()
    await until(async () => (await endpointsOf(source))[0]?.state === 'lying')
    expect((await endpointsOf(source))[0]?.reason).toBe('serves chain id 56, expected 1')
    expect(seen((await source.fetchRange(RANGE)).blocks)).toEqual(truth(chain, 10, 90))
    const alone = start({ endpoints: [{ url: endpoints[0]!.url }] })
    await expect(alone).rejects.toMatchObject({ exitCode: 2 })
  })

  it('logs that its own logsBloom excludes', async () => {
    const { chain, endpoints, start } = await scene(100, 2, {
      timed: false,
      transfers: (h) => (h % 3 === 0 ? 1 : 0),
    })
    const source = await start()
    // Block 13 has no transfer: one is invented, in a shape that everything but the bloom allows.
    endpoints[0]!.twist(
      logs((found) => {
        const invented = { ...found[0]!, blockNumber: hex(13), blockHash: chain.blocks[13]!.header.hash }
        return [found[0]!, invented, ...found.slice(1)]
      }),
    )
    for (let i = 0; i < 6 && (await endpointsOf(source))[0]?.state === 'healthy'; i++) {
      expect(seen((await source.fetchRange(RANGE)).blocks)).toEqual(truth(chain, 10, 90))
    }
    expect((await endpointsOf(source))[0]).toMatchObject({
      state: 'lying',
      reason: expect.stringMatching(/log 0 of block 13 has .*, which the block's logsBloom excludes/),
    })
  })

  it('logs left out, found by its own bloom and confirmed by another endpoint', async () => {
    const { chain, endpoints, start } = await scene(100, 2)
    const source = await start()
    endpoints[0]!.twist(logs((found) => found.filter((log) => log.blockNumber !== hex(90))))
    for (let i = 0; i < 6 && (await endpointsOf(source))[0]?.state === 'healthy'; i++) {
      expect(seen((await source.fetchRange(RANGE)).blocks)).toEqual(truth(chain, 10, 90))
    }
    expect((await endpointsOf(source))[0]?.reason).toMatch(/gave no log of block 90, whose bloom has them/)
  })

  it('logs left out by the only endpoint there is, shown by its receipts', async () => {
    const { chain, endpoints, start } = await scene(100, 1)
    const source = await start()
    let lying = true
    endpoints[0]!.twist(
      logs((found) => (lying ? found.filter((log) => log.blockNumber !== hex(90)) : undefined)),
    )
    const range = source.fetchRange(RANGE).catch((error: Error) => error)
    await until(async () => (await endpointsOf(source))[0]?.reason !== undefined)
    expect((await endpointsOf(source))[0]?.reason).toMatch(/block 90, whose bloom .* its receipts shows 1/)
    lying = false
    await range
    expect(seen((await source.fetchRange(RANGE)).blocks)).toEqual(truth(chain, 10, 90))
  })

  it('a bloom that speaks of a log that no one has accuses nobody', async () => {
    const { endpoints, start } = await scene(100, 2)
    const source = await start()
    const full = `0x${'ff'.repeat(256)}`
    for (const endpoint of endpoints) {
      endpoint.twist((call, tell) =>
        call.method === 'eth_getBlockByNumber' ? { ...(tell() as object), logsBloom: full } : undefined,
      )
    }
    await source.fetchRange({ from: 10, to: 91 })
    expect((await endpointsOf(source)).map(({ state }) => state)).toEqual(['healthy', 'healthy'])
  })

  it('logs changed in a way that only a second endpoint shows, in a sampled range: with receipts as the proof', async () => {
    const { chain, endpoints, start } = await scene(100, 2)
    const source = await start({ crossCheckEvery: 1 })
    endpoints[0]!.twist(logs((found) => found.map((log, i) => (i === 3 ? { ...log, data: word(666) } : log))))
    for (let i = 0; i < 6 && (await endpointsOf(source))[0]?.state === 'healthy'; i++) {
      expect(seen((await source.fetchRange(RANGE)).blocks)).toEqual(truth(chain, 10, 90))
    }
    const [liar, honest] = await endpointsOf(source)
    expect(liar).toMatchObject({
      state: 'lying',
      reason: expect.stringMatching(/tells other logs of block 21/),
    })
    expect(honest?.state).toBe('healthy')
  })

  it('and in a majority of three', async () => {
    const { chain, endpoints, start } = await scene(100, 3)
    const source = await start({ crossCheckEvery: 1 })
    const noReceipts: Twist = (call) => (call.method === 'eth_getBlockReceipts' ? [] : undefined)
    endpoints[1]!.twist(noReceipts)
    endpoints[2]!.twist(noReceipts)
    endpoints[0]!.twist(logs((found) => found.map((log, i) => (i === 3 ? { ...log, data: word(666) } : log))))
    for (let i = 0; i < 9 && (await endpointsOf(source))[0]?.state === 'healthy'; i++) {
      expect(seen((await source.fetchRange(RANGE)).blocks)).toEqual(truth(chain, 10, 90))
    }
    expect((await endpointsOf(source)).map(({ state }) => state)).toEqual(['lying', 'healthy', 'healthy'])
  })

  it('a head that goes back further than any reorg', async () => {
    const { endpoints, start } = await scene(100, 2)
    const source = await start()
    await until(async () => (await source.status()).headHeight === 100)
    const old = { number: hex(50), hash: word(50), parentHash: word(49), timestamp: hex(1_700_000_600) }
    endpoints[0]!.twist((call) =>
      call.method === 'eth_getBlockByNumber' && call.params[0] === 'latest'
        ? { ...old, transactions: [] }
        : undefined,
    )
    await until(async () => (await endpointsOf(source))[0]?.state === 'paused', 10_000)
    expect((await endpointsOf(source))[0]?.reason).toBe(
      'its head went back from block 100 to 50, deeper than any reorg',
    )
    expect((await source.status()).headHeight).toBe(100)
  })

  it('honest endpoints are never set aside, whatever is sampled', async () => {
    const { chain, start } = await scene(200, 3)
    const source = await start({
      crossCheckEvery: 1,
      filters: [...FILTERS, { topic0: [FILTERS[0]!.topic0[0]!] }],
    })
    for (const blocks of ['relevant', 'all'] as const) {
      for (const transactions of ['none', 'ofLogs', 'all'] as const) {
        const range = await source.fetchRange({ from: 0, to: 195, blocks, transactions, receipts: true })
        expect(seen(range.blocks)).toEqual(truth(chain, 0, 195))
      }
    }
    const { endpoints, crossChecks } = await source.status()
    expect(crossChecks).toBeGreaterThanOrEqual(6)
    expect(endpoints.map(({ state, failures }) => [state, failures])).toEqual(Array(3).fill(['healthy', 0]))
  })
})
