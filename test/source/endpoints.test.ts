/** Endpoints that die, hang, limit, refuse large ranges, or lack a method: the data comes all the same. */
import { describe, expect, it } from 'vitest'
import { isSampled } from '../../src/source/examine'
import { rateLimit } from '../../src/source/rate-limit'
import { failureOfError, failureOfStatus, suggestedBlocks } from '../../src/source/rpc-error'
import { hex, RpcError, TOKEN } from '../support/fake-chain'
import { endpointsOf, FILTERS, scene, seen, truth, until } from './source-of'

const FAILOVER_MS = 2_000

describe('failover', () => {
  it.each(['dies', 'hangs'] as const)(
    'an endpoint that %s in the middle costs less than 2 s',
    async (how) => {
      for (const wire of ['http', 'ws'] as const) {
        const { chain, endpoints, start } = await scene(400, 2)
        const source = await start({ wire })
        await until(async () => (await endpointsOf(source)).every(({ state }) => state === 'healthy'))
        await source.fetchRange({ from: 0, to: 50 })
        const [victim] = endpoints
        if (how === 'dies') await victim!.die()
        else victim!.hang(true)
        for (let from = 60; from < 360; from += 60) {
          const started = performance.now()
          const range = await source.fetchRange({ from, to: from + 30 })
          expect(performance.now() - started).toBeLessThan(FAILOVER_MS)
          expect(seen(range.blocks)).toEqual(truth(chain, from, from + 30))
        }
      }
    },
  )

  it('an endpoint that comes back is asked again after its pause', async () => {
    const { endpoints, start } = await scene(100, 1)
    const source = await start()
    let down = true
    endpoints[0]!.twist(() => {
      if (down) throw new RpcError(-32005, 'rate limit exceeded')
      return undefined
    })
    await expect(
      Promise.race([
        source.fetchRange({ from: 0, to: 9 }),
        new Promise((resolve) => setTimeout(resolve, 600, 'waits')),
      ]),
    ).resolves.toBe('waits')
    expect((await endpointsOf(source))[0]).toMatchObject({ state: 'paused', reason: 'rate limit exceeded' })
    down = false
    await until(async () => (await endpointsOf(source))[0]?.state === 'healthy')
    await source.fetchRange({ from: 0, to: 9 })
  })

  it('of two healthy endpoints the cheaper and the faster one is asked', async () => {
    const { endpoints, start } = await scene(300, 2)
    const [cheap, dear] = endpoints.map(({ url }) => url)
    const source = await start({
      endpoints: [
        { url: dear!, costWeight: 50 },
        { url: cheap!, costWeight: 1 },
      ],
    })
    await until(async () => (await endpointsOf(source)).every(({ state }) => state === 'healthy'))
    for (let from = 0; from < 200; from += 10) await source.fetchRange({ from, to: from + 9 })
    expect(endpoints[0]!.counts().eth_getLogs).toBe(20)
    expect(endpoints[1]!.counts().eth_getLogs).toBeUndefined()
  })
})

describe('rate limits', () => {
  it('no second holds more calls than the endpoint allows, batches counted by their calls', async () => {
    const { chain, endpoints, start } = await scene(300, 1, { timed: false })
    const rps = 40
    const source = await start({ endpoints: [{ url: endpoints[0]!.url, maxRequestsPerSec: rps }] })
    const range = await source.fetchRange({ from: 0, to: 290 })
    expect(seen(range.blocks)).toEqual(truth(chain, 0, 290))
    const times = endpoints[0]!.calls.map(({ atMs }) => atMs)
    expect(times.length).toBeGreaterThan(rps * 2)
    for (const from of times) {
      const inWindow = times.filter((at) => at >= from && at < from + 1_000).length
      expect(inWindow).toBeLessThanOrEqual(rps)
    }
    const tookMs = (times.at(-1) as number) - (times[0] as number)
    expect(times.length / (tookMs / 1000)).toBeGreaterThan(rps / 2)
  })

  it('the bucket gives out at most its rate in any window, whatever the pattern', async () => {
    let nowMs = 0
    const bucket = rateLimit(50, () => nowMs)
    const granted: number[] = []
    for (let i = 0; i < 500; i++) {
      nowMs += i % 7 === 0 ? 40 : 3
      if (bucket.waitMs(1) === 0) {
        void bucket.take(1)
        granted.push(nowMs)
      }
    }
    expect(granted.length).toBeGreaterThan(50)
    for (const from of granted) {
      expect(granted.filter((at) => at >= from && at < from + 1_000).length).toBeLessThanOrEqual(50)
    }
  })
})

describe('adaptive ranges', () => {
  it.each([
    ['blocks, with the number', 30, (n: number) => `query exceeds max block range ${n}`, -32000],
    [
      'blocks, with a range to try',
      30,
      (_: number, from: number) =>
        `Log response size exceeded. this block range should work: [${hex(from)}, ${hex(from + 19)}]`,
      -32602,
    ],
    ['blocks, without a number', 30, () => 'block range is too wide', -32000],
    ['results', 30, () => 'query returned more than 10000 results', -32005],
  ])('shrink on a limit of %s, and everything is there', async (_, limit, message, code) => {
    const { chain, endpoints, start } = await scene(400, 1)
    const source = await start()
    endpoints[0]!.twist(({ method, params }) => {
      if (method !== 'eth_getLogs') return undefined
      const { fromBlock, toBlock } = params[0] as { fromBlock: string; toBlock: string }
      if (Number(toBlock) - Number(fromBlock) >= limit)
        throw new RpcError(code, message(limit, Number(fromBlock)))
      return undefined
    })
    const range = await source.fetchRange({ from: 0, to: 390 })
    expect(seen(range.blocks)).toEqual(truth(chain, 0, 390))
    const [status] = await endpointsOf(source)
    expect(status).toMatchObject({ state: 'healthy', failures: 0 })
    expect(status!.rangeBlocks).toBeLessThan(limit * 1.5)
    // What was learned is used: few of the later requests are refused.
    endpoints[0]!.calls.length = 0
    await source.fetchRange({ from: 0, to: 390 })
    expect(endpoints[0]!.counts().eth_getLogs).toBeLessThan((391 / limit) * 4)
  })

  it('grow back when a range was small for want of a better reason', async () => {
    const { endpoints, start } = await scene(3_000, 1, { transfers: (h) => (h % 500 === 0 ? 1 : 0) })
    const source = await start()
    let strict = true
    endpoints[0]!.twist(({ method, params }) => {
      const { fromBlock, toBlock } = (params[0] ?? {}) as { fromBlock: string; toBlock: string }
      if (strict && method === 'eth_getLogs' && Number(toBlock) - Number(fromBlock) >= 8) {
        throw new RpcError(-32000, 'query timeout exceeded')
      }
      return undefined
    })
    await source.fetchRange({ from: 0, to: 100 })
    expect((await endpointsOf(source))[0]!.rangeBlocks).toBeLessThan(20)
    strict = false
    await source.fetchRange({ from: 0, to: 2_900 })
    expect((await endpointsOf(source))[0]!.rangeBlocks).toBeGreaterThan(200)
  })

  it('413 and 429 of HTTP are told apart', async () => {
    let requests = 0
    const { chain, endpoints, start } = await scene(200, [
      {
        httpStatus: (calls) => {
          const logs = calls.find(({ method }) => method === 'eth_getLogs')
          const { fromBlock, toBlock } = (logs?.params[0] ?? {}) as { fromBlock: string; toBlock: string }
          if (logs && Number(toBlock) - Number(fromBlock) > 40)
            return { status: 413, body: 'Payload Too Large' }
          requests++
          return requests === 4
            ? { status: 429, body: 'slow down', headers: { 'retry-after': '1' } }
            : undefined
        },
      },
    ])
    const source = await start()
    const started = performance.now()
    expect(seen((await source.fetchRange({ from: 0, to: 190 })).blocks)).toEqual(truth(chain, 0, 190))
    expect(performance.now() - started).toBeGreaterThan(900)
    expect((await endpointsOf(source))[0]!.rangeBlocks).toBeLessThanOrEqual(100)
    expect(endpoints[0]!.counts().eth_getLogs).toBeGreaterThan(4)
  })

  it('one block with more logs than any answer may hold is read from its receipts', async () => {
    const { chain, endpoints, start } = await scene(40, 1, { transfers: (h) => (h === 20 ? 50 : 1) })
    const source = await start()
    endpoints[0]!.twist(({ method, params }, tell) => {
      if (method !== 'eth_getLogs') return undefined
      const { fromBlock, toBlock } = params[0] as { fromBlock: string; toBlock: string }
      if (Number(fromBlock) <= 20 && Number(toBlock) >= 20)
        throw new RpcError(-32005, 'query returned more than 10 results')
      return tell()
    })
    expect(seen((await source.fetchRange({ from: 10, to: 30 })).blocks)).toEqual(truth(chain, 10, 30))
  })

  it('an endpoint without batches, and one without eth_getBlockReceipts, give the same', async () => {
    const query = { from: 0, to: 60, transactions: 'all', receipts: true } as const
    const plain = await scene(100, 1)
    const whole = await (await plain.start()).fetchRange(query)
    const poor = await scene(100, [{ batches: false }])
    poor.endpoints[0]!.twist(({ method, params }) => {
      if (method === 'eth_getBlockReceipts')
        throw new RpcError(-32601, 'the method eth_getBlockReceipts does not exist')
      if (method !== 'eth_getTransactionReceipt') return undefined
      return poor.chain.blocks.flatMap((block) => block.receipts).find((r) => r.transactionHash === params[0])
    })
    const same = await (await poor.start()).fetchRange(query)
    expect(same.blocks).toEqual(whole.blocks)
    expect(whole.blocks[5]!.transactions[0]).toMatchObject({
      nonce: 5,
      status: 1,
      gasUsed: 21000n,
      valueWei: 1n,
      input: '0xa9059cbb',
    })
  })
})

describe('what is asked for', () => {
  it('headers: two a range where logs tell the time, and those of blocks with logs where they do not', async () => {
    for (const [timed, most] of [
      [true, 2],
      [false, 35],
    ] as const) {
      const { endpoints, start } = await scene(110, 1, { timed })
      const source = await start()
      await until(async () => (await source.status()).headHeight === 110)
      const headersOf = () =>
        endpoints[0]!.calls.filter(
          ({ method, params }) => method === 'eth_getBlockByNumber' && params[0] !== 'latest',
        )
      await source.fetchRange({ from: 1, to: 100 })
      expect(headersOf().length).toBe(most)
      expect(headersOf().every(({ params }) => params[1] === false)).toBe(true)
    }
  })

  it('whole blocks only of those with wanted logs, when their transactions are wanted', async () => {
    const { endpoints, start } = await scene(110, 1)
    const source = await start()
    const range = await source.fetchRange({ from: 1, to: 100, transactions: 'ofLogs' })
    const full = endpoints[0]!.calls.filter(
      ({ method, params }) => method === 'eth_getBlockByNumber' && params[1],
    )
    expect(full.length).toBe(33)
    expect(range.blocks.filter(({ transactions }) => transactions.length === 1).length).toBe(33)
    expect(endpoints[0]!.counts().eth_getBlockReceipts).toBeUndefined()
  })

  it('new filters take effect with the next range', async () => {
    const { start } = await scene(110, 1)
    const source = await start({ filters: [] })
    expect((await source.fetchRange({ from: 1, to: 50 })).blocks.map(({ ref }) => ref.height)).toEqual([50])
    source.setFilters(FILTERS)
    expect((await source.fetchRange({ from: 1, to: 50 })).blocks.length).toBe(17)
  })

  it('what is not final, or no range, is refused', async () => {
    const { start } = await scene(50, 1)
    const source = await start()
    await expect(source.fetchRange({ from: 1, to: 46 })).rejects.toThrow(
      'block 46 of made is not final yet (final: 45)',
    )
    await expect(source.fetchRange({ from: 9, to: 8 })).rejects.toThrow(/not a range/)
  })

  it('parents are told where a neighbour or a header tells them, and unknown otherwise', async () => {
    const { chain, start } = await scene(110, 1, {
      transfers: (h) => (h === 20 || h === 21 || h === 30 ? 1 : 0),
    })
    const source = await start()
    const { blocks, parentHash, lastHash } = await source.fetchRange({ from: 10, to: 40 })
    expect(blocks.map(({ ref }) => [ref.height, ref.parentHash])).toEqual([
      [20, '0x'],
      [21, chain.blocks[20]!.header.hash],
      [30, '0x'],
      [40, chain.blocks[39]!.header.hash],
    ])
    expect([parentHash, lastHash]).toEqual([chain.blocks[9]!.header.hash, chain.blocks[40]!.header.hash])
  })
})

describe('verification', () => {
  it('passes an honest endpoint, and refuses a log whose receipts do not hash to the header', async () => {
    const { chain, endpoints, start } = await scene(100, 2)
    const source = await start({ verify: 'receipts' })
    expect(seen((await source.fetchRange({ from: 0, to: 60 })).blocks)).toEqual(truth(chain, 0, 60))
    expect((await source.status()).verifiedBlocks).toBe(21)
    // Consistent in logs and receipts; only the root shows it.
    const forge = (log: { address: string; data: string }) =>
      log.address === TOKEN ? { ...log, data: hex(1).padEnd(66, '0') } : log
    endpoints[0]!.twist(({ method }, tell) => {
      if (method === 'eth_getLogs') return (tell() as { address: string; data: string }[]).map(forge)
      if (method !== 'eth_getBlockReceipts') return undefined
      return (tell() as { logs: { address: string; data: string }[] }[]).map((receipt) => ({
        ...receipt,
        logs: receipt.logs.map(forge),
      }))
    })
    for (let i = 0; i < 6 && (await endpointsOf(source))[0]?.state === 'healthy'; i++) {
      expect(seen((await source.fetchRange({ from: 0, to: 60 })).blocks)).toEqual(truth(chain, 0, 60))
    }
    expect((await endpointsOf(source))[0]).toMatchObject({
      state: 'lying',
      reason: expect.stringMatching(/have root/),
    })
  })

  it('is refused for chains where it would mean nothing', async () => {
    const { start } = await scene(20, [{ chainId: 137 }])
    const polygon = { id: 137, name: 'polygon', finalityDepthBlocks: 5, blockTimeSec: 2 }
    await expect(start({ chain: polygon, verify: 'receipts' })).rejects.toMatchObject({
      exitCode: 2,
      hint: 'set PLIMSOLL_POLYGON_VERIFY=none',
    })
  })
})

describe('refusals of providers', () => {
  it.each([
    ['too-large', -32005, 'query returned more than 10000 results', undefined],
    ['too-large', -32000, 'query exceeds max block range 10000', 10_000],
    ['too-large', -32601, 'query exceeds max block range 10000', 10_000],
    ['too-large', -32600, 'You can make eth_getLogs requests with up to a 2,000 block range.', 2_000],
    [
      'too-large',
      -32602,
      'Log response size exceeded. Based on your parameters, this block range should work: [0x64, 0x77]',
      20,
    ],
    ['too-large', -32614, 'eth_getLogs is limited to a 10,000 range', undefined],
    ['too-large', -32000, 'block range is too wide', undefined],
    ['too-large', -32000, 'exceed maximum block range: 5000', 5_000],
    [
      'too-large',
      -32000,
      'One of the blocks specified in filter (fromBlock, toBlock or blockHash) range is too large',
      undefined,
    ],
    ['rate-limit', 429, 'Your app has exceeded its compute units per second capacity', undefined],
    ['rate-limit', -32005, 'daily request count exceeded, request rate limited', undefined],
    ['rate-limit', -32007, '50/second request limit reached - reduce calls per second', undefined],
    ['behind', -32000, 'header not found', undefined],
    ['behind', -32000, 'unknown block', undefined],
    ['unsupported', -32601, 'the method eth_getBlockReceipts does not exist/is not available', undefined],
    ['timeout', -32000, 'execution aborted (timeout = 5s)', undefined],
    ['refused', 3, 'execution reverted', undefined],
  ])('%s: %s %s', (kind, code, message, blocks) => {
    const failure = failureOfError({ code, message })
    expect(failure.kind).toBe(kind)
    expect(suggestedBlocks(message)).toBe(blocks)
  })

  it('HTTP statuses', () => {
    expect(failureOfStatus(413, '', undefined).kind).toBe('too-large')
    expect(failureOfStatus(429, '', '7')).toMatchObject({ kind: 'rate-limit', retryAfterMs: 7_000 })
    expect(failureOfStatus(503, '', undefined).kind).toBe('connection')
    expect(failureOfStatus(504, '', undefined).kind).toBe('timeout')
    expect(failureOfStatus(401, 'no', undefined).message).toContain('is the key right?')
  })

  it('samples one range in so many, the same in every run', () => {
    const sampled = Array.from({ length: 50_000 }, (_, i) => i * 500).filter((from) => isSampled(from, 7, 50))
    expect(sampled.length).toBeGreaterThan(800)
    expect(sampled.length).toBeLessThan(1_200)
    expect(sampled).toEqual(sampled.filter((from) => isSampled(from, 7, 50)))
    expect(sampled.filter((from) => isSampled(from, 8, 50)).length).toBeLessThan(100)
  })
})
