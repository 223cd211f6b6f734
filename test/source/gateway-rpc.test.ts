/** The source's gateway: the same blocks over the gateway protocol, upstream gateways passed through. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Source } from '../../src/source/types'
import { hex, TOKEN, TOPIC } from '../support/fake-chain'
import { FILTERS, scene } from './source-of'

interface GatewayBlock {
  header: { number: number; hash: string; parentHash: string; timestamp: number }
  logs: { logIndex: number; transactionIndex: number; address: string; topics: string[]; data: string }[]
  transactions: {
    transactionIndex: number
    hash: string
    sighash: string
    gasUsed?: string
    status?: number
    nonce: number
  }[]
}

async function query(
  source: Source,
  body: { fromBlock: number; [field: string]: unknown },
): Promise<GatewayBlock[]> {
  const worker = await (await fetch(`${source.gatewayUrl}/${body.fromBlock}/worker`)).text()
  const response = await fetch(worker, { method: 'POST', body: JSON.stringify(body) })
  const text = await response.text()
  expect(response.status, text).toBe(200)
  return JSON.parse(text)
}

const LOGS = { logs: [{ address: [TOKEN], topic0: [TOPIC] }] }

describe('the gateway over RPC endpoints', () => {
  it('reads a chain to its final block, each answer continuing the last', async () => {
    const { chain, start } = await scene(900, 1)
    const source = await start()
    const height = Number(await (await fetch(`${source.gatewayUrl}/height`)).text())
    expect(height).toBe(895)
    const blocks: GatewayBlock[] = []
    for (let from = 0; from <= height; ) {
      const answer = await query(source, { fromBlock: from, ...LOGS })
      blocks.push(...answer)
      from = (blocks.at(-1)?.header.number ?? 0) + 1
    }
    const withLogs = blocks.filter(({ logs }) => logs.length > 0)
    expect(withLogs.map(({ header }) => header.number)).toEqual(Array.from({ length: 299 }, (_, i) => i * 3))
    const block = chain.blocks[300]!
    const { header, logs, transactions } = blocks.find(({ header }) => header.number === 300)!
    expect(header).toMatchObject({ hash: block.header.hash, timestamp: Number(block.header.timestamp) })
    expect(logs).toEqual([
      {
        logIndex: 0,
        transactionIndex: 0,
        transactionHash: block.transactions[0]!.hash,
        address: TOKEN,
        data: block.logs[0]!.data,
        topics: block.logs[0]!.topics,
      },
    ])
    expect(transactions).toEqual([])
    expect(blocks.at(-1)!.header.number).toBe(895)
  })

  it('gives transactions, receipts and all blocks where they are asked for', async () => {
    const { chain, start } = await scene(60, 1)
    const source = await start()
    const fields = { transaction: { hash: true, gasUsed: true, status: true } }
    const logs = [{ ...LOGS.logs[0], transaction: true }]
    const some = await query(source, { fromBlock: 10, toBlock: 20, logs, fields })
    expect(some.map(({ header, transactions }) => [header.number, transactions.length])).toEqual([
      [12, 1],
      [15, 1],
      [18, 1],
      [20, 0],
    ])
    expect(some[0]!.transactions[0]).toMatchObject({
      gasUsed: '0x5208',
      status: 1,
      nonce: 12,
      sighash: '0xa9059cbb',
    })
    const all = await query(source, {
      fromBlock: 10,
      toBlock: 20,
      logs,
      transactions: [{}],
      includeAllBlocks: true,
      fields,
    })
    expect(all.map(({ header }) => [header.number, header.parentHash])).toEqual(
      chain.blocks.slice(10, 21).map((block) => [Number(block.header.number), block.header.parentHash]),
    )
    expect(all.every(({ transactions }) => transactions.length === 1)).toBe(true)
    const hashOnly = await query(source, { fromBlock: 11, toBlock: 11, includeAllBlocks: true })
    expect(hashOnly).toEqual([
      {
        header: expect.objectContaining({ number: 11, hash: chain.blocks[11]!.header.hash }),
        logs: [],
        transactions: [],
      },
    ])
  })

  it('new filters are in the next answer, also where blocks had been fetched ahead', async () => {
    const { start } = await scene(12_000, 1)
    const source = await start({ filters: [] })
    const first = await query(source, { fromBlock: 0, ...LOGS })
    source.setFilters(FILTERS)
    const next = (first.at(-1)?.header.number ?? 0) + 1
    expect((await query(source, { fromBlock: next, ...LOGS })).some(({ logs }) => logs.length > 0)).toBe(true)
  })

  it('refuses what it cannot filter with 400, and is asked again (503) when no endpoint answers in time', async () => {
    const { start } = await scene(60, 1)
    const source = await start()
    const post = (body: string) => fetch(`${source.gatewayUrl}/query`, { method: 'POST', body })
    expect((await post('{')).status).toBe(400)
    expect((await post(JSON.stringify({ fromBlock: 1, transactions: [{ to: [TOKEN] }] }))).status).toBe(400)
    expect((await post(JSON.stringify({ fromBlock: 58, ...LOGS }))).status).toBe(503)
    expect((await fetch(`${source.gatewayUrl}/nothing`)).status).toBe(404)
  })

  it('passes the range of an upstream gateway through, and serves what is above it', async () => {
    const { start } = await scene(60, 1)
    const asked: string[] = []
    const upstream = createServer((request, response) => {
      asked.push(String(request.url))
      response.end(request.url === '/height' ? '30' : `http://127.0.0.1:1/worker-of${request.url}`)
    })
    await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve))
    onTestFinished(async () => {
      upstream.closeAllConnections()
      await new Promise((resolve) => upstream.close(resolve))
    })
    const gatewayUrl = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`
    const source = await start({ gatewayUrl })
    expect(await (await fetch(`${source.gatewayUrl}/height`)).text()).toBe('55')
    expect(await (await fetch(`${source.gatewayUrl}/7/worker`)).text()).toBe(
      'http://127.0.0.1:1/worker-of/7/worker',
    )
    expect(await (await fetch(`${source.gatewayUrl}/31/worker`)).text()).toBe(`${source.gatewayUrl}/query`)
    expect(asked).toContain('/7/worker')
    expect((await query(source, { fromBlock: 31, ...LOGS })).at(-1)?.header.number).toBe(55)
    expect(hex(55)).toBe('0x37')
  })
})
