/** The source in its own thread gives what the source gives; ranges survive being packed. */
import fc from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Hex } from '../../src/chains/types'
import type { SourceBlock } from '../../src/processor/block'
import { packRange, unpackRange } from '../../src/source/packed-range'
import { startSourceThread } from '../../src/source/thread'
import type { Source, SourceOptions } from '../../src/source/types'
import { FILTERS, scene, seen, truth } from './source-of'

const bytes = (length: number) =>
  fc
    .uint8Array({ minLength: length, maxLength: length })
    .map((b): Hex => `0x${Buffer.from(b).toString('hex')}`)

const blockOf = fc
  .record({
    height: fc.nat(),
    hash: bytes(32),
    parentHash: fc.oneof(bytes(32), fc.constant('0x' as Hex)),
    timestampSec: fc.nat(),
    logs: fc.array(
      fc.record({
        logIndex: fc.nat(),
        txIndex: fc.nat(),
        txHash: bytes(32),
        address: bytes(20),
        topics: fc.array(bytes(32), { maxLength: 4 }),
        data: fc.oneof(fc.constant('0x' as Hex), bytes(64)),
      }),
      { maxLength: 6 },
    ),
    transactions: fc.array(
      fc.record({
        txIndex: fc.nat(),
        hash: bytes(32),
        from: bytes(20),
        valueWei: fc.bigInt({ min: 0n, max: 2n ** 256n - 1n }),
      }),
      { maxLength: 3 },
    ),
  })
  .map(({ logs, transactions, ...rest }): SourceBlock => {
    const ref = { chainId: 1, ...rest }
    return {
      ref,
      logs: logs.map((log) => ({ block: ref, ...log })),
      transactions: transactions.map((tx) => ({ block: ref, ...tx })),
    }
  })

describe('packing', () => {
  it('gives back what was packed, through a structured clone', () => {
    fc.assert(
      fc.property(fc.array(blockOf, { minLength: 1, maxLength: 5 }), bytes(32), (blocks, hash) => {
        const range = { from: 1, to: 9, blocks, parentHash: hash, lastHash: hash, endpoint: 'e' }
        expect(unpackRange(structuredClone(packRange(range)))).toEqual(range)
      }),
    )
  })
})

async function thread(options: SourceOptions): Promise<Source> {
  const source = await startSourceThread(options)
  onTestFinished(() => source.close())
  return source
}

const CHAIN = { id: 1, name: 'made', finalityDepthBlocks: 5, blockTimeSec: 1 }

describe('a source in a thread', () => {
  it('serves ranges, URLs, filters and status as the source itself does', async () => {
    const { chain, endpoints, start } = await scene(900, 1)
    const specs = endpoints.map(({ url }) => ({ url }))
    const source = await thread({ chain: CHAIN, endpoints: specs, filters: FILTERS, verify: 'none' })
    const own = await start()
    expect(await source.finalizedHeight()).toBe(895)
    const query = { from: 0, to: 890, transactions: 'ofLogs', receipts: true } as const
    expect((await source.fetchRange(query)).blocks).toEqual((await own.fetchRange(query)).blocks)
    const parts = []
    for await (const part of source.fetchRanges({ from: 0, to: 890 })) parts.push(...part.blocks)
    expect(seen(parts)).toEqual(truth(chain, 0, 890))
    // A reader that stops early leaves nothing behind that disturbs the next.
    for await (const part of source.fetchRanges({ from: 0, to: 890 })) {
      expect(part.from).toBe(0)
      break
    }
    expect(Number(await (await fetch(`${source.gatewayUrl}/height`)).text())).toBe(895)
    expect(source.rpcUrl).toMatch(/^ws:\/\/127\.0\.0\.1:\d+$/)
    source.setFilters([])
    expect((await source.fetchRange({ from: 0, to: 90 })).blocks.length).toBe(1)
    expect((await source.status()).endpoints[0]).toMatchObject({ state: 'healthy' })
    await expect(source.fetchRange({ from: 5, to: 4 })).rejects.toThrow(/not a range/)
  })

  it('fails to start as the source does, and after the end says so', async () => {
    const { endpoints } = await scene(20, [{ chainId: 9 }, {}])
    const [wrong, good] = endpoints.map(({ url }) => [{ url }])
    const options = { chain: CHAIN, filters: FILTERS, verify: 'none' } as const
    await expect(thread({ ...options, endpoints: wrong! })).rejects.toMatchObject({
      exitCode: 2,
      details: [expect.stringMatching(/serves chain id 9, expected 1/)],
    })
    const source = await startSourceThread({ ...options, endpoints: good! })
    await source.close()
    await expect(source.fetchRange({ from: 0, to: 1 })).rejects.toThrow(/has ended/)
  })
})
