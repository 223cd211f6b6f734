/** The hot tail: heads by announcement and by polling, reorgs of the same height, and the endpoint that evm-processor asks. */
import { afterEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import type { Source } from '../../src/source/types'
import { FOREIGN_TOPIC, hex, RpcError, TOKEN, TOPIC } from '../support/fake-chain'
import { endpointsOf, scene, until } from './source-of'

interface Client {
  ask(method: string, ...params: unknown[]): Promise<unknown>
  batch(calls: [string, ...unknown[]][]): Promise<unknown[]>
  heads: { number: string; hash: string; parentHash: string; atMs: number }[]
  close(): void
}

const clients: Client[] = []
afterEach(() => {
  for (const client of clients.splice(0)) client.close()
})

async function connect(source: Source, headers: Record<string, string> = {}): Promise<Client> {
  const socket = new WebSocket(source.rpcUrl as string, { headers })
  const waiting = new Map<number, (response: Record<string, unknown>) => void>()
  const heads: Client['heads'] = []
  let lastId = 0
  socket.on('message', (data) => {
    const parsed = JSON.parse(data.toString())
    for (const response of [parsed].flat()) {
      if (response.method === 'eth_subscription')
        heads.push({ ...response.params.result, atMs: performance.now() })
      else waiting.get(response.id)?.(response)
    }
  })
  await new Promise((resolve, reject) => {
    socket.on('open', resolve)
    socket.on('error', reject)
  })
  const reply = (id: number) =>
    new Promise<unknown>((resolve, reject) => {
      waiting.set(id, (response) => {
        const error = response.error as { code: number; message: string } | undefined
        if (error) reject(new RpcError(error.code, error.message))
        else resolve(response.result)
      })
    })
  const client: Client = {
    heads,
    ask(method, ...params) {
      const id = ++lastId
      socket.send(JSON.stringify({ jsonrpc: '2.0', id, method, params }))
      return reply(id)
    },
    batch(calls) {
      const asked = calls.map(([method, ...params]) => ({ jsonrpc: '2.0', id: ++lastId, method, params }))
      socket.send(JSON.stringify(asked))
      return Promise.all(asked.map(({ id }) => reply(id)))
    },
    close: () => socket.terminate(),
  }
  clients.push(client)
  return client
}

describe('heads', () => {
  it.each(['http', 'ws'] as const)(
    'over %s: every new head, and a reorg to the same height, is announced',
    async (wire) => {
      const { chain, start } = await scene(20, 1)
      const source = await start({ wire })
      const client = await connect(source)
      await client.ask('eth_subscribe', 'newHeads')
      await until(() => client.heads.at(-1)?.hash === chain.head().header.hash)
      await chain.mine()
      await until(() => client.heads.at(-1)?.hash === chain.head().header.hash)
      const before = chain.head().header
      await chain.reorg(1)
      expect(chain.head().header.number).toBe(before.number)
      await until(() => client.heads.at(-1)?.hash === chain.head().header.hash)
      expect(await client.ask('eth_blockNumber')).toBe(hex(21))
      expect(await client.ask('eth_getBlockByNumber', hex(21), false)).toMatchObject({
        hash: chain.head().header.hash,
      })
    },
  )

  it('another endpoint takes over in less than 2 s when the one that leads dies or falls silent', async () => {
    for (const how of ['dies', 'hangs', 'stalls'] as const) {
      const { chain, endpoints, start } = await scene(20, 2)
      const source = await start({ wire: 'ws' })
      await until(async () => (await endpointsOf(source)).every(({ state }) => state === 'healthy'))
      const client = await connect(source)
      await client.ask('eth_subscribe', 'newHeads')
      await until(() => client.heads.length > 0)
      if (how === 'dies') await endpoints[0]!.die()
      else endpoints[0]!.hang(true)
      await chain.mine()
      if (how === 'stalls') await chain.mine(2)
      const minedAtMs = performance.now()
      while (
        client.heads.at(-1)?.hash !== chain.head().header.hash &&
        performance.now() - minedAtMs < 4_000
      ) {
        await chain.mine()
        await new Promise((resolve) => setTimeout(resolve, 150))
      }
      expect(performance.now() - minedAtMs, how).toBeLessThan(2_500)
      expect(await client.ask('eth_getBlockByNumber', chain.head().header.number, true)).toMatchObject({
        hash: chain.head().header.hash,
      })
    }
  })

  it('what was read of one block is fetched of the next as soon as it is announced, and not again when it is read', async () => {
    const { chain, endpoints, start } = await scene(20, 1)
    const source = await start({ wire: 'ws' })
    const client = await connect(source)
    await client.ask('eth_subscribe', 'newHeads')
    const askedOf = (number: string) =>
      endpoints[0]!.calls
        .filter(({ method, params }) => /ByNumber|Receipts/.test(method) && params[0] === number)
        .map(({ method }) => method)
    for (let i = 0; i < 20; i++) {
      await chain.mine()
      const { header } = chain.head()
      await until(() => client.heads.at(-1)?.hash === header.hash)
      if (i > 0) await until(() => askedOf(header.number).includes('eth_getBlockReceipts'))
      const [block] = await client.batch([['eth_getBlockByNumber', header.number, true]])
      const receipts = await client.ask('eth_getBlockReceipts', header.number)
      expect([(block as { hash: string }).hash, (receipts as unknown[]).length]).toEqual([header.hash, 1])
      expect(askedOf(header.number).sort()).toEqual(['eth_getBlockByNumber', 'eth_getBlockReceipts'])
    }
  })
})

describe('the endpoint', () => {
  it('answers what evm-processor asks, logs with our filters in place of none', async () => {
    const { chain, endpoints, start } = await scene(30, 1)
    const source = await start()
    const client = await connect(source)
    expect(await client.ask('eth_chainId')).toBe('0x1')
    expect(await client.ask('eth_blockNumber')).toBe(hex(30))
    const blocks = await client.batch([27, 28, 29, 30, 31].map((n) => ['eth_getBlockByNumber', hex(n), true]))
    expect(blocks.map((block) => (block as { hash?: string } | null)?.hash)).toEqual([
      ...[27, 28, 29, 30].map((n) => chain.blocks[n]!.header.hash),
      undefined,
    ])
    const logs = (await client.ask('eth_getLogs', { fromBlock: hex(20), toBlock: hex(30) })) as {
      blockNumber: string
      address: string
    }[]
    expect(logs.map(({ blockNumber, address }) => [Number(blockNumber), address])).toEqual(
      [21, 24, 27, 30].map((n) => [n, TOKEN]),
    )
    for (const { params } of endpoints[0]!.calls.filter(({ method }) => method === 'eth_getLogs')) {
      expect(params[0]).toMatchObject({ address: [TOKEN], topics: [[TOPIC]] })
    }
    const wide = await client.ask('eth_getLogs', { fromBlock: '0x0', toBlock: hex(100) })
    expect((wide as unknown[]).length).toBe(11)
    expect(await client.ask('eth_getBlockReceipts', 'latest')).toEqual(chain.head().receipts)
    expect(await client.ask('eth_getBlockByHash', chain.blocks[5]!.header.hash, false)).toMatchObject({
      number: '0x5',
    })
    await expect(client.ask('alchemy_getTransactionReceipts', {})).rejects.toThrow(/is not passed on/)
  })

  it('asks with new filters as soon as they are set', async () => {
    const { start } = await scene(30, 1)
    const source = await start()
    const client = await connect(source)
    const ask = () =>
      client.ask('eth_getLogs', { fromBlock: hex(29), toBlock: hex(30) }) as Promise<{ topics: string[] }[]>
    expect((await ask()).length).toBe(1)
    source.setFilters([{ topic0: [FOREIGN_TOPIC, TOPIC] }])
    expect((await ask()).map(({ topics }) => topics[0])).toEqual([FOREIGN_TOPIC, TOPIC, FOREIGN_TOPIC])
  })

  it('after a reorg it gives the logs of the new block, never those of the old', async () => {
    const { chain, start } = await scene(30, 1, { transfers: () => 2 })
    const source = await start({ wire: 'ws' })
    const client = await connect(source)
    await client.ask('eth_subscribe', 'newHeads')
    for (const depth of [1, 3, 2]) {
      await client.ask('eth_getLogs', { fromBlock: hex(26), toBlock: hex(30) })
      await chain.reorg(depth)
      await until(() => client.heads.at(-1)?.hash === chain.head().header.hash)
      const blocks = await client.batch(
        [26, 27, 28, 29, 30].map((n) => ['eth_getBlockByNumber', hex(n), false]),
      )
      const logs = await client.ask('eth_getLogs', { fromBlock: hex(26), toBlock: hex(30) })
      const hashes = blocks.map((block) => (block as { hash: string }).hash)
      expect(hashes).toEqual(chain.blocks.slice(26).map(({ header }) => header.hash))
      expect([...new Set((logs as { blockHash: string }[]).map(({ blockHash }) => blockHash))]).toEqual(
        hashes,
      )
    }
  })

  it('a node’s refusal of a call is passed on and blames no endpoint', async () => {
    const { endpoints, start } = await scene(30, 1)
    const source = await start()
    endpoints[0]!.twist(({ method }) => {
      if (method === 'eth_call') throw new RpcError(3, 'execution reverted')
      return undefined
    })
    const client = await connect(source)
    for (let i = 0; i < 8; i++) {
      await expect(client.ask('eth_call', { to: TOKEN }, 'latest')).rejects.toMatchObject({
        code: 3,
        message: 'execution reverted',
      })
    }
    expect((await endpointsOf(source))[0]).toMatchObject({ state: 'healthy' })
  })

  it('writes nothing, and answers no browser', async () => {
    const { endpoints, start } = await scene(30, 1)
    const source = await start()
    const client = await connect(source)
    await expect(client.ask('eth_sendRawTransaction', '0x00')).rejects.toThrow(/is not passed on/)
    await expect(client.ask('anvil_reset')).rejects.toThrow(/is not passed on/)
    expect(endpoints[0]!.counts().eth_sendRawTransaction).toBeUndefined()
    await expect(connect(source, { origin: 'https://evil.example' })).rejects.toThrow(/401/)
  })

  /** Two endpoints of which the first leads, because the second was not there at the start. */
  async function ledByFirst() {
    const { chain, endpoints, start } = await scene(30, 2)
    endpoints[1]!.twist(() => {
      throw new RpcError(-32005, 'rate limit')
    })
    const source = await start()
    endpoints[1]!.twist(undefined)
    await until(async () => (await source.status()).headHeight === 30)
    await until(async () => (await endpointsOf(source)).every(({ state }) => state === 'healthy'))
    return { chain, source, first: endpoints[0]!, client: await connect(source) }
  }

  it('logs that the block’s bloom excludes are read from another endpoint', async () => {
    const { chain, source, first, client } = await ledByFirst()
    const { hash } = chain.blocks[28]!.header
    const invented = { ...chain.blocks[3]!.logs[0], blockNumber: hex(28), blockHash: hash, topics: [TOPIC] }
    first.twist(({ method }) => (method === 'eth_getLogs' ? [invented] : undefined))
    expect(await client.ask('eth_getLogs', { fromBlock: hex(28), toBlock: hex(28) })).toEqual([])
    expect((await endpointsOf(source))[0]).toMatchObject({
      state: 'lying',
      reason: expect.stringMatching(/logsBloom excludes/),
    })
  })

  it('logs that the endpoint leaves out, though the bloom has them, are not taken for none', async () => {
    const { source, first, client } = await ledByFirst()
    first.twist(({ method }) => (method === 'eth_getLogs' ? [] : undefined))
    const ask = () => client.ask('eth_getLogs', { fromBlock: hex(30), toBlock: hex(30) })
    await expect(ask()).rejects.toThrow(/logs of block 30 were left out; ask again/)
    expect((await endpointsOf(source))[0]).toMatchObject({
      state: 'paused',
      reason: expect.stringMatching(/gave no log of block 30/),
    })
    expect(((await ask()) as unknown[]).length).toBe(1)
  })

  it('receipts that do not hash to the header are refused in the hot tail too', async () => {
    const { chain, endpoints, start } = await scene(30, 2)
    const source = await start({ verify: 'receipts', wire: 'ws' })
    await until(async () => (await endpointsOf(source)).every(({ state }) => state === 'healthy'))
    const client = await connect(source)
    const forge = (_: unknown, tell: () => unknown) =>
      (tell() as { gasUsed: string; cumulativeGasUsed: string }[]).map((receipt) => ({
        ...receipt,
        cumulativeGasUsed: '0x1',
      }))
    endpoints[0]!.twist((call, tell) =>
      call.method === 'eth_getBlockReceipts' ? forge(call, tell) : undefined,
    )
    for (let i = 0; i < 8; i++) {
      await chain.mine()
      const { header, receipts } = chain.head()
      await until(async () => (await source.status()).headHeight === Number(header.number))
      await client.ask('eth_getBlockByNumber', header.number, true)
      expect(await client.ask('eth_getBlockReceipts', header.number)).toEqual(receipts)
    }
    expect((await source.status()).verifiedBlocks).toBeGreaterThan(0)
  })
})
