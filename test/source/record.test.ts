/** Recording from a real node, and replaying what was recorded. */
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startWorld, type World } from '../../demo/world'
import { harbor } from '../../src/chains/harbor'
import { readCapture } from '../../src/source/capture'
import { startGateway } from '../../src/source/gateway'
import { recordCapture } from '../../src/source/record'
import { testDatabase } from '../support/database'
import { spawnProcessor } from '../support/processor'

const dir = mkdtempSync(join(tmpdir(), 'plimsoll-record-'))
let world: World
let head: number

/** An endpoint that forwards to the node and may spoil an answer. */
async function spoiled(
  spoil: (method: string, params: unknown[], result: never) => unknown,
): Promise<{ url: string; server: Server }> {
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    let body = ''
    for await (const part of request) body += part
    const { id, method, params } = JSON.parse(body)
    const answered = await (
      await fetch(world.rpcUrl, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
    ).json()
    const result = spoil(method, params, (answered as { result: never }).result)
    if (result === 429) response.writeHead(429).end()
    else if (result instanceof Error)
      response.end(
        JSON.stringify({ jsonrpc: '2.0', id, error: { code: -32601, message: 'method not found' } }),
      )
    else response.end(JSON.stringify({ jsonrpc: '2.0', id, result }))
  }
  // The node may be gone before the last who asks.
  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server }
}

async function blocksOf(path: string): Promise<unknown[]> {
  const blocks = []
  for await (const { line: _, bytes: __, ...block } of readCapture(path)) blocks.push(block)
  return blocks
}

beforeAll(async () => {
  world = await startWorld({ chain: 'harbor', seed: 3, mining: 'manual' })
  for (let turn = 0; turn < 5; turn++) await world.step()
  head = Number(await world.client.getBlockNumber())
})

afterAll(async () => {
  await world.stop()
  rmSync(dir, { recursive: true, force: true })
})

describe('recording a chain', () => {
  it('round trip: the recorded blocks replay to the rows of the chain itself', async () => {
    const outFile = join(dir, 'world.ndjson.gz')
    const heights: number[] = []
    const recording = await recordCapture({
      rpcUrl: world.rpcUrl,
      from: 0,
      to: head,
      outFile,
      onProgress: ({ height }) => heights.push(height),
    })
    expect(recording).toMatchObject({ chainId: harbor.id, blocks: head + 1 })
    expect(heights).toEqual(Array.from({ length: head + 1 }, (_, i) => i))

    const gateway = await startGateway(outFile)
    const db = await testDatabase({ chainIds: [harbor.id] })
    const process = spawnProcessor({
      chain: harbor,
      databaseUrl: db.url,
      gatewayUrl: gateway.url,
      fromBlock: 0,
    })
    expect(await process.exited, process.output()).toBe(0)
    const logs = await world.client.getLogs({ fromBlock: 0n, toBlock: BigInt(head) })
    expect(recording.logs).toBe(logs.length)
    const { rows } = await db.pool.query('SELECT height, hash FROM block ORDER BY height')
    for (const row of rows) {
      const block = await world.client.getBlock({ blockNumber: BigInt(row.height) })
      expect(row.hash).toBe(block.hash)
    }
    expect(rows).toHaveLength(head + 1)
    const complete = await db.pool.query(
      'SELECT count(*)::int AS n, bool_and(complete) AS every FROM position',
    )
    expect(complete.rows[0].n).toBeGreaterThan(0)
    expect(complete.rows[0].every).toBe(true)
    await gateway.close()
    await db.drop()
  })

  it('over WebSocket, plain, and by receipts one by one gives the same blocks', async () => {
    const [a, b, c] = ['ws.ndjson', 'plain.ndjson', 'single.ndjson'].map((name) => join(dir, name)) as [
      string,
      string,
      string,
    ]
    const range = { from: head - 3, to: head }
    await recordCapture({ rpcUrl: world.wsUrl, ...range, outFile: a })
    await recordCapture({ rpcUrl: world.rpcUrl, ...range, outFile: b })
    const poor = await spoiled((method, _, result) =>
      method === 'eth_getBlockReceipts' ? new Error('no') : result,
    )
    await recordCapture({ rpcUrl: poor.url, ...range, outFile: c })
    poor.server.close()
    expect(await blocksOf(b)).toEqual(await blocksOf(a))
    expect(await blocksOf(c)).toEqual(await blocksOf(a))
  })

  it('outlasts an endpoint that is busy', async () => {
    let calls = 0
    const busy = await spoiled((_, __, result) => (calls++ % 3 === 0 ? 429 : result))
    await recordCapture({ rpcUrl: busy.url, from: head - 2, to: head, outFile: join(dir, 'busy.ndjson') })
    busy.server.close()
    expect(await blocksOf(join(dir, 'busy.ndjson'))).toHaveLength(3)
  })

  const lies: [string, (method: string, params: unknown[], result: never) => unknown, RegExp][] = [
    [
      'parents that do not link',
      (method, params, result) =>
        method === 'eth_getBlockByNumber' && Number(params[0]) === head - 1
          ? { ...(result as object), parentHash: `0x${'1'.repeat(64)}` }
          : result,
      /does not continue the block before it/,
    ],
    [
      'receipts of another block',
      (method, _, result) =>
        method === 'eth_getBlockReceipts'
          ? (result as object[]).map((receipt) => ({ ...receipt, blockHash: `0x${'1'.repeat(64)}` }))
          : result,
      /belongs to another block/,
    ],
    [
      'too few receipts',
      (method, _, result) => (method === 'eth_getBlockReceipts' ? (result as object[]).slice(1) : result),
      /transactions but \d+ receipts/,
    ],
  ]
  for (const [name, spoil, message] of lies) {
    it(`refuses ${name} and leaves no file`, async () => {
      const { url, server } = await spoiled(spoil)
      const outFile = join(dir, 'lie.ndjson.gz')
      await expect(recordCapture({ rpcUrl: url, from: head - 2, to: head, outFile })).rejects.toThrow(message)
      server.close()
      expect(existsSync(outFile)).toBe(false)
      expect(readdirSync(dir).filter((file) => file.includes('partial'))).toEqual([])
    })
  }

  it('names a block that does not exist and a range that is none', async () => {
    const outFile = join(dir, 'none.ndjson')
    await expect(
      recordCapture({ rpcUrl: world.rpcUrl, from: head + 5, to: head + 5, outFile }),
    ).rejects.toThrow(`no block ${head + 5}`)
    await expect(recordCapture({ rpcUrl: world.rpcUrl, from: 5, to: 4, outFile })).rejects.toThrow(
      'not a range',
    )
  })
})
