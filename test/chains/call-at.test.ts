/** Calls at past blocks: what a real node answers, and what endpoints that are pruned, old-fashioned or hostile do to us. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { encodeFunctionData, parseAbi } from 'viem'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { startWorld, type World } from '../../demo/world'
import { type CallAt, createCaller } from '../../src/chains/call-at'
import { chainClient } from '../../src/chains/client'
import type { Hex } from '../../src/chains/types'
import { reorg } from '../support/reorg'

const abi = parseAbi(['function getAssetPrice(address) view returns (uint256)'])
const data = (asset: Hex): Hex => encodeFunctionData({ abi, functionName: 'getAssetPrice', args: [asset] })
const NOBODY: Hex = '0x00000000000000000000000000000000000000dd'

describe('at a real node', () => {
  let world: World
  beforeAll(async () => {
    world = await startWorld({ chain: 'harbor', seed: 5, mining: 'manual' })
    for (let turn = 0; turn < 20; turn++) await world.step()
  })
  afterAll(async () => void (await world?.stop()))

  const at = async (height: number, asset: Hex): Promise<CallAt> => {
    const { hash } = await world.client.getBlock({ blockNumber: BigInt(height) })
    return { height, hash, to: world.addresses.aave.oracle, data: data(asset) }
  }

  it.each(['http', 'ws'])('each block over %s gives the price of its own state', async (kind) => {
    const caller = createCaller(chainClient(kind === 'ws' ? world.wsUrl : world.rpcUrl))
    const weth = world.addresses.assets[0]!.token
    const heights = Array.from({ length: 18 }, (_, i) => 14 + i)
    const answers = await caller.ask(await Promise.all(heights.map((height) => at(height, weth))))
    const prices = new Set<bigint>()
    for (const [i, height] of heights.entries()) {
      const price = await world.client.readContract({
        ...{ abi, address: world.addresses.aave.oracle, functionName: 'getAssetPrice', args: [weth] },
        blockNumber: BigInt(height),
      })
      const answer = answers[i]!
      expect(answer.kind === 'result' && BigInt(answer.result)).toBe(price)
      prices.add(price)
    }
    expect(prices.size).toBeGreaterThan(5)
  })

  it('a contract that reverts has refused, an account without code has answered nothing', async () => {
    const caller = createCaller(chainClient(world.rpcUrl))
    const reverting = await at(20, NOBODY)
    const answers = await caller.ask([reverting, { ...reverting, to: NOBODY }])
    expect(answers).toEqual([{ kind: 'refused' }, { kind: 'result', result: '0x' }])
  })

  it('a block that a reorg removed is not answered from the block that took its height', async () => {
    const caller = createCaller(chainClient(world.rpcUrl))
    const height = Number(await world.client.getBlockNumber())
    const call = await at(height, world.addresses.assets[0]!.token)
    await reorg(world, 2)
    expect((await caller.ask([call]))[0]?.kind).toBe('unavailable')
    expect((await caller.ask([{ ...call, hash: undefined }]))[0]?.kind).toBe('result')
  })

  it('gives headers by number and by hash, and none of another block', async () => {
    const caller = createCaller(chainClient(world.rpcUrl))
    const block = await world.client.getBlock({ blockNumber: 15n })
    const header = { hash: block.hash, parentHash: block.parentHash, timestampSec: Number(block.timestamp) }
    expect(await caller.header(15, undefined)).toEqual(header)
    expect(await caller.header(15, block.hash!)).toEqual(header)
    expect(await caller.header(14, block.hash!)).toBeUndefined()
    expect(await caller.header(9_999_999, undefined)).toBeUndefined()
  })
})

interface Asked {
  method: string
  params: [{ to: Hex; gas?: Hex }, unknown]
}
type Reply = { result: unknown } | { error: { code: number; message: string } } | undefined

describe('at an endpoint that', () => {
  const servers: Server[] = []
  afterEach(() => {
    for (const server of servers.splice(0)) {
      server.closeAllConnections()
      server.close()
    }
  })

  /** JSON-RPC whose replies are ours; undefined never answers. */
  async function endpoint(reply: (asked: Asked) => Reply): Promise<{ url: string; asked: Asked[] }> {
    const asked: Asked[] = []
    const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
      let body = ''
      for await (const chunk of request) body += chunk
      const parsed = JSON.parse(body) as (Asked & { id: number }) | (Asked & { id: number })[]
      const calls = Array.isArray(parsed) ? parsed : [parsed]
      const replies = calls.map((call) => {
        asked.push(call)
        return { id: call.id, reply: reply(call) }
      })
      if (replies.some((one) => one.reply === undefined)) return
      const answers = replies.map(({ id, reply: said }) => ({ jsonrpc: '2.0', id, ...said }))
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify(Array.isArray(parsed) ? answers : answers[0]))
    }
    const server = createServer((request, response) => {
      serve(request, response).catch(() => response.destroy())
    })
    servers.push(server)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked }
  }

  const hash = (height: number): Hex => `0x${height.toString(16).padStart(64, '0')}`
  const call = (height: number): CallAt => ({ height, hash: hash(height), to: NOBODY, data: '0x01' })
  const calls = (count: number): CallAt[] => Array.from({ length: count }, (_, i) => call(i + 1))

  it('has no archive: one trouble is told, older blocks are not asked, newer ones are', async () => {
    const { url, asked } = await endpoint(({ params }) => {
      const height = Number((params[1] as { blockHash: Hex }).blockHash)
      if (height > 900) return { result: hash(7) }
      return { error: { code: -32000, message: 'missing trie node 0xabc (path ) state is not available' } }
    })
    const told: string[] = []
    const caller = createCaller(chainClient(url), { onTrouble: (what) => told.push(what) })
    const answers = await caller.ask(calls(2_000).slice(0, 1_000))
    expect(answers.slice(900).every((answer) => answer?.kind === 'result')).toBe(true)
    expect(answers.slice(0, 900).every((answer) => answer?.kind === 'unavailable')).toBe(true)
    expect(asked.length).toBeLessThan(600)
    expect(told).toEqual([expect.stringContaining('no state of block')])
    const before = asked.length
    await caller.ask(calls(300))
    expect(asked.length).toBe(before)
  })

  it('knows no block hashes in eth_call is asked by number from then on', async () => {
    const { url } = await endpoint(({ params }) =>
      typeof params[1] === 'string'
        ? { result: hash(Number(params[1])) }
        : {
            error: {
              code: -32602,
              message: 'invalid argument 1: json: cannot unmarshal object into Go value of type string',
            },
          },
    )
    const caller = createCaller(chainClient(url))
    const answers = await caller.ask(calls(20))
    expect(answers.map((answer) => answer?.kind === 'result' && Number(answer.result))).toEqual(
      Array.from({ length: 20 }, (_, i) => i + 1),
    )
  })

  it('never answers holds us up for a bounded time, and then is left alone', async () => {
    const { url, asked } = await endpoint(() => undefined)
    const told: string[] = []
    const caller = createCaller(chainClient(url), {
      stallMs: 200,
      pauseMs: 60_000,
      onTrouble: (what) => told.push(what),
    })
    const startMs = Date.now()
    expect(await caller.ask(calls(500))).toEqual(Array.from({ length: 500 }, () => undefined))
    expect(Date.now() - startMs).toBeLessThan(2_000)
    const before = asked.length
    expect(await caller.ask(calls(500))).toHaveLength(500)
    expect(await caller.header(1, undefined)).toBeUndefined()
    expect(asked.length).toBe(before)
    expect(told).toHaveLength(1)
  })

  it('gives no header in time is left alone as well', async () => {
    const { url, asked } = await endpoint(() => undefined)
    const caller = createCaller(chainClient(url), { stallMs: 100 })
    expect(await caller.header(1, undefined)).toBeUndefined()
    const before = asked.length
    expect(await caller.ask(calls(5))).toEqual(Array.from({ length: 5 }, () => undefined))
    expect(asked.length).toBe(before)
  })

  it('sees every block as unknown is given up as well', async () => {
    const { url } = await endpoint(() => ({ error: { code: -32000, message: 'header not found' } }))
    const caller = createCaller(chainClient(url), { stallMs: 300 })
    const startMs = Date.now()
    const answers = await caller.ask(calls(3_000))
    expect(Date.now() - startMs).toBeLessThan(3_000)
    expect(answers.some((answer) => answer?.kind === 'result' || answer?.kind === 'refused')).toBe(false)
  })

  it('is a block behind is asked again', async () => {
    let tries = 0
    const { url } = await endpoint(() =>
      ++tries < 3 ? { error: { code: -32000, message: 'header not found' } } : { result: hash(5) },
    )
    expect(await createCaller(chainClient(url)).ask([call(9)])).toEqual([{ kind: 'result', result: hash(5) }])
  })

  it.each([
    ['megabytes', `0x${'ab'.repeat(1_000_000)}`],
    ['no hex', 'hello'],
    ['an object', { evil: true }],
    ['null', null],
  ])('answers %s has answered nothing', async (_what, result) => {
    const { url } = await endpoint(() => ({ result }))
    expect(await createCaller(chainClient(url)).ask([call(9)])).toEqual([{ kind: 'result', result: '0x' }])
  })

  it('is told how much gas a call may burn, and answers once for what is asked twice', async () => {
    const { url, asked } = await endpoint(() => ({ result: hash(5) }))
    const caller = createCaller(chainClient(url))
    const first = await caller.ask([call(9)])
    expect(await caller.ask([call(9)])).toEqual(first)
    expect(asked).toHaveLength(1)
    expect(Number(asked[0]!.params[0].gas)).toBe(10_000_000)
  })
})
